import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDeliveryRig, type DeliveryRig } from '../../test/kit/delivery.ts';
import { loadRules } from '../calendar/load-rules.ts';
import { projectRoot } from '../platform/project-root.ts';
import { retain } from '../retention/retain.ts';
import { deskDueAt } from './desk-due.ts';

let rig: DeliveryRig;
beforeEach(async () => {
  rig = await createDeliveryRig();
});
afterEach(() => rig.drop());

const HOUR = 3_600_000;
const tasks = () =>
  rig.db.query<{ referral_id: string; reason: string; done_at: Date | null }>(
    'select referral_id, reason, done_at from desk_task order by opened_at, id',
    [],
  );

test('What a dead endpoint has not taken after a third of the time for acceptance is a task, once, and stays queued', async () => {
  const { endpoint } = await rig.register('police');
  rig.answer = () => ({ status: 500 });
  const referral = await rig.referral({ hours: 6 });
  await rig.tell(referral, ['police'], 'referral.dispatched');
  await rig.run();
  rig.clock.advance(2 * HOUR - 1);
  expect(await rig.openDeskTasks()).toBe(0);
  rig.clock.advance(1);
  expect(await rig.openDeskTasks()).toBe(1);
  expect(await rig.openDeskTasks()).toBe(0);
  expect(await tasks()).toEqual([{ referral_id: referral, reason: 'UNDELIVERED', done_at: null }]);
  expect(await rig.kinds('desk_task')).toEqual(['desk_task.opened']);
  expect(await rig.statuses(endpoint.id)).toEqual(['RETRYING']);
  rig.answer = () => ({ status: 200 });
  await rig.run();
  // It is told now, and that it could not be.
  expect(rig.received.slice(-2).map(({ type }) => type)).toEqual(['referral.dispatched', 'referral.supervised']);
  expect(await rig.statuses(endpoint.id)).toEqual(['DELIVERED', 'DELIVERED']);
  expect((await tasks())[0]?.done_at).not.toBe(null);
});

test('A critical one is a task after an hour; one that was delivered, or has no time for acceptance, never', async () => {
  await rig.register('police');
  await rig.register('court', ['*'], { path: '/court' });
  rig.answer = ({ path }) => ({ status: path === '/' ? 500 : 200 });
  const critical = await rig.referral({ urgency: 'CRITICAL', hours: 9 });
  await rig.tell(critical, ['police', 'court'], 'referral.dispatched');
  await rig.tell(await rig.referral({ hours: null }), ['police'], 'referral.dispatched');
  await rig.run();
  rig.clock.advance(HOUR - 1);
  expect(await rig.openDeskTasks()).toBe(0);
  rig.clock.advance(1);
  expect(await rig.openDeskTasks()).toBe(1);
  rig.clock.advance(1_000 * HOUR);
  expect(await rig.openDeskTasks()).toBe(0);
  expect((await tasks()).map((task) => task.referral_id)).toEqual([critical]);
});

const eventsOf = (referral: string) =>
  rig.db.query<{ sequence: number; type: string; version: number; actor: string | null; body: object }>(
    `select sequence, type, version, actor_subject as actor, body from referral_event where referral_id = $1 order by sequence`,
    [referral],
  );

test('Each task is a supervision event of its referral too, once, which is told to those who can be reached and is no task itself', async () => {
  await rig.register('police');
  await rig.register('court', ['*'], { path: '/court' });
  rig.answer = ({ path }) => ({ status: path === '/' ? 500 : 200 });
  const referral = await rig.referral({ from: 'court', hours: 3 });
  await rig.tell(referral, ['police', 'court'], 'referral.dispatched', 'referral.progress');
  await rig.run();
  rig.clock.advance(HOUR);
  expect(await rig.openDeskTasks()).toBe(2);
  expect(await rig.openDeskTasks()).toBe(0);
  const supervised = {
    type: 'SUPERVISED',
    version: 1,
    actor: null,
    body: { rung: 'REMIND', clock: null, unreached: 'police' },
  };
  expect(await eventsOf(referral)).toMatchObject([
    { ...supervised, sequence: 2 },
    { ...supervised, sequence: 3 },
  ]);
  await rig.run();
  const told = rig.received.filter(({ path, type }) => path === '/court' && type === 'referral.supervised');
  expect(told.map(({ sequence, data }) => [sequence, data['rung'], data['unreached']])).toEqual([
    [3, 'REMIND', 'police'],
    [4, 'REMIND', 'police'],
  ]);
  expect(told[0]?.data).not.toHaveProperty('delivery');
  rig.clock.advance(1_000 * HOUR);
  expect(await rig.openDeskTasks()).toBe(0);
  expect(await rig.db.one('select version, state from referral where id = $1', [referral])).toMatchObject({
    ...{ version: 1, state: { sequence: 3, version: 1, status: 'DISPATCHED' } },
  });
});

test('Two looks at once open each task once; of a referral that is over there is a task and no event', async () => {
  await rig.register('police');
  rig.answer = () => ({ status: 500 });
  const [open, over] = [await rig.referral(), await rig.referral()];
  for (const referral of [open, over]) await rig.tell(referral, ['police'], 'referral.dispatched');
  await rig.run();
  await rig.db.query(
    `update referral set status = 'CLOSED', responsible_id = null, closed_at = now(), state = state || '{"status":"CLOSED","responsible":null}'
     where id = $1`,
    [over],
  );
  rig.clock.advance(HOUR);
  const counts = await Promise.all([1, 2, 3].map(() => rig.openDeskTasks()));
  expect(counts.reduce((a, b) => a + b)).toBe(2);
  expect([(await eventsOf(open)).length, (await eventsOf(over)).length]).toEqual([1, 0]);
  expect(await tasks()).toHaveLength(2);
});

test('Nobody is to telephone whoever has been accused in the matter since, and nothing is said of it', async () => {
  await rig.register('police');
  rig.answer = () => ({ status: 500 });
  const referral = await rig.referral();
  await rig.tell(referral, ['police'], 'referral.dispatched');
  await rig.run();
  await rig.db.query(`update dispute set accused_ids = '{police}'`);
  rig.clock.advance(1_000 * HOUR);
  expect(await rig.openDeskTasks()).toBe(0);
  expect(await tasks()).toEqual([]);
  expect(await eventsOf(referral)).toEqual([]);
});

test('As many messages as one look takes, none of them for the accused, do not keep the desk from what others have not taken', async () => {
  await rig.register('police');
  await rig.register('court', ['*'], { path: '/court' });
  const accusing = await rig.referral();
  await rig.tell(accusing, ['police'], ...Array<string>(500).fill('referral.progress'));
  await rig.dispatchAll();
  rig.clock.advance(1);
  const other = await rig.referral();
  await rig.tell(other, ['court'], 'referral.dispatched');
  await rig.dispatchAll();
  await rig.db.query(
    `update dispute set accused_ids = '{police}' where id = (select dispute_id from referral where id = $1)`,
    [accusing],
  );
  rig.clock.advance(HOUR);
  expect(await rig.openDeskTasks()).toBe(1);
  expect(await tasks()).toMatchObject([{ referral_id: other }]);
});

test('The time for acceptance is told by the latest clock that acceptance stops', () => {
  const at = new Date('2026-11-21T00:00:00Z');
  const clock = (stops: string[], dueAt: string) => ({ stops, startedAt: '2026-11-20T00:00:00.000Z', dueAt });
  const clocks = [
    clock(['ACCEPTED'], '2026-11-20T03:00:00.000Z'),
    clock(['ACCEPTED'], '2026-11-20T06:00:00.000Z'),
    clock(['FEEDBACK'], '2026-12-20T06:00:00.000Z'),
  ] as never;
  expect(deskDueAt({ urgency: 'ROUTINE', clocks }, at)).toEqual(new Date('2026-11-21T02:00:00Z'));
});

test('Attempts are forgotten after 90 days, deliveries are not', async () => {
  await rig.register('police');
  await rig.tell(await rig.referral(), ['police'], 'referral.dispatched');
  await rig.run();
  rig.clock.advance(90 * 24 * HOUR);
  const rules = loadRules(join(projectRoot, 'schema', 'rules'));
  await retain(rig.db, rules, rig.clock.wall());
  expect(await rig.db.one('select count(*) as n from delivery_attempt', [])).toEqual({ n: 1 });
  rig.clock.advance(1);
  await retain(rig.db, rules, rig.clock.wall());
  expect(await rig.db.one('select count(*) as n from delivery_attempt', [])).toEqual({ n: 0 });
  expect(await rig.db.one('select count(*) as n from delivery', [])).toEqual({ n: 1 });
});
