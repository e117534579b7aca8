import { expect, test } from 'vitest';
import { at, clocks, playbook, tell } from '../../test/kit/referral.ts';
import type { ReferralEvent } from './event.ts';
import { toMessage } from './message.ts';
import type { ReferralState } from './state.ts';

const message = (event: ReferralEvent | undefined, before: ReferralState | null, after: ReferralState) => {
  if (!event) throw new Error('Nothing happened.');
  return toMessage({ ...event, id: 'evt_1' }, before, after, 'R2026-000001');
};
const assisting = [{ organisation: 'court', role: 'ASSISTING' as const, reportedAt: null }];

test('A dispatch is told to everybody who has to do with it, in identifiers only', () => {
  const story = tell({ playbook: playbook() }, { participants: assisting });
  expect(message(story.events()[0], null, story.state())).toEqual({
    type: 'referral.dispatched',
    audience: ['centre', 'police', 'court'],
    data: {
      referral: 'ref_1',
      event: 'evt_1',
      number: 'R2026-000001',
      version: 1,
      status: 'DISPATCHED',
      lead: 'police',
    },
  });
});

test('No words leave with a message', () => {
  const story = tell({ playbook: playbook() });
  const before = story.state();
  const [event] = story.act('police', { type: 'RETURN', note: 'Mr Li lives elsewhere.' });
  expect(JSON.stringify(message(event, before, story.state()))).not.toContain('Li lives');
});

test('Whoever has just lost it is told as well', () => {
  const story = tell({ playbook: playbook() });
  story.act('police', { type: 'RETURN', note: 'Not ours.' });
  story.act('centre', { type: 'DECIDE_RETURN', agree: true, note: '' });
  const before = story.state();
  const [event] = story.act('centre', { type: 'REDIRECT', lead: 'court', note: 'Yours.' });
  expect(message(event, before, story.state())).toMatchObject({
    type: 'referral.redirected',
    audience: ['centre', 'police', 'court'],
  });
});

test('A superior that has to decide is told', () => {
  const story = tell({ playbook: playbook() }, { from: 'petitions' });
  story.act('police', { type: 'RETURN', note: 'Not ours.' });
  const before = story.state();
  const [event] = story.act('petitions', { type: 'DECIDE_RETURN', agree: false, note: 'It is.' });
  expect(message(event, before, story.state())?.audience).toEqual(['petitions', 'police', 'county']);
});

test('What a clock says names the clock and its due date; that it started is told by nobody', () => {
  const story = tell({ playbook: playbook({ clocks: [clocks.acceptance] }) });
  const before = story.state();
  expect(message(story.events()[1], null, before)).toBeNull();
  story.tick('09-03 00:00');
  const told = story
    .events()
    .slice(2)
    .map((event) => message(event, before, story.state()));
  const clock = { clock: 'clk_1-2', organisation: 'police', dueAt: at('09-03 00:00').toISOString() };
  expect(told.map((one) => one?.type)).toEqual(['referral.reminded', 'referral.overdue', 'referral.supervised']);
  expect(told[1]?.data).toMatchObject(clock);
  expect(told[2]?.data).toMatchObject({ ...clock, rung: 'REMIND' });
});
