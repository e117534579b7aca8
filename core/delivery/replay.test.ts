import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { caller } from '../../test/kit/referral.ts';
import { centre, createDeliveryRig, head, type DeliveryRig } from '../../test/kit/delivery.ts';
import { replayDelivery, replayRange, skipDelivery } from './replay.ts';

let rig: DeliveryRig;
beforeEach(async () => {
  rig = await createDeliveryRig();
});
afterEach(() => rig.drop());

const idsOf = async (status: string): Promise<string[]> =>
  (await rig.db.query<{ id: string }>('select id from delivery where status = $1 order by position', [status])).map(
    ({ id }) => id,
  );

/** Three messages of a referral, of which the receiver cannot take the second. */
async function stopped(): Promise<{ endpoint: string; failed: string }> {
  const { endpoint } = await rig.register('police');
  await rig.tell(await rig.referral(), ['police'], 'referral.dispatched', 'referral.accepted', 'referral.progress');
  rig.answer = ({ type }) => ({ status: type === 'referral.accepted' ? 422 : 200 });
  await rig.run();
  rig.answer = () => ({ status: 200 });
  const [failed = ''] = await idsOf('FAILED');
  return { endpoint: endpoint.id, failed };
}

describe('A message that stopped its lane', () => {
  test('is sent again when asked, with the same id, before those behind it', async () => {
    const { endpoint, failed } = await stopped();
    rig.clock.advance(365 * 24 * 3_600_000);
    await rig.run();
    expect(await rig.statuses(endpoint)).toEqual(['DELIVERED', 'FAILED', 'WAITING']);
    const { looks } = await rig.db.tx((tx) => replayDelivery(tx, rig.deps, head('police'), failed));
    expect(looks).toEqual([{ id: failed, attempts: 0 }]);
    await rig.run();
    expect(rig.received.map(({ sequence }) => sequence)).toEqual([1, 2, 2, 3]);
    expect(rig.received[2]?.id).toBe(rig.received[1]?.id);
    const { actor_subject } = await rig.db.one<{ actor_subject: string }>(
      `select actor_subject from audit_trail where kind = 'delivery.replayed' and subject = $1`,
      [failed],
    );
    expect(actor_subject).toBe('police-1');
  });

  test('is left out when asked, with a reason, and those behind it go on', async () => {
    const { endpoint, failed } = await stopped();
    const skip = (reason: string) => rig.db.tx((tx) => skipDelivery(tx, rig.deps, head('police'), failed, reason));
    await expect(skip(' ')).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(await skip('对方系统不认识该案由。')).toHaveLength(1);
    await rig.run();
    expect(await rig.statuses(endpoint)).toEqual(['DELIVERED', 'SKIPPED', 'DELIVERED']);
    await expect(skip('再来一次。')).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await rig.kinds('delivery.')).toEqual([
      ...['delivery.delivered', 'delivery.failed', 'delivery.skipped', 'delivery.delivered'],
    ]);
    // Words of somebody's stand with the message, which goes when it has had its time, and not in the log, which stays.
    const { bytes } = await rig.db.one<{ bytes: Buffer }>(
      `select bytes from audit_entry where kind = 'delivery.skipped' and subject = $1`,
      [failed],
    );
    expect(bytes.toString()).not.toContain('案由');
    expect(await rig.db.one('select reason from delivery where id = $1', [failed])).toEqual({
      reason: '对方系统不认识该案由。',
    });
  });

  test('is nobody else’s to replay or to skip', async () => {
    const { failed } = await stopped();
    for (const who of [head('court'), head('station'), head('county')]) {
      await expect(rig.db.tx((tx) => replayDelivery(tx, rig.deps, who, failed))).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
      await expect(rig.db.tx((tx) => skipDelivery(tx, rig.deps, who, failed, '否'))).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
    }
    const reader = caller('police', 'auditor');
    await expect(rig.db.tx((tx) => replayDelivery(tx, rig.deps, reader, failed))).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
  });
});

test('What was delivered is sent again with the same id, and waits while its lane is stopped', async () => {
  const { endpoint, failed } = await stopped();
  const [first = ''] = await idsOf('DELIVERED');
  await rig.db.tx((tx) => replayDelivery(tx, rig.deps, centre, first));
  await expect(rig.db.tx((tx) => replayDelivery(tx, rig.deps, centre, first))).rejects.toMatchObject({
    code: 'CONFLICT',
  });
  expect(await rig.statuses(endpoint)).toEqual(['WAITING', 'FAILED', 'WAITING']);
  await rig.db.tx((tx) => replayDelivery(tx, rig.deps, centre, failed));
  await rig.run();
  expect(rig.received.map(({ sequence }) => sequence)).toEqual([1, 2, 1, 2, 3]);
  expect(new Set(rig.received.map(({ id }) => id)).size).toBe(3);
});

test('A range is replayed by status and time, every lane in its order', async () => {
  const { endpoint } = await rig.register('police');
  const old = await rig.referral();
  await rig.tell(old, ['police'], 'referral.dispatched', 'referral.accepted');
  await rig.run();
  rig.clock.advance(60_000);
  const since = rig.clock.wall();
  const [a, b] = [await rig.referral(), await rig.referral()];
  for (const one of [a, b]) await rig.tell(one, ['police'], 'referral.dispatched', 'referral.accepted');
  await rig.run();
  rig.received.length = 0;
  const range = { endpoint: endpoint.id, since, status: 'DELIVERED' as const };
  const { count, looks } = await rig.db.tx((tx) => replayRange(tx, rig.deps, head('police'), range));
  expect([count, looks.length]).toEqual([4, 2]);
  await rig.run();
  for (const one of [a, b])
    expect(rig.received.filter(({ data }) => data['referral'] === one).map(({ sequence }) => sequence)).toEqual([1, 2]);
  expect(rig.received).toHaveLength(4);
  expect(await rig.db.tx((tx) => replayRange(tx, rig.deps, centre, { ...range, status: 'FAILED' }))).toMatchObject({
    count: 0,
  });
});
