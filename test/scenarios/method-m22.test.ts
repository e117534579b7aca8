/** M22, three-level resolution (三级解纷): community outpost, street main force, district backstop. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { openInstallation, type Installation } from '../kit/installation.ts';
import { after, createReferralDesk, result, running, startOf } from '../kit/referral-desk.ts';
import type { ReferralDesk, ShownReferral } from '../kit/referral-desk.ts';
import { handlerOf, OPERATOR } from './county.ts';

let installation: Installation;
let desk: ReferralDesk;
beforeAll(async () => {
  const { dataFolder, url } = inject('installation');
  installation = await openInstallation(dataFolder, url);
  desk = createReferralDesk(installation, OPERATOR);
});
afterAll(() => installation.close());

const OUTPOST = handlerOf('t02-c01');
const STREET = handlerOf('t02');
const WOMEN = handlerOf('womens-federation');

/** A family matter begins in its community; the women's federation assists, the justice office guides. */
const registered = async (more: object = {}, dispute: object = {}): Promise<ShownReferral> => {
  const place = await desk.idOf('t02-c01-p1');
  return desk.mustOpen(OPERATOR, {
    dispute: await desk.openDispute({ category: 'FAMILY', place, ...dispute }),
    ...{ kind: 'ASSIGN', lead: null, playbook: 'M22', summary: '家庭纠纷，请社区前哨化解。', ...more },
  });
};

const atWork = async (): Promise<ShownReferral> => desk.must(OUTPOST, 'acceptReferral', await registered());

describe('The community outpost', () => {
  test('gets the number at once, and its limit runs from registration', async () => {
    const referral = await registered();
    expect(referral).toMatchObject({ step: 'dispatch', lead: { code: 't02-c01' } });
    expect(referral.number).toMatch(/^R20\d\d-\d{6}$/);
    expect(running(referral)).toEqual({
      acceptance: after(referral.openedAt, 1, 'WORKING_DAYS'),
      outpost: after(referral.openedAt, 7, 'DAYS'),
    });
    expect((await desk.mustRead(OUTPOST, referral.id)).nextActs).toEqual(['ACCEPT', 'RETURN']);
  });

  test('settles what it can; it closes when those who assist have reported too', async () => {
    let referral = await desk.must(OUTPOST, 'reportProgress', await atWork(), { note: '已上门调解。' });
    expect(referral.step).toBe('handle');
    referral = await desk.must(OUTPOST, 'submitFeedback', referral, result('AGREED_WRITTEN', '签订家庭协议。'));
    expect((await desk.refused(OPERATOR, 'closeReferral', referral)).message).toContain('Not everybody');
    referral = await desk.must(WOMEN, 'reportProgress', referral, { note: '已走访当事人。' });
    expect((await desk.must(OPERATOR, 'closeReferral', referral)).status).toBe('CLOSED');
  });

  test('hands up to the street only what it has tried, and never past the street', async () => {
    let referral = await atWork();
    const up = { to: await desk.idOf('t02'), note: '请街道主力化解。' };
    expect(await desk.refused(OUTPOST, 'forwardReferral', referral, up)).toMatchObject({
      ...{ code: 'BAD_USER_INPUT', message: expect.stringContaining('only after this level has tried') as string },
    });
    // Beginning is not trying.
    referral = await desk.must(OUTPOST, 'startHandling', referral);
    expect((await desk.refused(OUTPOST, 'forwardReferral', referral, up)).code).toBe('BAD_USER_INPUT');
    referral = await desk.must(OUTPOST, 'reportProgress', referral, { note: '调解两次未成。' });
    const past = { ...up, to: await desk.idOf('county') };
    expect((await desk.refused(OUTPOST, 'forwardReferral', referral, past)).message).toContain('one level at a time');

    referral = await desk.must(OUTPOST, 'forwardReferral', referral, up);
    const [{ id } = { id: '' }] = referral.children;
    let above = await desk.must(STREET, 'acceptReferral', await desk.mustRead(STREET, id));
    expect(above).toMatchObject({ from: { code: 't02-c01' }, responsible: { code: 't02' } });
    // The main force has its own limit, from when it came up to it.
    expect(running(above)).toEqual({ 'main-force': after(above.openedAt, 15, 'DAYS') });
    // The district is the backstop of the street in the same way.
    const backstop = { to: await desk.idOf('county'), note: '请区级兜底。' };
    expect((await desk.refused(STREET, 'forwardReferral', above, backstop)).code).toBe('BAD_USER_INPUT');
    above = await desk.must(STREET, 'reportProgress', above, { note: '联合司法所调解未成。' });
    above = await desk.must(STREET, 'forwardReferral', above, backstop);
    const [{ id: top } = { id: '' }] = above.children;
    const district = await desk.mustRead(OPERATOR, top);
    expect(running(district)).toMatchObject({ backstop: after(district.openedAt, 30, 'DAYS') });
    // What is with the street is still the outpost's to answer for: it does not close before.
    expect(await desk.mustRead(OPERATOR, referral.id)).toMatchObject({ responsible: { code: 't02-c01' } });
  });
});

describe('Many owners', () => {
  test('of one dispute are one matter, for which an expert panel is called', async () => {
    const owners = Array.from({ length: 83 }, (_, index) => ({
      ...{ name: `业主第${index + 1}`, role: 'APPLICANT', phone: `137${String(40_000_000 + index)}` },
    }));
    const company = { name: '物业公司', role: 'RESPONDENT', organisation: await desk.idOf('property-company-1') };
    let referral = await registered(
      { lead: await desk.idOf('t02'), assisting: [await desk.idOf('t02-c01')] },
      { category: 'PROPERTY_MANAGEMENT', parties: [...owners, company] },
    );
    referral = await desk.must(STREET, 'acceptReferral', referral);
    const panel = ['housing', 'justice', 'mediation-property'];
    referral = await desk.must(STREET, 'consultReferral', referral, {
      with: await Promise.all(panel.map((code) => desk.idOf(code))),
      ...{ heldAt: '2026-01-06T09:00:00+08:00', conclusion: '分三批调解，先确认收费标准。' },
    });
    expect(referral.step).toBe('panel');
    expect(referral.participants.map(({ organisation }) => organisation.code).sort()).toEqual([...panel, 't02-c01']);
    referral = await desk.must(STREET, 'submitFeedback', referral, result('AGREED_WRITTEN', '业主与物业达成协议。'));
    expect((await desk.refused(OPERATOR, 'closeReferral', referral)).message).toContain('Not everybody');
    for (const code of [...panel, 't02-c01'])
      referral = await desk.must(handlerOf(code), 'reportProgress', referral, { note: '已参与化解。' });
    expect((await desk.must(OPERATOR, 'closeReferral', referral)).status).toBe('CLOSED');
  });
});

describe('Domestic violence', () => {
  test('brings police, court and women’s federation together, in hours, and all of them report', async () => {
    let referral = await registered({ urgency: 'URGENT' }, { category: 'DOMESTIC_VIOLENCE' });
    expect(referral.lead.code).toBe('station-t02');
    const together = ['civil-affairs-t02', 'tribunal-t02', 'womens-federation'];
    expect(referral.participants.map(({ organisation }) => organisation.code).sort()).toEqual(together);
    expect(running(referral)).toEqual({ 'acceptance-urgent': after(referral.openedAt, 2, 'HOURS') });
    const station = handlerOf('station-t02');
    referral = await desk.must(station, 'acceptReferral', referral);
    expect(running(referral)).toEqual({
      'handling-urgent': after(startOf(referral, 'handling-urgent'), 3, 'WORKING_DAYS'),
    });
    referral = await desk.must(
      station,
      'submitFeedback',
      referral,
      result('SUPPORTED', '出具告诫书，协助申请保护令。'),
    );
    for (const code of together) {
      expect((await desk.refused(OPERATOR, 'closeReferral', referral)).message).toContain('Not everybody');
      referral = await desk.must(handlerOf(code), 'reportProgress', referral, { note: '已落实保护措施。' });
    }
    expect((await desk.must(OPERATOR, 'closeReferral', referral)).status).toBe('CLOSED');
  });
});
