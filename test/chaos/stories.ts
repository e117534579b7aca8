/** What becomes of a referral, drawn by lot. Each story knows how it ends: the run's end is judged by that, not by the engine. */
import type { Random } from '../../demo/county/random.ts';
import { cumulate } from '../../demo/county/random.ts';
import { CENTRE, DEPARTMENT_CODES, handlerOf, type DepartmentCode } from './county.ts';
import type { Desk } from './desk.ts';
import type { Expected, Notes } from './notes.ts';

type End = readonly [referral: string, expected: Expected];

interface Story {
  readonly name: string;
  readonly weight: number;
  /** Acts and messages in it, about: how far the run is, is told by them. */
  readonly steps: number;
  play(desk: Desk, lead: DepartmentCode): Promise<readonly End[]>;
}

const HOUR_MS = 60 * 60 * 1_000;
/** Long enough ago for every clock there is. */
const earlier = (): string => new Date(Date.now() - HOUR_MS).toISOString();
const result = (): object => ({
  outcome: 'SETTLED',
  partiesInformed: [{ party: '申请人', how: '电话', at: earlier() }],
});

const other = (lot: Random, one: DepartmentCode): DepartmentCode =>
  lot.pick(DEPARTMENT_CODES.filter((code) => code !== one));

const urgencyOf = (lot: Random): 'ROUTINE' | 'URGENT' | 'CRITICAL' =>
  lot.chance(0.8) ? 'ROUTINE' : lot.chance(0.5) ? 'URGENT' : 'CRITICAL';

/** A hasty system says all at once and trusts to the order; another waits to be told each time. */
async function handle(desk: Desk, org: DepartmentCode, referral: string): Promise<void> {
  const isHasty = desk.lot.chance(0.4);
  const told = async (type: string): Promise<void> => {
    if (!isHasty) await desk.heard(org, referral, type);
  };
  await told('referral.dispatched');
  await desk.send(org, 'referral.accept', referral);
  // It has forgotten that it did, and says so again.
  if (org === 'petition-bureau' && desk.lot.chance(0.2))
    await desk.send(org, 'referral.accept', referral, {}, 'REJECTED');
  await told('referral.accepted');
  await desk.send(org, 'referral.progress', referral);
  await told('referral.progress');
  await desk.send(org, 'referral.feedback', referral, result());
}

async function finish(desk: Desk, lead: DepartmentCode, referral: string): Promise<End> {
  await desk.until(CENTRE, referral, 'FEEDBACK_GIVEN');
  await desk.act(CENTRE, 'closeReferral', referral);
  return [referral, { status: 'CLOSED', lead }];
}

async function carry(desk: Desk, lead: DepartmentCode): Promise<End> {
  const referral = await desk.open(lead, urgencyOf(desk.lot));
  await handle(desk, lead, referral);
  return finish(desk, lead, referral);
}

const visit = (desk: Desk, referral: string, holds: boolean) =>
  desk.act(CENTRE, 'recordReturnVisit', referral, { visitedAt: earlier(), holds, interviewed: 1 });

const STORIES: readonly Story[] = [
  {
    name: 'handled and closed',
    weight: 40,
    steps: 6,
    play: async (desk, lead) => [await carry(desk, lead)],
  },
  {
    name: 'rated and visited',
    weight: 10,
    steps: 8,
    async play(desk, lead) {
      const end = await carry(desk, lead);
      await desk.act(CENTRE, 'rateReferral', end[0], { by: 'PERSON', score: desk.lot.between(1, 5) });
      await visit(desk, end[0], true);
      return [end];
    },
  },
  {
    name: 'rebounded',
    weight: 6,
    steps: 9,
    async play(desk, lead) {
      const [referral] = await carry(desk, lead);
      await visit(desk, referral, false);
      await desk.send(lead, 'referral.feedback', referral, result());
      return [await finish(desk, lead, referral)];
    },
  },
  {
    name: 'given back and redirected',
    weight: 14,
    steps: 9,
    async play(desk, lead) {
      const referral = await desk.open(lead, urgencyOf(desk.lot));
      await desk.heard(lead, referral, 'referral.dispatched');
      await desk.send(lead, 'referral.return', referral);
      await desk.until(CENTRE, referral, 'RETURN_REQUESTED');
      await desk.act(CENTRE, 'decideReturn', referral, { agree: true });
      const next = other(desk.lot, lead);
      await desk.act(CENTRE, 'redirectReferral', referral, { to: desk.idOf(next) });
      await desk.heard(next, referral, 'referral.redirected');
      await desk.send(next, 'referral.accept', referral);
      await desk.send(next, 'referral.feedback', referral, result());
      return [await finish(desk, next, referral)];
    },
  },
  {
    name: 'forwarded with a child',
    weight: 12,
    steps: 9,
    async play(desk, lead) {
      const parent = await desk.open(lead, urgencyOf(desk.lot));
      await desk.heard(lead, parent, 'referral.dispatched');
      await desk.send(lead, 'referral.accept', parent);
      const handler = handlerOf(lead);
      await desk.until(handler, parent, 'ACCEPTED');
      const helper = other(desk.lot, lead);
      const [child] = (await desk.act(handler, 'forwardReferral', parent, { to: desk.idOf(helper) })).children;
      if (!child) throw new Error('a referral was forwarded and has no child');
      await handle(desk, helper, child.id);
      await desk.until(handler, child.id, 'FEEDBACK_GIVEN');
      await desk.act(handler, 'closeReferral', child.id);
      await desk.send(lead, 'referral.feedback', parent, result());
      return [await finish(desk, lead, parent), [child.id, { status: 'CLOSED', lead: helper }]];
    },
  },
  {
    name: 'withdrawn before it was accepted',
    weight: 5,
    steps: 3,
    async play(desk, lead) {
      const referral = await desk.open(lead, urgencyOf(desk.lot));
      await desk.act(CENTRE, 'withdrawReferral', referral);
      return [[referral, { status: 'WITHDRAWN', lead }]];
    },
  },
  {
    name: 'withdrawn with consent',
    weight: 5,
    steps: 5,
    async play(desk, lead) {
      const referral = await desk.open(lead, urgencyOf(desk.lot));
      await desk.send(lead, 'referral.accept', referral);
      await desk.until(CENTRE, referral, 'ACCEPTED');
      await desk.act(CENTRE, 'withdrawReferral', referral, {}, 'WITHDRAWAL_REQUESTED');
      await desk.act(handlerOf(lead), 'decideWithdrawal', referral, { agree: true });
      return [[referral, { status: 'WITHDRAWN', lead }]];
    },
  },
  {
    name: 'answered too early, then handled',
    weight: 4,
    steps: 7,
    async play(desk, lead) {
      const referral = await desk.open(lead, urgencyOf(desk.lot));
      await desk.send(lead, 'referral.feedback', referral, result(), 'REJECTED');
      await handle(desk, lead, referral);
      return [await finish(desk, lead, referral)];
    },
  },
  {
    name: 'left lying',
    weight: 6,
    steps: 2,
    async play(desk, lead) {
      const referral = await desk.open(lead, desk.lot.pick(['ROUTINE', 'URGENT', 'CRITICAL']));
      return [[referral, { status: 'DISPATCHED', lead }]];
    },
  },
];

const WEIGHTS = cumulate(STORIES.map(({ weight }) => weight));

export interface DrawnStory {
  readonly steps: number;
  /** Notes how it ended, or as a violation that it did not go as it must. */
  play(desk: Desk, notes: Notes): Promise<void>;
}

export function drawStory(lot: Random): DrawnStory {
  const story = STORIES[lot.weighted(WEIGHTS)] as Story;
  const lead = lot.pick(DEPARTMENT_CODES);
  return {
    steps: story.steps,
    async play(desk, notes) {
      notes.count('referrals');
      notes.count(`referrals: ${story.name}`);
      try {
        for (const [referral, expected] of await story.play(desk, lead)) notes.expected.set(referral, expected);
      } catch (error) {
        notes.violations.push(`a referral to be ${story.name}: ${(error as Error).message}`);
      }
    },
  };
}
