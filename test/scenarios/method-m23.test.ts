/** M23, three small tools (小灵通、小天平、小喇叭): up only when the level below has tried. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { openInstallation, type Installation } from '../kit/installation.ts';
import { after, createReferralDesk, result, running } from '../kit/referral-desk.ts';
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

const GROUP = handlerOf('t02-c01-p1-g1-m1');
const BUILDING = handlerOf('t02-c01-p1-g1');
const COMPOUND = handlerOf('t02-c01-p1');
const COMMUNITY = handlerOf('t02-c01');

/** An early sign from a resident, taken down by the micro-grid. */
const sign = async (): Promise<ShownReferral> => {
  const place = await desk.idOf('t02-c01-p1-g1-m1');
  return desk.mustOpen(GROUP, {
    dispute: await desk.openDispute({ place, channel: 'GRID_WORKER' }, GROUP),
    kind: 'ASSIGN',
    lead: await desk.idOf('t02-c01-p1-g1'),
    playbook: 'M23',
    summary: '楼上楼下因噪音不和。',
  });
};

/** The level above takes what this one has tried in vain. */
async function handUp(from: typeof BUILDING, to: typeof BUILDING, referral: ShownReferral): Promise<ShownReferral> {
  const tried = await desk.must(from, 'reportProgress', referral, { note: '调处未成。' });
  const handed = await desk.must(from, 'forwardReferral', tried, { to: await desk.idOf(to.org), note: '请上级调处。' });
  const child = handed.children.at(-1);
  if (!child) throw new Error('Nothing was handed up.');
  return desk.must(to, 'acceptReferral', await desk.mustRead(to, child.id));
}

const settle = async (lead: typeof BUILDING, sender: typeof BUILDING, id: string): Promise<ShownReferral> => {
  const told = await desk.must(
    lead,
    'submitFeedback',
    await desk.mustRead(lead, id),
    result('AGREED_ORAL', '双方和好。'),
  );
  return desk.must(sender, 'closeReferral', told);
};

describe('A small matter', () => {
  test('is heard of early, mediated fairly where it began, and the good end is spread', async () => {
    let referral = await sign();
    expect(referral).toMatchObject({ step: 'dispatch', lead: { code: 't02-c01-p1-g1' } });
    expect(running(referral)).toEqual({
      acceptance: after(referral.openedAt, 1, 'WORKING_DAYS'),
      building: after(referral.openedAt, 3, 'DAYS'),
    });
    referral = await desk.must(BUILDING, 'acceptReferral', referral);
    referral = await desk.must(BUILDING, 'reportProgress', referral, { note: '请楼栋长主持，双方同意安静时段。' });
    expect(referral.step).toBe('handle');
    referral = await settle(BUILDING, GROUP, referral.id);
    expect(running(referral)).toEqual({});
    const visit = { visitedAt: '2026-01-09T19:00:00+08:00', holds: true, interviewed: 4, note: '在楼栋群宣传。' };
    referral = await desk.must(GROUP, 'recordReturnVisit', referral, visit);
    expect(referral).toMatchObject({ status: 'CLOSED', step: 'visit', responsible: null });
  });

  test('that comes up again is mediated again where it began', async () => {
    const accepted = await desk.must(BUILDING, 'acceptReferral', await sign());
    const closed = await settle(BUILDING, GROUP, accepted.id);
    const visit = { visitedAt: '2026-01-09T19:00:00+08:00', holds: false, interviewed: 2, note: '又吵起来。' };
    const again = await desk.must(GROUP, 'recordReturnVisit', closed, visit);
    expect(again).toMatchObject({ status: 'IN_HANDLING', step: 'handle', responsible: { code: 't02-c01-p1-g1' } });
    expect(running(again)).toHaveProperty('building');
    // Having tried the first time does not count for the second.
    const up = { to: await desk.idOf('t02-c01-p1'), note: '请苑区调处。' };
    expect((await desk.refused(BUILDING, 'forwardReferral', again, up)).code).toBe('BAD_USER_INPUT');
  });
});

describe('Upwards', () => {
  test('it goes only after this level has tried, and only to the next', async () => {
    const inBuilding = await desk.must(BUILDING, 'acceptReferral', await sign());
    const up = { to: await desk.idOf('t02-c01-p1'), note: '请苑区调处。' };
    expect(await desk.refused(BUILDING, 'forwardReferral', inBuilding, up)).toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining('only after this level has tried') as string,
    });
    const tried = await desk.must(BUILDING, 'reportProgress', inBuilding, { note: '调处一次未成。' });
    for (const far of ['t02-c01', 't02']) {
      const past = await desk.refused(BUILDING, 'forwardReferral', tried, { ...up, to: await desk.idOf(far) });
      expect(past).toMatchObject({ code: 'BAD_USER_INPUT', message: 'It goes up one level at a time.' });
    }
    // Help from beside is not upwards: an outside mediator may be asked at any time.
    const beside = { to: await desk.idOf('mediation'), note: '请调解员公道评理。' };
    expect((await desk.must(BUILDING, 'forwardReferral', tried, beside)).children).toHaveLength(1);
  });

  test('from building to compound to community each has tried, and each closes what it handed up', async () => {
    const inBuilding = await desk.must(BUILDING, 'acceptReferral', await sign());
    const inCompound = await handUp(BUILDING, COMPOUND, inBuilding);
    expect(inCompound).toMatchObject({ from: { code: 't02-c01-p1-g1' }, responsible: { code: 't02-c01-p1' } });
    expect(running(inCompound)).toEqual({ compound: after(inCompound.openedAt, 7, 'DAYS') });
    const inCommunity = await handUp(COMPOUND, COMMUNITY, inCompound);
    expect(inCommunity).toMatchObject({ from: { code: 't02-c01-p1' }, responsible: { code: 't02-c01' } });
    expect(running(inCommunity)).toEqual({ community: after(inCommunity.openedAt, 15, 'DAYS') });

    const told = await desk.must(COMPOUND, 'submitFeedback', await desk.mustRead(COMPOUND, inCompound.id), {
      ...result('SETTLED', '已交社区。'),
    });
    const open = await desk.refused(BUILDING, 'closeReferral', told);
    expect(open).toMatchObject({
      code: 'ILLEGAL_TRANSITION',
      message: expect.stringContaining('still open') as string,
    });
    expect((await settle(COMMUNITY, COMPOUND, inCommunity.id)).status).toBe('CLOSED');
    const closed = await desk.must(BUILDING, 'closeReferral', await desk.mustRead(BUILDING, inCompound.id));
    expect(closed.status).toBe('CLOSED');
    expect((await settle(BUILDING, GROUP, inBuilding.id)).status).toBe('CLOSED');
  });
});
