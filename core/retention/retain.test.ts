import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createInboxRig, type InboxRig } from '../../test/kit/inbox-rig.ts';
import { loadRules } from '../calendar/load-rules.ts';
import { once } from '../platform/idempotency.ts';
import { projectRoot } from '../platform/project-root.ts';
import { loadEvents, loadReferrals, openSummary } from '../referrals/read.ts';
import { reportRetention, retain } from './retain.ts';

let rig: InboxRig;
beforeEach(async () => {
  rig = await createInboxRig();
});
afterEach(() => rig.drop());

const rules = loadRules(join(projectRoot, 'schema', 'rules'));
const tidy = () => retain(rig.db, rules, rig.clock.wall(), { alwaysOnly: true });

const DAY = 24 * 60 * 60 * 1_000;
const left = async (): Promise<string[]> =>
  (await rig.db.query<{ id: string }>('select message_id as id from inbox order by position')).map(({ id }) => id);

test('What was applied or rejected is forgotten after 90 days with its id; what still waits is not', async () => {
  const referral = await rig.open('police');
  await rig.inbound.apply(await rig.store('police', 'referral.accept', { id: referral }, 'applied'));
  await rig.inbound.apply(await rig.store('police', 'referral.accept', { id: 'ref_none' }, 'rejected'));
  await rig.store('police', 'referral.progress', { id: referral, note: '已联系。' }, 'waiting');
  rig.clock.advance(90 * DAY);
  await tidy();
  expect(await left()).toEqual(['applied', 'rejected', 'waiting']);
  expect(await rig.send('police', { id: 'applied', type: 'referral.accept', data: { id: referral } })).toMatchObject({
    body: { status: 'duplicate' },
  });
  rig.clock.advance(1);
  await tidy();
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
  await tidy();
  expect(await keys()).toBe(2);
  rig.clock.advance(1);
  await tidy();
  expect(await keys()).toBe(1);
});

test('More than one piece is forgotten in one go', async () => {
  await rig.db.query(
    `insert into idempotency (organisation_id, subject, key_hash, operation, input_hash, created_at)
     select 'court', 'li', int4send(n), 'openDispute', '', $1::timestamptz - interval '31 days' from generate_series(1, 6000) n`,
    [rig.clock.wall()],
  );
  await tidy();
  expect(await rig.db.one('select count(*) as n from idempotency', [])).toEqual({ n: 0 });
});

test('A report says what has had its time, by which rule and since when, and changes nothing', async () => {
  await rig.db.query(
    `insert into idempotency (organisation_id, subject, key_hash, operation, input_hash, created_at)
     select 'court', 'li', int4send(n), 'openDispute', '', $1::timestamptz - make_interval(days => n) from generate_series(29, 33) n`,
    [rig.clock.wall()],
  );
  const lines = await reportRetention(rig.db, rules, rig.clock.wall());
  expect(lines.find(({ rule }) => rule === 'retention.idempotency')).toMatchObject({
    ...{ count: 3, basis: '枫桥默认', version: '1' },
    oldest: new Date(rig.clock.wall().getTime() - 33 * DAY),
  });
  expect(lines.filter(({ count }) => count > 0)).toHaveLength(1);
  expect(lines).toHaveLength(8);
  expect(await rig.db.one('select count(*) as n from idempotency', [])).toEqual({ n: 5 });
});

test('What is removed is written down by rule, and only then', async () => {
  await rig.db.query(
    `insert into idempotency (organisation_id, subject, key_hash, operation, input_hash, created_at)
     select 'court', 'li', int4send(n), 'openDispute', '', $1::timestamptz - interval '31 days' from generate_series(1, 5001) n`,
    [rig.clock.wall()],
  );
  await tidy();
  const written = await rig.db.query<{ subject: string; removed: number }>(
    `select subject, (body ->> 'removed')::int as removed from audit_trail where kind = 'retention.applied' order by id`,
  );
  expect(written).toEqual([
    { subject: 'retention.idempotency', removed: 5_000 },
    { subject: 'retention.idempotency', removed: 1 },
  ]);
});

test('The words of a closed matter go when its time is over and somebody says so; what happened stays', async () => {
  const id = await rig.open('police');
  await rig.inbound.apply(await rig.store('police', 'referral.accept', { id, note: '已受理。' }));
  await rig.db.query(`update referral set status = 'CLOSED', responsible_id = null, closed_at = $1, tick_at = null`, [
    rig.clock.wall(),
  ]);
  const read = async () => {
    const seen = (await loadReferrals(rig.db, 'centre', [id])).get(id);
    const events = await loadEvents(rig.db, rig.keyring, [id]);
    return {
      summary: seen && openSummary(rig.keyring, seen),
      notes: events.flatMap((event) => event.words().note ?? []),
      events: events.length,
    };
  };
  const before = await read();
  expect(before).toMatchObject({ summary: '请处理。', notes: ['已受理。'] });
  rig.clock.advance(59 * 30 * DAY);
  await retain(rig.db, rules, rig.clock.wall());
  expect(await read()).toEqual(before);
  // Its dispute is over only now: the referral's words are kept as long as that's.
  await rig.db.query(`update dispute set stage = 'RESOLVED', resolved_at = $1`, [rig.clock.wall()]);
  rig.clock.advance(59 * 30 * DAY);
  await retain(rig.db, rules, rig.clock.wall());
  expect(await read()).toEqual(before);
  rig.clock.advance(2 * 30 * DAY);
  rig.clock.advance(30 * DAY);
  await tidy();
  expect(await read()).toEqual(before);
  const lines = await retain(rig.db, rules, rig.clock.wall());
  expect(lines.find(({ rule }) => rule === 'retention.closed-words')).toMatchObject({ count: 2 });
  expect(await read()).toEqual({ summary: '', notes: [], events: before.events });
  expect(await rig.db.query('select words_cipher from referral_event where words_cipher is not null')).toEqual([]);
});

test('A report counts deliveries whose attempts and tasks have had their time as well: so many are removed', async () => {
  const now = rig.clock.wall();
  await rig.db.query(
    `insert into webhook_endpoint (id, organisation_id, url_cipher, types, signing, created_at, rate_per_second, free_at)
     values ('whe_1', 'court', '', '{}', 'V1', $1, 1, $1)`,
    [now],
  );
  await rig.db.query(
    `insert into delivery (id, message_id, endpoint_id, lane, type, body, status, created_at)
     select 'dlv_' || n, 'msg_' || n, 'whe_1', 'l' || n, 'referral.accepted', '', 'DELIVERED', $1::timestamptz - interval '14 months'
     from generate_series(1, 4) n`,
    [now],
  );
  const [old, young] = ['14 months', '1 day'];
  const tried = `insert into delivery_attempt (delivery_id, at, status, duration_ms) values ($1, $2::timestamptz - $3::interval, 200, 1)`;
  await rig.db.query(tried, ['dlv_1', now, old]);
  await rig.db.query(tried, ['dlv_2', now, young]);
  const asked = `insert into desk_task (id, delivery_id, reason, opened_at, done_at) values ($1, $2, 'UNDELIVERED', $3, $3::timestamptz - $4::interval)`;
  await rig.db.query(asked, ['tsk_3', 'dlv_3', now, old]);
  await rig.db.query(asked, ['tsk_4', 'dlv_4', now, young]);
  const counts = (lines: Awaited<ReturnType<typeof retain>>) => lines.map(({ rule, count }) => [rule, count]);
  const told = counts(await reportRetention(rig.db, rules, now));
  expect(told).toContainEqual(['retention.delivery', 2]);
  expect(counts(await retain(rig.db, rules, now))).toEqual(told);
});
