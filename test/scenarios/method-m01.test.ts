/** M01, full-cycle source governance (全周期诉源治理): one number for every channel, a first response in time. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { openInstallation, until, type Installation } from '../kit/installation.ts';
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

const STREET = handlerOf('t02');
const COURT = handlerOf('court');
const MEDIATION = handlerOf('mediation');
const TRIBUNAL = handlerOf('tribunal-t02');
const HOUSING = handlerOf('housing');
const CHANNELS =
  'WALK_IN VISIT PHONE LETTER ONLINE APP QR_CODE VIDEO HOTLINE_12345 COURT_12368 COURT_PLATFORM GRID_WORKER'.split(' ');

/** A street asks the court for help. */
const request = async (more: object = {}): Promise<ShownReferral> =>
  desk.mustOpen(STREET, {
    dispute: await desk.openDispute({ category: 'PROPERTY_MANAGEMENT' }, STREET),
    ...{
      kind: 'WHISTLE',
      lead: await desk.idOf('court'),
      playbook: 'M01',
      summary: '请法院指导群体物业纠纷。',
      ...more,
    },
  });

const delegated = async (more: object = {}): Promise<ShownReferral> =>
  desk.mustOpen(COURT, {
    dispute: await desk.openDispute({ category: 'CONTRACT', channel: 'COURT_PLATFORM' }, COURT),
    ...{ kind: 'DELEGATE_MEDIATION', lead: null, playbook: 'M01', summary: '诉前委派调解。', ...more },
  });

describe('One number', () => {
  test('takes in twelve channels alike, and each has its first response to give', async () => {
    for (const channel of CHANNELS) {
      const dispute = await desk.openDispute({ channel }, STREET);
      const referral = await request({ dispute });
      expect(referral).toMatchObject({ step: 'dispatch', number: expect.stringMatching(/^R20\d\d-\d{6}$/) as string });
      expect(running(referral)).toHaveProperty('first-response');
    }
  });
});

describe('The first response', () => {
  test('is due in two working days from the request; accepting it is the response', async () => {
    let referral = await request();
    expect(running(referral)).toEqual({
      acceptance: after(referral.openedAt, 1, 'WORKING_DAYS'),
      'first-response': after(referral.openedAt, 2, 'WORKING_DAYS'),
    });
    referral = await desk.must(COURT, 'acceptReferral', referral);
    expect(referral.step).toBe('accept');
    expect(running(referral)).toEqual({ handling: after(startOf(referral, 'handling'), 15, 'DAYS') });
  });

  test('was promised to the street: giving the request back and asking another does not begin it again', async () => {
    const opened = await request();
    const promised = { 'first-response': after(opened.openedAt, 2, 'WORKING_DAYS') };
    let referral = await desk.must(COURT, 'returnReferral', opened, { note: '请人民法庭就近指导。' });
    referral = await desk.must(STREET, 'decideReturn', referral, { agree: true, note: '同意。' });
    expect(running(referral)).toEqual({
      ...promised,
      redirection: after(startOf(referral, 'redirection'), 2, 'WORKING_DAYS'),
    });
    const tribunal = { to: await desk.idOf('tribunal-t02'), reason: '就近。' };
    referral = await desk.must(STREET, 'redirectReferral', referral, tribunal);
    expect(running(referral)).toMatchObject(promised);
    expect(running(await desk.must(TRIBUNAL, 'acceptReferral', referral))).not.toHaveProperty('first-response');
  });

  test('of a critical request takes the fast lane: in four hours, or it is said', async () => {
    const referral = await request({ urgency: 'CRITICAL' });
    expect(running(referral)).toMatchObject({
      'acceptance-critical': after(referral.openedAt, 1, 'HOURS'),
      'fast-lane': after(referral.openedAt, 4, 'HOURS'),
    });
    await desk.advance('5h');
    const late = await until('the fast lane is red', async () => {
      const shown = await desk.mustRead(COURT, referral.id);
      return shown.clocks.find(({ name }) => name === 'fast-lane')?.light === 'RED' ? shown : null;
    });
    expect(late.events.some(({ type, actor }) => type === 'SUPERVISED' && actor.system)).toBe(true);
    const taken = await desk.must(COURT, 'acceptReferral', late);
    expect(running(taken)).toEqual({ 'handling-critical': after(startOf(taken, 'handling-critical'), 24, 'HOURS') });
  });
});

describe('Delegated mediation', () => {
  test('has 30 days; the court guides it, and what is agreed has a green channel to confirmation', async () => {
    let referral = await delegated({ guiding: [await desk.idOf('tribunal-t02')] });
    expect(referral.lead.code).toBe('mediation');
    referral = await desk.must(MEDIATION, 'acceptReferral', referral);
    expect(running(referral)).toEqual({
      'delegated-mediation': after(startOf(referral, 'delegated-mediation'), 30, 'DAYS', true),
    });
    referral = await desk.must(TRIBUNAL, 'reportProgress', referral, { note: '法官助理跟进，法官指导。' });
    referral = await desk.must(MEDIATION, 'submitFeedback', referral, result('AGREED_WRITTEN', '达成调解协议。'));
    // The green channel: by whoever mediated, to the court near the place.
    const { id } = await desk.mustOpen(MEDIATION, {
      ...{ dispute: await desk.disputeOf(MEDIATION, referral.id), kind: 'JUDICIAL_CONFIRMATION', lead: null },
      ...{ playbook: 'M01', summary: '申请司法确认。' },
    });
    expect((await desk.must(COURT, 'closeReferral', referral)).status).toBe('CLOSED');
    let confirmation = await desk.must(TRIBUNAL, 'acceptReferral', await desk.mustRead(TRIBUNAL, id));
    expect(running(confirmation)).toEqual({
      'judicial-confirmation': after(startOf(confirmation, 'judicial-confirmation'), 30, 'DAYS', true),
    });
    confirmation = await desk.must(TRIBUNAL, 'submitFeedback', confirmation, result('CONFIRMED', '裁定协议有效。'));
    expect((await desk.must(MEDIATION, 'closeReferral', confirmation)).status).toBe('CLOSED');
  });
});

describe('A judicial suggestion', () => {
  test('is answered in two months, copied to the superior, and followed up by a visit', async () => {
    const suggestion = {
      kind: 'JUDICIAL_SUGGESTION',
      lead: await desk.idOf('housing'),
      summary: '建议规范物业合同备案。',
    };
    let referral = await delegated(suggestion);
    expect(running(referral)).toEqual({
      acceptance: after(referral.openedAt, 1, 'WORKING_DAYS'),
      'judicial-suggestion': after(referral.openedAt, 2, 'MONTHS', true),
    });
    const dispute = await desk.disputeOf(COURT, referral.id);
    const county = handlerOf('county');
    const copy = { dispute, kind: 'INFORMATION', lead: await desk.idOf('county'), playbook: 'M01', summary: '抄送。' };
    const copied = await desk.must(county, 'acceptReferral', await desk.mustOpen(COURT, copy));
    // A copy asks for no answer.
    expect((await desk.must(COURT, 'closeReferral', copied)).status).toBe('CLOSED');

    referral = await desk.must(HOUSING, 'acceptReferral', referral);
    referral = await desk.must(HOUSING, 'submitFeedback', referral, result('PERFORMED', '已出台备案办法。'));
    referral = await desk.must(COURT, 'closeReferral', referral);
    expect(running(referral)).toEqual({ 'suggestion-visit': after(startOf(referral, 'suggestion-visit'), 30, 'DAYS') });
    const visit = { visitedAt: '2026-01-20T09:00:00+08:00', holds: true, interviewed: 3 };
    expect(running(await desk.must(COURT, 'recordReturnVisit', referral, visit))).toEqual({});
  });
});
