/** That the checks see what is broken: a whole loop that is well, and in each test one thing of it broken by hand. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDeliver } from '../../core/delivery/deliver.ts';
import { createDispatch } from '../../core/delivery/dispatch.ts';
import { registerEndpoint } from '../../core/delivery/endpoint.ts';
import { createTargetPolicy } from '../../core/delivery/target.ts';
import type { Act } from '../../core/referrals/act.ts';
import { createInboxRig, type InboxRig } from './inbox-rig.ts';
import { caller } from './referral.ts';
import { checkReferralInvariants, type CheckOptions } from './referral-invariants.ts';

let rig: InboxRig;
let referral: string;
const HOUR = 3_600_000;
const WITH_DISPUTE = { place: 'compound', parties: [{ name: '王小明', role: 'APPLICANT', phone: '13800000001' }] };

const at = () => ({ business: rig.clock.business(), wall: rig.clock.wall() });

/** What is found after this was done to what is stored; nothing of it stays. */
async function afterBreaking(sql: string, options: CheckOptions = {}): Promise<string[]> {
  const undone = new Error('undone');
  let faults: string[] = [];
  await rig.db
    .tx(async (tx) => {
      await tx.query(sql);
      faults = await checkReferralInvariants(tx, at(), options);
      throw undone;
    })
    .catch((error: unknown) => {
      if (error !== undone) throw error;
    });
  return faults;
}

beforeAll(async () => {
  rig = await createInboxRig();
  const { db, clock, keyring, engine, inbound } = rig;
  const policy = createTargetPolicy({ allow: ['127.0.0.1/32'] });
  const answer = { status: 204, durationMs: 1, excerpt: '', retryAfterMs: null };
  const deliver = createDeliver({ db, keyring, clock, client: { post: async () => answer }, random: () => 0.5 });
  const dispatch = createDispatch({ db, clock, url: 'https://gateway.example.cn/graphql' });
  const act = (who: string, what: Act): Promise<unknown> =>
    db.tx((tx) => engine.act(tx, caller(who), { id: referral, expectedVersion: null }, what));

  await db.tx((tx) =>
    registerEndpoint(tx, { keyring, clock, policy }, caller('centre', 'centre.supervisor'), {
      ...{ organisation: 'police', url: 'http://127.0.0.1:9999/', types: ['*'], signing: 'V1' },
    }),
  );
  referral = await rig.open('police');
  await inbound.apply(await rig.store('police', 'referral.accept', { id: referral }));
  await inbound.apply(await rig.store('police', 'referral.accept', { id: referral }));
  const report = {
    title: '漏水',
    description: '漏水',
    category: 'NEIGHBOUR',
    channel: 'HOTLINE_12345',
    ...WITH_DISPUTE,
  };
  await inbound.apply(await rig.store('police', 'dispute.open', report));
  await act('police', { type: 'FORWARD', lead: 'court', kind: null, undertaking: [], assisting: [], note: '请办。' });
  clock.advance(30 * 24 * HOUR);
  await db.tx((tx) => engine.tick(tx, referral));
  for (const { id } of await db.query<{ id: string }>('select id from referral where tick_at <= $1', [
    clock.business(),
  ]))
    await db.tx((tx) => engine.tick(tx, id));
  for (const lane of await dispatch.due()) await dispatch.dispatch(lane);
  for (let due = await deliver.due(); due.length > 0; due = await deliver.due())
    for (const { id } of due) await deliver.deliver(id);
});
afterAll(() => rig.drop());

test('Where nothing is broken nothing is found, and the loop has all kinds of things in it', async () => {
  expect(await checkReferralInvariants(rig.db, at())).toEqual([]);
  const counts = await rig.db.one(
    `select (select count(*) from referral) as referrals, (select count(*) from inbox where status = 'REJECTED') as rejected,
       (select count(*) from delivery where status = 'DELIVERED') > 5 as delivered,
       (select count(*) from referral_event where type = 'CLOCK_RED') > 0 as red, (select count(*) from idempotency) as keys`,
    [],
  );
  expect(counts).toEqual({ referrals: 2, rejected: 1, delivered: true, red: true, keys: 0 });
});

const LAST = `(select id from referral_event where type = 'FORWARDED')`;
const PARENT = 'parent_id is null';
const FIRST_DELIVERY = `(select id from delivery where sequence is not null order by lane, position limit 1)`;

const WAYS: readonly (readonly [string, string, RegExp])[] = [
  [
    'A state that its events do not give',
    `update referral set state = jsonb_set(state, '{informed}', '7') where ${PARENT}`,
    /state is not what/,
  ],
  ['A column that does not say what the state says', `update referral set light = 'GREEN'`, /columns do not say/],
  ['A gap in the events', `delete from referral_event where sequence = 2`, /have a gap: 3 stands at 2/],
  [
    'A version that leaps',
    `update referral_event set version = version + 5 where id = ${LAST}`,
    /has version \d+ after \d+/,
  ],
  [
    'A moment at which nobody is responsible',
    `update referral_event set responsible_id = null where id = ${LAST}`,
    /nobody is responsible/,
  ],
  [
    'A moment at which another is responsible',
    `update referral_event set responsible_id = 'street' where id = ${LAST}`,
    /names another responsible organisation/,
  ],
  ['An event that is told to nobody', `delete from outbox where body->>'event' = ${LAST}`, /was told 0 times/],
  [
    'An event that is told twice',
    `insert into outbox (id, lane, type, at, referral_id, audience, dispute_id, body, dispatched_at)
     select 'msg_again', lane, type, at, referral_id, audience, dispute_id, body, at from outbox where body->>'event' = ${LAST}`,
    /was told 2 times/,
  ],
  [
    'A message of an event that did not happen',
    `update outbox set body = body || '{"event":"evt_none"}' where body->>'event' = ${LAST}`,
    /an event that is not there/,
  ],
  [
    'An act that is not written down',
    `delete from audit_entry where kind = 'referral.forwarded'`,
    /named in 0 audit entries/,
  ],
  [
    'An act that is written down twice',
    `insert into audit_entry (at, kind, actor_role, subject, about, bytes)
     select at, kind, actor_role, subject, about, bytes from audit_entry where kind = 'referral.forwarded'`,
    /named in 2 audit entries/,
  ],
  [
    'A clock that missed its time',
    `update referral set state = jsonb_set(state, '{clocks}', (select jsonb_agg(c || '{"yellowAt":"2026-09-01T00:00:00.000Z",
       "dueAt":"2026-09-01T00:00:00.000Z","stoppedAt":null,"pausedAt":null,"id":"clk_other"}') from jsonb_array_elements(state->'clocks') c))`,
    /did not say that it was due/,
  ],
  [
    'A clock that said the same twice',
    `update referral_event e set body = jsonb_set(e.body, '{clock}', y.body->'clock'), type = 'CLOCK_YELLOW'
     from referral_event y where y.type = 'CLOCK_YELLOW' and e.type = 'SUPERVISED' and e.referral_id = y.referral_id`,
    /said \d+ times yellow/,
  ],
  ['A clock that nobody looked at', `update referral set tick_at = '2026-09-01' where ${PARENT}`, /was to speak at/],
  [
    'A parent that is closed over an open child',
    `update referral set status = 'CLOSED', responsible_id = null, closed_at = now() where ${PARENT}`,
    /is closed over/,
  ],
  [
    'A number that is missing in a lane',
    `delete from delivery_attempt where delivery_id = ${FIRST_DELIVERY}; delete from delivery where id = ${FIRST_DELIVERY}`,
    /has number 2 and stands at 1/,
  ],
  [
    'A lane that has counted further than it holds',
    `update webhook_lane set last_sequence = last_sequence + 1`,
    /has counted to/,
  ],
  [
    'A message that overtook another',
    `update delivery set status = 'FAILED' where id = ${FIRST_DELIVERY}`,
    /was delivered before/,
  ],
  [
    'A message that is delivered and nobody wrote it down',
    `delete from audit_entry where kind = 'delivery.delivered'`,
    /is DELIVERED and written down 0 times/,
  ],
  [
    'A lease on a message that is over',
    `update delivery set leased_by = 'somebody', leased_until = now() where id = ${FIRST_DELIVERY}`,
    /is over and still held/,
  ],
  ['A message that waits to be dispatched', `update outbox set dispatched_at = null`, /waits to be dispatched/],
  [
    'A message that is not delivered',
    `update delivery set status = 'PENDING' where id = (select id from delivery order by position desc limit 1)`,
    /is PENDING and not delivered/,
  ],
  [
    'A message that waits behind nothing',
    `update delivery set status = 'WAITING' where id = ${FIRST_DELIVERY}`,
    /waits behind nothing/,
  ],
  [
    'A message for which nobody telephones',
    `update delivery set status = 'FAILED', desk_due_at = '2026-09-01' where id = ${FIRST_DELIVERY}`,
    /has no task at the desk/,
  ],
  [
    'A lease that somebody left behind',
    `update delivery set status = 'PENDING', leased_by = 'somebody', leased_until = '2026-09-01' where id = ${FIRST_DELIVERY}`,
    /nobody is at it/,
  ],
  ['A message that waits to be applied', `update inbox set status = 'ACCEPTED'`, /waits to be applied/],
  [
    'A lease on a message that is applied',
    `update inbox set leased_by = 'somebody' where status = 'APPLIED'`,
    /inbox \S+ is over and still held/,
  ],
  [
    'A message that is applied and did nothing',
    `update referral_event set actor_subject = 'police-1' where type = 'ACCEPTED'`,
    /police said ACCEPTED of \S+ 1 times, and it happened 0 times/,
  ],
  [
    'A message that did something and is not applied',
    `update inbox set status = 'REJECTED' where type = 'referral.accept'`,
    /police said ACCEPTED of \S+ 0 times, and it happened 1 times/,
  ],
  [
    'A dispute that was reported once and is there twice',
    `insert into audit_entry (at, kind, actor_subject, actor_role, subject, about, bytes)
     select at, kind, actor_subject, actor_role, 'dsp_again', about, bytes from audit_entry where kind = 'dispute.opened'`,
    /a dispute that police reported is there 2 times of 1/,
  ],
  [
    'A refusal that nobody is told',
    `delete from outbox where type = 'referral.rejected_input'`,
    /was refused and its sender told 0 times/,
  ],
  [
    'A key that was used for nothing',
    `insert into idempotency (organisation_id, subject, key_hash, operation, input_hash, created_at)
     values ('police', 'police-1', '', 'x', '', now())`,
    /has no result/,
  ],
  [
    'A department whose reader is gone',
    `insert into source_feed (source, due_at, leased_by, leased_until) values ('COURTS', now(), 'somebody', '2026-09-01')`,
    /is being read since/,
  ],
];

test.each(WAYS)('%s is found', async (_, sql, words) => {
  expect((await afterBreaking(sql)).join('\n')).toMatch(words);
});

test('While work goes on, what is due and not done yet is no violation', async () => {
  expect(await afterBreaking('update outbox set dispatched_at = null', { settled: false })).toEqual([]);
  expect(await afterBreaking(`delete from referral_event where type = 'FORWARDED'`, { settled: false })).not.toEqual(
    [],
  );
});
