/** M14, resolve, sort, order (化分治): where several are competent the petition bureau leads, and everybody reports. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { openInstallation, type Installation } from '../kit/installation.ts';
import { after, createReferralDesk, inWriting, pressing, result, running, startOf } from '../kit/referral-desk.ts';
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

const PETITIONS = handlerOf('petitions');
const HOUSING = handlerOf('housing');
const ENFORCEMENT = handlerOf('urban-management');
const JUSTICE = handlerOf('justice');
const COURT = handlerOf('court');

/** A wall broken through: housing and urban management may both be competent. */
const petition = async (more: object = {}): Promise<ShownReferral> =>
  desk.mustOpen(OPERATOR, {
    dispute: await desk.openDispute({ category: 'RENOVATION', channel: 'LETTER' }),
    ...{ kind: 'ASSIGN', lead: null, playbook: 'M14', summary: '楼上装修拆承重墙。', ...more },
  });

const joined = async () => ({
  with: [await desk.idOf('housing'), await desk.idOf('urban-management')],
  heldAt: '2026-01-06T14:00:00+08:00',
  conclusion: '住建认定，执法责令恢复。',
});

describe('Several departments or unclear powers', () => {
  test('the petition bureau leads, the departments assist, the legal department guides', async () => {
    const referral = await petition();
    expect(referral).toMatchObject({ lead: { code: 'petitions' }, step: 'dispatch' });
    const roles = referral.participants.map(({ organisation, role }) => [organisation.code, role]);
    expect(roles.sort()).toEqual([
      ...[
        ['housing', 'ASSISTING'],
        ['justice', 'GUIDING'],
        ['urban-management', 'ASSISTING'],
      ],
    ]);
    expect(referral.legalBasis).toContain('信访工作条例第二十四条');
    const acts = async (who: typeof HOUSING) => (await desk.mustRead(who, referral.id)).nextActs;
    expect(await acts(PETITIONS)).toEqual(['ACCEPT', 'RETURN']);
    expect(await acts(HOUSING)).toEqual([]);
  });

  test('it is sorted, resolved together and closed when every department has reported', async () => {
    let referral = await desk.must(PETITIONS, 'acceptReferral', await petition());
    expect(referral).toMatchObject({ step: 'sort', responsible: { code: 'petitions' } });
    const accepted = startOf(referral, 'sorting');
    // The limit of the regulations is the petition's, and names its article.
    expect(running(referral)).toEqual({
      'petition-conclusion': after(accepted, 60, 'DAYS', true),
      sorting: after(accepted, 5, 'WORKING_DAYS'),
    });
    expect(referral.clocks.find(({ name }) => name === 'petition-conclusion')?.basis).toBe('信访工作条例 34');

    referral = await desk.must(PETITIONS, 'consultReferral', referral, await joined());
    expect(referral.step).toBe('handle');
    expect(running(referral)).toEqual({
      'petition-conclusion': after(accepted, 60, 'DAYS', true),
      assistance: after(startOf(referral, 'assistance'), 7, 'WORKING_DAYS'),
    });
    referral = await desk.must(HOUSING, 'reportProgress', referral, { note: '已鉴定，属承重墙。' });
    referral = await desk.must(JUSTICE, 'reportProgress', referral, { note: '适用条款已书面说明。' });
    referral = await desk.must(PETITIONS, 'submitFeedback', referral, result('SETTLED', '责令恢复，信访人认可。'));
    const silent = await desk.refused(OPERATOR, 'closeReferral', referral);
    expect(silent).toMatchObject({ code: 'ILLEGAL_TRANSITION', message: 'Not everybody who takes part has reported.' });
    referral = await desk.must(ENFORCEMENT, 'reportProgress', referral, { note: '已下达责令改正通知。' });
    expect((await desk.must(OPERATOR, 'closeReferral', referral)).status).toBe('CLOSED');
  });

  test('whoever guides need not report, and nobody but the bureau feeds back', async () => {
    let referral = await desk.must(PETITIONS, 'acceptReferral', await petition());
    referral = await desk.must(PETITIONS, 'consultReferral', referral, await joined());
    expect((await desk.refused(HOUSING, 'submitFeedback', referral, result('SETTLED', '已办。'))).code).toBe(
      'FORBIDDEN',
    );
    referral = await desk.must(HOUSING, 'reportProgress', referral, { note: '已鉴定。' });
    referral = await desk.must(ENFORCEMENT, 'reportProgress', referral, { note: '已整改。' });
    referral = await desk.must(PETITIONS, 'submitFeedback', referral, result('SETTLED', '已化解。'));
    expect((await desk.must(OPERATOR, 'closeReferral', referral)).status).toBe('CLOSED');
  });

  test('the limit runs on when the bureau gives it back, and is the next one’s', async () => {
    let referral = await desk.must(PETITIONS, 'acceptReferral', await petition());
    const conclusion = { 'petition-conclusion': after(startOf(referral, 'sorting'), 60, 'DAYS', true) };
    referral = await desk.must(PETITIONS, 'returnReferral', referral, { note: '应由住建局主办。' });
    expect(pressing(referral)).toMatchObject({ 'petition-conclusion': 'petitions', 'return-decision': 'centre' });
    referral = await desk.must(OPERATOR, 'decideReturn', referral, { agree: true, note: '同意。' });
    expect(running(referral)).toEqual({
      ...conclusion,
      redirection: after(startOf(referral, 'redirection'), 2, 'WORKING_DAYS'),
    });
    expect(pressing(referral)).toEqual({ 'petition-conclusion': 'centre', redirection: 'centre' });
    const housing = { to: await desk.idOf('housing'), reason: '承重墙由住建局认定。' };
    referral = await desk.must(OPERATOR, 'redirectReferral', referral, housing);
    expect(running(await desk.must(HOUSING, 'acceptReferral', referral))).toMatchObject(conclusion);
  });
});

describe('The statutory path', () => {
  test('what is for the court goes there, and the petitioner is told who handles it and how', async () => {
    let referral = await desk.must(PETITIONS, 'acceptReferral', await petition());
    referral = await desk.must(PETITIONS, 'forwardReferral', referral, {
      ...{ to: await desk.idOf('court'), kind: 'STATUTORY_PATH', note: '赔偿争议依法诉讼解决。' },
    });
    const [{ id } = { id: '' }] = referral.children;
    let path = await desk.must(COURT, 'acceptReferral', await desk.mustRead(COURT, id));
    expect(path).toMatchObject({ kind: 'STATUTORY_PATH', from: { code: 'petitions' }, parent: null });
    const due = after(startOf(path, 'statutory-path'), 5, 'WORKING_DAYS');
    const handling = after(startOf(path, 'handling'), 15, 'DAYS');
    expect(running(path)).toEqual({ 'statutory-path': due, handling });
    const untold = { ...result('STATUTORY_PATH', '由民一庭办理，可网上立案。'), partiesInformed: [] };
    path = await desk.must(COURT, 'submitFeedback', path, untold);
    expect((await desk.refused(PETITIONS, 'closeReferral', path)).message).toContain('must have been told');
    path = await desk.must(COURT, 'submitFeedback', path, result('STATUTORY_PATH', '由民一庭办理，可网上立案。'));
    // By telephone is not enough: which path there is, who handles it and how they have in writing.
    expect((await desk.refused(PETITIONS, 'closeReferral', path)).message).toContain('in writing');
    path = await desk.must(COURT, 'submitFeedback', path, inWriting('STATUTORY_PATH', '由民一庭办理，可网上立案。'));
    expect((await desk.must(PETITIONS, 'closeReferral', path)).status).toBe('CLOSED');
  });

  test('that the responsibility list has for a matter is shown with it, and told before it closes', async () => {
    const dispute = await desk.openDispute({ category: 'ADMINISTRATIVE', channel: 'LETTER' });
    let referral = await petition({ dispute, summary: '对镇里的决定不服。' });
    expect(referral.statutoryPath).toEqual({ nameZh: '行政复议', basis: '行政复议法第十一条' });
    referral = await desk.must(PETITIONS, 'acceptReferral', referral);
    for (const { organisation } of referral.participants)
      referral = await desk.must(handlerOf(organisation.code), 'reportProgress', referral, { note: '已提出意见。' });
    referral = await desk.must(PETITIONS, 'submitFeedback', referral, result('STATUTORY_PATH', '可申请行政复议。'));
    expect((await desk.refused(OPERATOR, 'closeReferral', referral)).message).toContain('in writing');
    referral = await desk.must(PETITIONS, 'submitFeedback', referral, inWriting('STATUTORY_PATH', '可申请行政复议。'));
    expect(referral.feedback.map(({ partiesInformed: [told] }) => told?.pathInWriting)).toEqual([false, true]);
    const closed = await desk.must(OPERATOR, 'closeReferral', referral);
    expect(closed.status).toBe('CLOSED');
  });
});
