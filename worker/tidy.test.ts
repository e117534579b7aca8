import { afterEach, beforeEach, expect, test } from 'vitest';
import { createInboxRig, type InboxRig } from '../test/kit/inbox-rig.ts';
import { once } from '../core/platform/idempotency.ts';
import { tidy } from './tidy.ts';

let rig: InboxRig;
beforeEach(async () => {
  rig = await createInboxRig();
});
afterEach(() => rig.drop());

const DAY = 24 * 60 * 60 * 1_000;
const left = async (): Promise<string[]> =>
  (await rig.db.query<{ id: string }>('select message_id as id from inbox order by position')).map(({ id }) => id);

test('What was applied or rejected is forgotten after 90 days with its id; what still waits is not', async () => {
  const referral = await rig.open('police');
  await rig.inbound.apply(await rig.store('police', 'referral.accept', { id: referral }, 'applied'));
  await rig.inbound.apply(await rig.store('police', 'referral.accept', { id: 'ref_none' }, 'rejected'));
  await rig.store('police', 'referral.progress', { id: referral, note: '已联系。' }, 'waiting');
  rig.clock.advance(90 * DAY);
  await tidy(rig.db, rig.clock.wall());
  expect(await left()).toEqual(['applied', 'rejected', 'waiting']);
  expect(await rig.send('police', { id: 'applied', type: 'referral.accept', data: { id: referral } })).toMatchObject({
    body: { status: 'duplicate' },
  });
  rig.clock.advance(1);
  await tidy(rig.db, rig.clock.wall());
  expect(await left()).toEqual(['waiting']);
});

test('A key of an act is forgotten after 30 days without anybody using it again', async () => {
  const act = (key: string) =>
    rig.db.tx((tx) =>
      once(
        tx,
        rig,
        { organisationId: 'court', subject: 'li', key, operation: 'openDispute', input: {} },
        async () => 1,
      ),
    );
  const keys = async (): Promise<number> =>
    (await rig.db.one<{ n: number }>('select count(*) as n from idempotency', [])).n;
  await act('a');
  rig.clock.advance(30 * DAY);
  await act('b');
  await tidy(rig.db, rig.clock.wall());
  expect(await keys()).toBe(2);
  rig.clock.advance(1);
  await tidy(rig.db, rig.clock.wall());
  expect(await keys()).toBe(1);
});

test('More than one piece is forgotten in one go', async () => {
  await rig.db.query(
    `insert into idempotency (organisation_id, subject, key_hash, operation, input_hash, created_at)
     select 'court', 'li', int4send(n), 'openDispute', '', $1::timestamptz - interval '31 days' from generate_series(1, 6000) n`,
    [rig.clock.wall()],
  );
  await tidy(rig.db, rig.clock.wall());
  expect(await rig.db.one('select count(*) as n from idempotency', [])).toEqual({ n: 0 });
});
