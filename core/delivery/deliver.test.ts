import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Webhook } from 'standardwebhooks';
import { centre, createDeliveryRig, type DeliveryRig } from '../../test/kit/delivery.ts';
import { rotateSecret, setEnabled } from './endpoint.ts';

let rig: DeliveryRig;
beforeEach(async () => {
  rig = await createDeliveryRig();
});
afterEach(() => rig.drop());

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Between one failed probe and the next. */
const WAITS = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];

const told = (...types: string[]): string[] => types.map((type) => `referral.${type}`);
const refused = (status: number, headers?: Record<string, string>) => () => ({
  status,
  ...(headers ? { headers } : {}),
});
const sequences = (referral: string) =>
  rig.received.filter(({ data }) => data['referral'] === referral).map(({ sequence }) => sequence);

describe('Lanes', () => {
  test('go in order, one message at a time, beside each other', async () => {
    await rig.register('police');
    const referrals = [await rig.referral(), await rig.referral(), await rig.referral()];
    for (const one of referrals)
      await rig.tell(one, ['police'], ...told('dispatched', 'accepted', 'progress', 'feedback'));
    const open = new Set<unknown>();
    let most = 0;
    rig.answer = async ({ data }) => {
      expect(open.has(data['referral'])).toBe(false);
      open.add(data['referral']);
      most = Math.max(most, open.size);
      await new Promise((resolve) => setImmediate(resolve));
      open.delete(data['referral']);
      return { status: 200 };
    };
    await rig.dispatchAll();
    const other = rig.workerOver(rig.db);
    for (let due = await rig.deliver.due(); due.length > 0; due = await rig.deliver.due())
      await Promise.all(due.flatMap(({ id }) => [rig.deliver.deliver(id), other.deliver(id), rig.deliver.deliver(id)]));
    for (const one of referrals) expect(sequences(one)).toEqual([1, 2, 3, 4]);
    expect(most).toBeGreaterThan(1);
  });

  test('stop at a message that the receiver cannot take, each for itself', async () => {
    for (const status of [400, 422]) {
      const { endpoint } = await rig.register('court', ['*'], { path: `/${status}` });
      const [bad, good] = [await rig.referral(), await rig.referral()];
      await rig.tell(bad, ['court'], ...told('dispatched', 'accepted', 'progress'));
      await rig.tell(good, ['court'], ...told('dispatched', 'accepted'));
      rig.answer = ({ path, type, data }) => ({
        status: path === `/${status}` && data['referral'] === bad && type === 'referral.accepted' ? status : 200,
      });
      await rig.run();
      expect(await rig.statuses(endpoint.id)).toEqual(['DELIVERED', 'FAILED', 'WAITING', 'DELIVERED', 'DELIVERED']);
      const row = await rig.db.one(`select reason from delivery where endpoint_id = $1 and status = 'FAILED'`, [
        endpoint.id,
      ]);
      expect(row).toEqual({ reason: `HTTP_${status}` });
      expect(await rig.db.one('select failures from webhook_endpoint where id = $1', [endpoint.id])).toEqual({
        failures: 0,
      });
    }
  });
});

describe('A dead endpoint', () => {
  test('is tried by one message at a time; when it comes back every lane drains, in order', async () => {
    const { endpoint } = await rig.register('police');
    const referrals = await Promise.all(Array.from({ length: 5 }, () => rig.referral()));
    for (const one of referrals) await rig.tell(one, ['police'], ...told('dispatched', 'accepted'));
    rig.answer = refused(500);
    await rig.run();
    const many = rig.received.length;
    expect(many).toBeLessThanOrEqual(5);
    for (const wait of WAITS.slice(0, 4)) {
      const before = rig.received.length;
      rig.clock.advance(wait - 1);
      await rig.run();
      expect(rig.received).toHaveLength(before);
      rig.clock.advance(1);
      await rig.run();
      expect(rig.received).toHaveLength(before + 1);
    }
    rig.answer = refused(204);
    rig.received.length = 0;
    rig.clock.advance(5 * HOUR);
    const due = await rig.deliver.due();
    expect(due).toHaveLength(1);
    const { looks } = await rig.deliver.deliver(due[0]?.id ?? '');
    expect(looks).toHaveLength(5);
    await rig.run();
    for (const one of referrals) expect(sequences(one)).toEqual([1, 2]);
    expect(await rig.statuses(endpoint.id)).toEqual(Array(10).fill('DELIVERED'));
  });

  test('uses up ten probes; then it is told to the sender and the centre, and once a day the next message is tried', async () => {
    const { endpoint } = await rig.register('police');
    const watch = await rig.register('centre', ['delivery.*', 'endpoint.*'], { path: '/watch' });
    const sender = await rig.register('court', ['delivery.exhausted'], { path: '/sender' });
    rig.answer = ({ path }) => ({ status: path === '/' ? 503 : 200 });
    const referral = await rig.referral({ from: 'court' });
    const [first] = await rig.tell(referral, ['police'], ...told('dispatched'));
    await rig.run();
    for (const wait of WAITS) {
      rig.clock.advance(wait);
      await rig.run();
    }
    expect(rig.received.filter(({ id }) => id === first)).toHaveLength(10);
    expect(await rig.statuses(endpoint.id)).toEqual(['FAILED']);
    const exhausted = rig.received.filter(({ type }) => type === 'delivery.exhausted');
    expect(exhausted.map(({ path }) => path).sort()).toEqual(['/sender', '/watch']);
    expect(exhausted[0]).toMatchObject({
      data: { endpoint: endpoint.id, organisation: 'police', message: first, referral, attempts: 10 },
    });
    expect(exhausted[0]).not.toHaveProperty('sequence');
    expect(await rig.statuses(watch.endpoint.id)).toEqual(['DELIVERED']);
    expect(await rig.statuses(sender.endpoint.id)).toEqual(['DELIVERED']);

    await rig.tell(await rig.referral(), ['police'], ...told('dispatched'));
    rig.received.length = 0;
    await rig.run();
    expect(rig.received).toHaveLength(0);
    rig.clock.advance(DAY);
    await rig.run();
    expect(rig.received).toHaveLength(1);
    rig.clock.advance(DAY);
    await rig.run();
    const disabled = rig.received.filter(({ type }) => type === 'endpoint.disabled');
    expect(disabled).toMatchObject([{ path: '/watch', data: { endpoint: endpoint.id, reason: 'FAILING' } }]);
    expect(await rig.kinds('endpoint.disabled')).toHaveLength(1);
    expect(await rig.deliver.due()).toEqual([]);
  });

  test('that says 410 is disabled at once, and sends what waits when it is enabled again', async () => {
    const { endpoint } = await rig.register('police');
    await rig.register('centre', ['endpoint.disabled'], { path: '/watch' });
    rig.answer = ({ path }) => ({ status: path === '/watch' ? 200 : 410 });
    await rig.tell(await rig.referral(), ['police'], ...told('dispatched'));
    await rig.run();
    expect(rig.received.map(({ type }) => type)).toEqual(['referral.dispatched', 'endpoint.disabled']);
    expect(await rig.statuses(endpoint.id)).toEqual(['RETRYING']);
    await rig.db.tx((tx) => setEnabled(tx, rig.deps, centre, endpoint.id, true));
    rig.answer = refused(200);
    await rig.run();
    expect(await rig.statuses(endpoint.id)).toEqual(['DELIVERED']);
  });

  test.each([429, 503])('that says when to come back (%i) is not asked before', async (status) => {
    await rig.register('police');
    await rig.tell(await rig.referral(), ['police'], ...told('dispatched'));
    rig.answer = refused(status, { 'retry-after': '120' });
    await rig.run();
    rig.answer = refused(200);
    rig.clock.advance(119 * SECOND);
    await rig.run();
    expect(rig.received).toHaveLength(1);
    rig.clock.advance(SECOND);
    await rig.run();
    expect(rig.received).toHaveLength(2);
  });

  test('is not what an endpoint is that chokes on one message: the others run on', async () => {
    const { endpoint } = await rig.register('police');
    const [bad, good] = [await rig.referral(), await rig.referral()];
    await rig.tell(bad, ['police'], ...told('dispatched'));
    await rig.tell(good, ['police'], ...told('dispatched', 'accepted', 'progress'));
    rig.answer = ({ data }) => ({ status: data['referral'] === bad ? 500 : 200 });
    await rig.run();
    rig.clock.advance(5 * SECOND);
    await rig.run();
    rig.clock.advance(5 * SECOND);
    await rig.run();
    expect(await rig.statuses(endpoint.id)).toEqual(['RETRYING', 'DELIVERED', 'DELIVERED', 'DELIVERED']);
  });
});

describe('A redirect', () => {
  test('is a failure, and is not followed', async () => {
    const { endpoint } = await rig.register('police');
    await rig.tell(await rig.referral(), ['police'], ...told('dispatched'));
    rig.answer = refused(302, { location: '/elsewhere' });
    await rig.run();
    expect(rig.received.map(({ path }) => path)).toEqual(['/']);
    expect(await rig.statuses(endpoint.id)).toEqual(['RETRYING']);
  });
});

describe('A worker', () => {
  test('that is gone after sending and before storing sends the same id and bytes again', async () => {
    const { endpoint } = await rig.register('police');
    await rig.tell(await rig.referral(), ['police'], ...told('dispatched', 'accepted'));
    await rig.dispatchAll();
    const [look] = await rig.deliver.due();
    const dying = rig.workerOver({
      ...rig.db,
      query: (...asked) => (rig.received.length > 0 ? Promise.reject(new Error('killed')) : rig.db.query(...asked)),
    });
    await expect(dying.deliver(look?.id ?? '')).rejects.toThrow('killed');
    await rig.run();
    expect(rig.received).toHaveLength(1);
    rig.clock.advance(31 * SECOND);
    await rig.run();
    expect(rig.received).toHaveLength(3);
    expect(rig.received[1]?.id).toBe(rig.received[0]?.id);
    expect(rig.received[1]?.text).toBe(rig.received[0]?.text);
    expect(await rig.statuses(endpoint.id)).toEqual(['DELIVERED', 'DELIVERED']);
  });

  test('that comes too late stores nothing over the one who has taken over', async () => {
    const { endpoint } = await rig.register('police');
    await rig.tell(await rig.referral(), ['police'], ...told('dispatched'));
    await rig.dispatchAll();
    const [look] = await rig.deliver.due();
    let isFirst = true;
    rig.answer = async () => {
      if (!isFirst) return { status: 200 };
      isFirst = false;
      rig.clock.advance(31 * SECOND);
      await rig.deliver.deliver(look?.id ?? '');
      return { status: 500 };
    };
    await rig.deliver.deliver(look?.id ?? '');
    expect(await rig.statuses(endpoint.id)).toEqual(['DELIVERED']);
    expect(await rig.kinds('delivery.')).toEqual(['delivery.delivered']);
  });

  test('that is told to stop gives the message back, to be sent at once by another', async () => {
    const { endpoint } = await rig.register('police');
    await rig.tell(await rig.referral(), ['police'], ...told('dispatched'));
    await rig.dispatchAll();
    const [look] = await rig.deliver.due();
    const stop = new AbortController();
    rig.answer = () => {
      stop.abort();
      return new Promise(() => undefined);
    };
    await rig.deliver.deliver(look?.id ?? '', stop.signal);
    rig.answer = refused(200);
    await rig.run();
    expect(await rig.statuses(endpoint.id)).toEqual(['DELIVERED']);
    expect(await rig.db.one('select count(*) as n from delivery_attempt', [])).toEqual({ n: 1 });
  });
});

test('Old and new secret both sign while one is replaced, and then only the new one', async () => {
  const { endpoint, secret: old } = await rig.register('police');
  const { secret: fresh } = await rig.db.tx((tx) => rotateSecret(tx, rig.deps, centre, endpoint.id, 24));
  const verifies = (secret: string): boolean => {
    const message = rig.received.at(-1);
    if (!message) throw new Error('Nothing was received.');
    const { headers, text } = message;
    const parts = (headers['webhook-signature'] ?? '').split(' ');
    const webhook = new Webhook(secret);
    const at = new Date(Number(headers['webhook-timestamp']) * 1_000);
    return parts.includes(webhook.sign(headers['webhook-id'] ?? '', at, text));
  };
  await rig.tell(await rig.referral(), ['police'], ...told('dispatched'));
  await rig.run();
  expect([verifies(old), verifies(fresh)]).toEqual([true, true]);
  rig.clock.advance(25 * HOUR);
  await rig.tell(await rig.referral(), ['police'], ...told('dispatched'));
  await rig.run();
  expect([verifies(old), verifies(fresh)]).toEqual([false, true]);
});

test('One who is accused after the dispatch is sent nothing any more', async () => {
  const { endpoint } = await rig.register('police');
  const referral = await rig.referral();
  await rig.tell(referral, ['police'], ...told('dispatched', 'accepted'));
  await rig.dispatchAll();
  await rig.db.query(
    `update dispute set accused_ids = '{police}' where id = (select dispute_id from referral where id = $1)`,
    [referral],
  );
  await rig.run();
  expect(rig.received).toEqual([]);
  expect(await rig.statuses(endpoint.id)).toEqual(['SKIPPED', 'SKIPPED']);
});

test('No more go out in a second than the endpoint’s rate', async () => {
  await rig.register('police', ['*'], { rate: 2 });
  for (let i = 0; i < 10; i++) await rig.tell(await rig.referral(), ['police'], ...told('dispatched'));
  const perSecond: number[] = [];
  for (let second = 0; second < 4; second++) {
    const before = rig.received.length;
    await rig.run();
    perSecond.push(rig.received.length - before);
    rig.clock.advance(SECOND);
  }
  expect(perSecond).toEqual([3, 2, 2, 2]);
});
