/** M21, three-source county platform (三源共治): what is assigned is acted on, or gets a red card after 15 days. */
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

const POLICE = handlerOf('police');
const COURT = handlerOf('court');
const MEDIATION = handlerOf('mediation');
const MICRO_GRID = handlerOf('t02-c01-p1-g1-m1');
const GRID = handlerOf('t02-c01-p1-g1');

/** Every report enters one system and is dispatched. */
const assigned = async (more: object = {}): Promise<ShownReferral> =>
  desk.mustOpen(OPERATOR, {
    dispute: await desk.openDispute({ channel: 'GRID_WORKER' }),
    ...{ kind: 'ASSIGN', lead: await desk.idOf('police'), playbook: 'M21', summary: '网格员上报纠纷。', ...more },
  });

describe('The red card’s clock', () => {
  test('runs from assignment and is stopped by what is done, not by accepting', async () => {
    let referral = await assigned();
    const redCard = after(referral.openedAt, 15, 'DAYS');
    expect(running(referral)).toEqual({ acceptance: after(referral.openedAt, 1, 'WORKING_DAYS'), 'red-card': redCard });
    expect(referral.clocks.find(({ name }) => name === 'red-card')?.basis).toBe('三源共治');
    referral = await desk.must(POLICE, 'acceptReferral', referral);
    expect(running(referral)).toMatchObject({ 'red-card': redCard });
    referral = await desk.must(POLICE, 'reportProgress', referral, { note: '已约双方到所调解。' });
    expect(Object.keys(running(referral))).toEqual(['handling']);
    referral = await desk.must(POLICE, 'submitFeedback', referral, result('AGREED_ORAL', '双方当场和好。'));
    referral = await desk.must(OPERATOR, 'closeReferral', referral);
    expect(referral.events.map(({ type }) => type)).not.toContain('RED_CARD');
  });

  test.each(['startHandling', 'consultReferral', 'forwardReferral'] as const)(
    'is stopped by %s as well',
    async (act) => {
      const accepted = await desk.must(POLICE, 'acceptReferral', await assigned());
      const inputs = {
        startHandling: {},
        consultReferral: {
          with: [await desk.idOf('t02')],
          heldAt: '2026-01-15T09:00:00+08:00',
          conclusion: '半月例会研究。',
        },
        forwardReferral: { to: await desk.idOf('station-t02'), note: '请派出所办理。' },
      };
      expect(running(await desk.must(POLICE, act, accepted, inputs[act]))).not.toHaveProperty('red-card');
    },
  );

  test('is not stopped by asking to give it back; whoever is asked next has 15 days anew', async () => {
    let referral = await assigned();
    const first = { 'red-card': after(referral.openedAt, 15, 'DAYS') };
    referral = await desk.must(POLICE, 'returnReferral', referral, { note: '属物业纠纷。' });
    expect(running(referral)).toMatchObject(first);
    referral = await desk.must(OPERATOR, 'decideReturn', referral, { agree: true, note: '同意。' });
    // Now it is the sender's to send on.
    expect(running(referral)).toEqual({ redirection: after(startOf(referral, 'redirection'), 2, 'WORKING_DAYS') });
    referral = await desk.must(OPERATOR, 'redirectReferral', referral, {
      to: await desk.idOf('t02'),
      reason: '街道主办。',
    });
    expect(referral.lead.code).toBe('t02');
    const cards = referral.clocks.filter(({ name }) => name === 'red-card');
    expect(cards.map(({ stoppedAt }) => stoppedAt !== null)).toEqual([true, false]);
    expect(running(referral)).toMatchObject({ 'red-card': after(startOf(referral, 'red-card'), 15, 'DAYS') });
  });
});

describe('From the micro-grid to the court’s mediators', () => {
  test('what the micro-grid finds it reports to its grid, with the same clock', async () => {
    const place = await desk.idOf('t02-c01-p1-g1-m1');
    const reported = await desk.mustOpen(MICRO_GRID, {
      dispute: await desk.openDispute({ place, channel: 'GRID_WORKER' }, MICRO_GRID),
      ...{
        kind: 'REPORT_UP',
        lead: await desk.idOf('t02-c01-p1-g1'),
        playbook: 'M21',
        summary: '隐患：楼道飞线充电。',
      },
    });
    expect(running(reported)).toHaveProperty('red-card');
    let referral = await desk.must(GRID, 'acceptReferral', reported);
    referral = await desk.must(GRID, 'submitFeedback', referral, result('SETTLED', '已拆除飞线。'));
    expect((await desk.must(MICRO_GRID, 'closeReferral', referral)).status).toBe('CLOSED');
  });

  test('before suit it is diverted, resolved, and tracked: the law’s 30 days stand beside the red card', async () => {
    let referral = await desk.mustOpen(COURT, {
      dispute: await desk.openDispute({ category: 'CONTRACT', channel: 'COURT_PLATFORM' }, COURT),
      ...{ kind: 'DELEGATE_MEDIATION', lead: null, playbook: 'M21', summary: '诉前委派调解。' },
    });
    expect(referral.lead.code).toBe('mediation');
    referral = await desk.must(MEDIATION, 'acceptReferral', referral);
    expect(running(referral)).toEqual({
      'red-card': after(referral.openedAt, 15, 'DAYS'),
      'delegated-mediation': after(startOf(referral, 'delegated-mediation'), 30, 'DAYS', true),
    });
    referral = await desk.must(MEDIATION, 'submitFeedback', referral, result('AGREED_WRITTEN', '达成调解协议。'));
    referral = await desk.must(COURT, 'closeReferral', referral);
    const visit = { visitedAt: '2026-01-20T09:00:00+08:00', holds: true, interviewed: 2 };
    expect(await desk.must(COURT, 'recordReturnVisit', referral, visit)).toMatchObject({
      status: 'CLOSED',
      step: 'visit',
    });
  });
});
