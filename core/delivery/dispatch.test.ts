import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDeliveryRig, type DeliveryRig } from '../../test/kit/delivery.ts';

let rig: DeliveryRig;
beforeEach(async () => {
  rig = await createDeliveryRig();
});
afterEach(() => rig.drop());

interface Row {
  readonly type: string;
  readonly sequence: number | null;
  readonly status: string;
  readonly body: Buffer;
}
const rowsOf = (endpoint: string): Promise<Row[]> =>
  rig.db.query<Row>('select type, sequence, status, body from delivery where endpoint_id = $1 order by position', [
    endpoint,
  ]);

describe('A message', () => {
  test('becomes a delivery for each endpoint of those concerned and of those above them in their department', async () => {
    const hears: string[] = [];
    const endpoints = new Map<string, string>();
    for (const id of ['county', 'centre', 'police', 'station', 'court', 'street', 'justice'])
      endpoints.set((await rig.register(id)).endpoint.id, id);
    await rig.tell(await rig.referral(), ['station', 'justice'], 'referral.dispatched');
    await rig.dispatchAll();
    for (const { endpoint_id } of await rig.db.query<{ endpoint_id: string }>('select endpoint_id from delivery', []))
      hears.push(endpoints.get(endpoint_id) ?? '');
    expect(hears.sort()).toEqual(['justice', 'police', 'station']);
    expect(await rig.dispatch.due()).toEqual([]);
  });

  test('goes to nobody who is accused in the dispute, or is under one', async () => {
    const police = await rig.register('police');
    const station = await rig.register('station');
    const court = await rig.register('court');
    await rig.tell(await rig.referral({ accused: ['police'] }), ['police', 'station', 'court'], 'referral.progress');
    await rig.run();
    expect(await rowsOf(police.endpoint.id)).toEqual([]);
    expect(await rowsOf(station.endpoint.id)).toEqual([]);
    expect(await rowsOf(court.endpoint.id)).toHaveLength(1);
    expect(rig.received).toHaveLength(1);
  });

  test('says where to ask, and nothing that is not on its list', async () => {
    const { endpoint } = await rig.register('police');
    const referral = await rig.referral();
    await rig.tell(referral, ['police'], 'referral.dispatched');
    await rig.dispatchAll();
    const [row] = await rowsOf(endpoint.id);
    expect(JSON.parse(row?.body.toString() ?? '')).toEqual({
      ...{ type: 'referral.dispatched', timestamp: '2026-11-21T02:00:00.000Z', sequence: 1 },
      data: {
        ...{ referral, event: 'evt_1', number: referral, version: 1 },
        ...{ dispute: expect.any(String) as string, url: 'https://gateway.example.cn/graphql' },
      },
    });
  });

  test('for nobody is marked and gone', async () => {
    await rig.tell(await rig.referral(), ['court'], 'referral.dispatched');
    await rig.dispatchAll();
    expect(await rig.db.one('select count(*) as n from outbox where dispatched_at is null', [])).toEqual({ n: 0 });
    expect(await rig.db.one('select count(*) as n from delivery', [])).toEqual({ n: 0 });
  });
});

test('What is told of a dispute has no sequence and no time for the desk, and passes by whoever is accused in it', async () => {
  const court = await rig.register('court', ['dispute.*']);
  const police = await rig.register('police', ['dispute.opened']);
  const dispute = await rig.dispute(['police']);
  await rig.db.query(
    `insert into outbox (id, lane, type, at, audience, dispute_id, body)
     values ('msg_1', $1, 'dispute.opened', now(), '{court,police}', $1,
       jsonb_build_object('dispute', $1::text, 'event', 'evt_1', 'number', 'D2026-000001', 'version', 1))`,
    [dispute],
  );
  await rig.run();
  expect(rig.received).toMatchObject([{ type: 'dispute.opened', data: { dispute } }]);
  expect(rig.received[0]?.sequence).toBe(undefined);
  expect(await rig.statuses(police.endpoint.id)).toEqual([]);
  expect(await rig.db.query('select endpoint_id, desk_due_at from delivery', [])).toEqual([
    { endpoint_id: court.endpoint.id, desk_due_at: null },
  ]);
});

describe('The sequence', () => {
  test('has no gap for one who subscribes to two of many types', async () => {
    const { endpoint } = await rig.register('police', ['referral.accepted', 'referral.closed']);
    const referral = await rig.referral();
    for (const type of ['dispatched', 'accepted', 'progress', 'feedback', 'closed', 'reopened', 'accepted', 'closed']) {
      await rig.tell(referral, ['police'], `referral.${type}`);
      if (type === 'progress') await rig.dispatchAll();
    }
    await rig.run();
    expect(rig.received.map(({ type, sequence }) => [type, sequence])).toEqual([
      ['referral.accepted', 1],
      ['referral.closed', 2],
      ['referral.accepted', 3],
      ['referral.closed', 4],
    ]);
    expect(await rig.statuses(endpoint.id)).toEqual(Array(4).fill('DELIVERED'));
  });

  test('has none twice when several workers dispatch one lane at once', async () => {
    const { endpoint } = await rig.register('police');
    const referral = await rig.referral();
    await rig.tell(referral, ['police'], ...Array.from({ length: 120 }, () => 'referral.progress'));
    const looks = await Promise.all(Array.from({ length: 4 }, () => rig.dispatch.dispatch(referral)));
    const rows = await rowsOf(endpoint.id);
    expect(rows.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 120 }, (_, index) => index + 1));
    expect(rows.map(({ status }) => status)).toEqual(['PENDING', ...Array<string>(119).fill('WAITING')]);
    expect(looks.flat()).toHaveLength(1);
  });
});

test('A dispatch that is cut off leaves nothing, and the next does it all', async () => {
  await rig.register('police');
  const referral = await rig.referral();
  await rig.tell(referral, ['police'], 'referral.dispatched');
  await rig.db.query('alter table delivery add constraint broken check (false)');
  await expect(rig.dispatch.dispatch(referral)).rejects.toThrow();
  expect(await rig.dispatch.due()).toEqual([referral]);
  await rig.db.query('alter table delivery drop constraint broken');
  await rig.run();
  expect(rig.received).toMatchObject([{ sequence: 1 }]);
});

test('An act of one referral costs the same statements whatever is stored', async () => {
  await rig.register('police');
  const cost = async (): Promise<number> => {
    const referral = await rig.referral();
    await rig.tell(referral, ['police'], 'referral.dispatched');
    const before = rig.db.statements;
    for (const { id } of await rig.dispatch.dispatch(referral)) await rig.deliver.deliver(id);
    return rig.db.statements - before;
  };
  const first = await cost();
  for (let i = 0; i < 20; i++) await cost();
  expect(await cost()).toBe(first);
});
