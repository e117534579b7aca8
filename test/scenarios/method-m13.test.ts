/** M13, one-stop platform in six steps (六步接办): whistle, report, consult, carry out, feed back, rate. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { openInstallation, type Installation } from '../kit/installation.ts';
import { after, createReferralDesk, pressing, result, running, startOf } from '../kit/referral-desk.ts';
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

const HOUSING = handlerOf('housing');
const STREET = handlerOf('t02');

/** A matter of water pipes: the responsibility list says that housing leads. */
const whistle = async (): Promise<ShownReferral> =>
  desk.mustOpen(OPERATOR, {
    dispute: await desk.openDispute({ category: 'UTILITIES' }),
    ...{ kind: 'WHISTLE', lead: null, playbook: 'M13', summary: '小区停水，请住建局报到。' },
  });

/** Until when the street has to see to it: far enough for whenever this runs. */
const STREETS_DAY = '2099-01-09T10:00:00.000Z';

const consultation = async () => ({
  with: [await desk.idOf('t02')],
  heldAt: '2026-01-06T14:00:00+08:00',
  conclusion: '住建局更换管道，街道安抚居民。',
  tasks: [{ organisation: await desk.idOf('t02'), task: '临时供水。', dueAt: STREETS_DAY }],
});

const consulted = async (): Promise<ShownReferral> =>
  desk.must(
    HOUSING,
    'consultReferral',
    await desk.must(HOUSING, 'acceptReferral', await whistle()),
    await consultation(),
  );

describe('The six steps', () => {
  test('are gone through one after another, each with its limit, until all three sides have rated', async () => {
    let referral = await whistle();
    expect(referral).toMatchObject({ step: 'whistle', lead: { code: 'housing' }, responsible: { code: 'centre' } });
    expect(running(referral)).toEqual({ report: after(referral.openedAt, 1, 'WORKING_DAYS') });

    referral = await desk.must(HOUSING, 'acceptReferral', referral);
    expect(referral).toMatchObject({ step: 'report', responsible: { code: 'housing' } });
    expect(running(referral)).toEqual({ consult: after(startOf(referral, 'consult'), 3, 'WORKING_DAYS') });
    referral = await desk.must(HOUSING, 'startHandling', referral);
    expect(referral).toMatchObject({ step: 'consult', status: 'IN_HANDLING' });

    referral = await desk.must(HOUSING, 'consultReferral', referral, await consultation());
    expect(referral).toMatchObject({
      step: 'carry-out',
      participants: [{ organisation: { code: 't02' }, role: 'ASSISTING' }],
    });
    const carryOut = { 'carry-out': after(startOf(referral, 'carry-out'), 15, 'DAYS') };
    expect(running(referral)).toEqual({ ...carryOut, task: STREETS_DAY });
    expect(pressing(referral)).toEqual({ 'carry-out': 'housing', task: 't02' });
    referral = await desk.must(STREET, 'reportProgress', referral, { note: '已送水上门。' });
    expect(referral.participants[0]?.reportedAt).not.toBeNull();
    expect(running(referral)).toEqual(carryOut);

    referral = await desk.must(HOUSING, 'submitFeedback', referral, result('PERFORMED', '管道已更换，恢复供水。'));
    expect(referral.step).toBe('feed-back');
    expect(running(referral)).toEqual({ rate: after(startOf(referral, 'rate'), 7, 'DAYS') });
    expect(pressing(referral)).toEqual({ rate: 'centre' });

    const close = () => desk.refused(OPERATOR, 'closeReferral', referral);
    expect((await close()).message).toContain('PERSON, WHISTLER, RESPONDER');
    referral = await desk.must(OPERATOR, 'rateReferral', referral, { by: 'PERSON', score: 5 });
    expect(referral.step).toBe('rate');
    expect((await close()).message).toContain('WHISTLER, RESPONDER');
    referral = await desk.must(OPERATOR, 'rateReferral', referral, { by: 'WHISTLER', score: 4 });
    expect((await close()).message).toContain('RESPONDER');
    // Each side rates for itself.
    const foreign = await desk.refused(OPERATOR, 'rateReferral', referral, { by: 'RESPONDER', score: 5 });
    expect(foreign.code).toBe('FORBIDDEN');
    referral = await desk.must(HOUSING, 'rateReferral', referral, { by: 'RESPONDER', score: 5, comment: '配合顺畅。' });
    referral = await desk.must(OPERATOR, 'closeReferral', referral);
    expect(referral).toMatchObject({ status: 'CLOSED', step: 'rate', responsible: null });
    expect(running(referral)).toEqual({});
    expect(referral.ratings.map(({ by }) => by).sort()).toEqual(['PERSON', 'RESPONDER', 'WHISTLER']);
  });
});

describe('Consultation', () => {
  test('comes before anything is carried out: nothing is fed back without it, from no step', async () => {
    let referral = await desk.must(HOUSING, 'acceptReferral', await whistle());
    const feedBack = () => desk.refused(HOUSING, 'submitFeedback', referral, result('PERFORMED', '已办。'));
    expect((await feedBack()).code).toBe('ILLEGAL_TRANSITION');
    referral = await desk.must(HOUSING, 'reportProgress', referral, { note: '已看现场。' });
    expect(referral.step).toBe('consult');
    expect(referral.nextActs).toContain('CONSULT');
    expect(referral.nextActs).not.toContain('FEEDBACK');
    expect((await feedBack()).code).toBe('ILLEGAL_TRANSITION');
    referral = await desk.must(HOUSING, 'consultReferral', referral, await consultation());
    expect(referral.nextActs).toContain('FEEDBACK');
  });

  test('is not held with nobody, nor in the future', async () => {
    const referral = await desk.must(HOUSING, 'acceptReferral', await whistle());
    const held = await consultation();
    const nobody = await desk.refused(HOUSING, 'consultReferral', referral, { ...held, with: [] });
    expect(nobody.code).toBe('BAD_USER_INPUT');
    const tomorrow = await desk.refused(HOUSING, 'consultReferral', referral, {
      ...{ ...held, heldAt: '2099-01-01T09:00:00+08:00', tasks: [] },
    });
    expect(tomorrow.code).toBe('BAD_USER_INPUT');
  });

  test('is held anew for what did not last', async () => {
    let referral = await consulted();
    referral = await desk.must(HOUSING, 'submitFeedback', referral, result('PERFORMED', '已修复。'));
    for (const [who, by] of [
      [OPERATOR, 'PERSON'],
      [OPERATOR, 'WHISTLER'],
      [HOUSING, 'RESPONDER'],
    ] as const)
      referral = await desk.must(who, 'rateReferral', referral, { by, score: 4 });
    referral = await desk.must(OPERATOR, 'closeReferral', referral);
    referral = await desk.must(OPERATOR, 'recordReturnVisit', referral, {
      ...{ visitedAt: '2026-01-12T09:00:00+08:00', holds: false, interviewed: 3, note: '又停水了。' },
    });
    expect(referral).toMatchObject({ status: 'IN_HANDLING', step: 'consult', responsible: { code: 'housing' } });
    expect(running(referral)).toEqual({ consult: after(startOf(referral, 'consult'), 3, 'WORKING_DAYS') });
    const early = await desk.refused(HOUSING, 'submitFeedback', referral, result('PERFORMED', '再次修复。'));
    expect(early.code).toBe('ILLEGAL_TRANSITION');
  });
});
