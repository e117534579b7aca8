/** A department's system is away for three hours: nothing is lost, nobody's deadline is eaten, and all of it arrives in order. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDeliveryRig, head, type DeliveryRig } from '../../test/kit/delivery.ts';
import { skipDelivery } from './replay.ts';

let rig: DeliveryRig;
beforeEach(async () => {
  rig = await createDeliveryRig();
});
afterEach(() => rig.drop());

const MINUTE = 60_000;
const TYPES = ['referral.dispatched', 'referral.progress', 'referral.reminded'] as const;

const openTasks = async (): Promise<number> =>
  (await rig.db.one<{ n: number }>('select count(*) as n from desk_task where done_at is null', [])).n;

const left = async (endpoint: string): Promise<number> =>
  (await rig.statuses(endpoint)).filter((status) => status !== 'DELIVERED').length;

/** What arrived at this address, by referral. */
function arrived(path: string): Map<string, (readonly [number | undefined, string])[]> {
  const lanes = new Map<string, (readonly [number | undefined, string])[]>();
  for (const one of rig.received.filter((message) => message.path === path)) {
    const referral = String(one.data['referral']);
    lanes.set(referral, [...(lanes.get(referral) ?? []), [one.sequence, one.type]]);
  }
  return lanes;
}

test('An endpoint that is dead for three hours: tasks in time, then every lane drains within a minute, in order', async () => {
  const dead = (await rig.register('police', ['*'], { path: '/police' })).endpoint.id;
  const live = (await rig.register('court', ['referral.dispatched', 'referral.reminded'], { path: '/court' })).endpoint
    .id;
  let isDead = true;
  rig.answer = ({ path }) => ({ status: path === '/police' && isDead ? 503 : 204 });
  const referrals = await Promise.all(Array.from({ length: 40 }, () => rig.referral({ hours: 3 })));
  for (const referral of referrals) await rig.tell(referral, ['police', 'court'], ...TYPES);
  await rig.run();
  const began = rig.clock.wall().getTime();

  const tasksAt = new Map<number, number>();
  for (let minute = 5; minute <= 180; minute += 5) {
    rig.clock.advance(5 * MINUTE);
    const opened = await rig.openDeskTasks();
    if (opened > 0) tasksAt.set(minute, opened);
    await rig.run();
  }
  // A third of the three hours for acceptance, each message once; what tells of it is no task again.
  expect([...tasksAt]).toEqual([[60, 120]]);
  expect(await openTasks()).toBe(120);
  // It was left alone: the first of each lane before anybody knew, then one probe at a time.
  expect(rig.received.filter(({ path }) => path === '/police').length).toBeLessThanOrEqual(40 + 5);

  isDead = false;
  rig.received.splice(0, rig.received.length, ...rig.received.filter(({ path }) => path !== '/police'));
  const { probe } = await rig.db.one<{ probe: Date }>(
    'select next_probe_at as probe from webhook_endpoint where id = $1',
    [dead],
  );
  rig.clock.advance(probe.getTime() - rig.clock.wall().getTime());
  const back = rig.clock.wall().getTime();
  while ((await left(dead)) > 0 && rig.clock.wall().getTime() - back <= MINUTE) {
    await rig.run();
    rig.clock.advance(1_000);
  }
  const seconds = (rig.clock.wall().getTime() - back) / 1_000;
  expect(await left(dead)).toBe(0);
  expect(seconds).toBeLessThanOrEqual(60);

  const lanes = arrived('/police');
  expect(lanes.size).toBe(40);
  const supervised = Array.from({ length: 3 }, () => 'referral.supervised');
  for (const lane of lanes.values())
    expect(lane).toEqual([...TYPES, ...supervised].map((type, index) => [index + 1, type]));
  expect(await openTasks()).toBe(0);
  // Who could be reached all the time, and wants two types of these, has no gap in its count.
  expect(await left(live)).toBe(0);
  for (const lane of arrived('/court').values())
    expect(lane).toEqual([
      [1, 'referral.dispatched'],
      [2, 'referral.reminded'],
    ]);
  process.stdout.write(
    `40 lanes waited ${Math.round((back - began) / MINUTE)} min, 120 tasks, ${[...lanes.values()].flat().length} messages in ${seconds} s\n`,
  );
}, 120_000);

test('One message that the endpoint chokes on holds its own lane and no other, until somebody leaves it out', async () => {
  const { endpoint } = await rig.register('police', ['*'], { path: '/police' });
  const referrals = await Promise.all(Array.from({ length: 10 }, () => rig.referral()));
  const [poisoned = ''] = referrals;
  rig.answer = ({ data, type }) => ({
    status: data['referral'] === poisoned && type === 'referral.progress' ? 422 : 204,
  });
  for (const referral of referrals) await rig.tell(referral, ['police'], ...TYPES);
  await rig.run();
  const lanes = arrived('/police');
  for (const referral of referrals.slice(1))
    expect(lanes.get(referral)?.map(([sequence]) => sequence)).toEqual([1, 2, 3]);
  expect(lanes.get(poisoned)?.map(([sequence]) => sequence)).toEqual([1, 2]);
  expect((await rig.statuses(endpoint.id)).filter((status) => status !== 'DELIVERED').sort()).toEqual([
    'FAILED',
    'WAITING',
  ]);
  const { id } = await rig.db.one<{ id: string }>(`select id from delivery where status = 'FAILED'`, []);
  await rig.db.tx((tx) => skipDelivery(tx, rig, head('police'), id, '对方系统不识别'));
  await rig.run();
  expect(
    arrived('/police')
      .get(poisoned)
      ?.map(([sequence]) => sequence),
  ).toEqual([1, 2, 3]);
});
