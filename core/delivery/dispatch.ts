/** From the outbox to the endpoints: what an act left to be told becomes one delivery for each endpoint that is to hear it. */
import type { Clock } from '../platform/clock.ts';
import type { Db, Tx } from '../platform/db.ts';
import { newId } from '../platform/id.ts';
import type { ReferralState } from '../referrals/state.ts';
import { deskDueAt } from './desk-due.ts';
import { lookOf, moveOn, type Lane, type Look } from './lane.ts';
import { messageBody } from './message-body.ts';
import { isMessageType, type MessageType } from './message-type.ts';
import { receiversOf, subscribed, type Receiver } from './receiver.ts';

export interface DispatchDeps {
  readonly db: Db;
  readonly clock: Pick<Clock, 'wall'>;
  /** The gateway's `/graphql`, as departments reach it. */
  readonly url: string;
}

export interface Dispatch {
  /** Everything that waits in these lanes, in their order. Returns the deliveries that can be sent now. */
  dispatch(...lanes: readonly string[]): Promise<Look[]>;
  /** Lanes in which something waits. */
  due(): Promise<string[]>;
}

/** In one transaction, and of lanes that one sweep queues; the next goes on. */
const MESSAGES_AT_ONCE = 100;
const LANES_AT_ONCE = 500;

interface Waiting {
  readonly id: string;
  readonly lane: string;
  readonly type: string;
  readonly at: Date;
  readonly referralId: string | null;
  readonly disputeId: string | null;
  readonly body: Readonly<Record<string, unknown>>;
  readonly state: ReferralState | null;
  readonly receivers: readonly Receiver[];
}

interface Message extends Waiting {
  readonly type: MessageType;
}

interface Told {
  readonly message: Message;
  readonly endpointId: string;
}

// Who dispatches the same lanes at this moment waits, and then finds these dispatched; in one order, so that nobody waits for ever.
const WAITING = `
select o.id, o.lane, o.type, o.at, o.referral_id as "referralId", o.dispute_id as "disputeId", o.body, r.state, ${receiversOf('o')} as receivers
from outbox o left join referral r on r.id = o.referral_id
where o.lane = any ($1) and o.dispatched_at is null order by o.position limit $2 for update of o`;

const COUNT = `
insert into webhook_lane (endpoint_id, lane, last_sequence)
select endpoint_id, lane, count from unnest($1::text[], $2::text[], $3::integer[]) as c(endpoint_id, lane, count) order by endpoint_id, lane
on conflict (endpoint_id, lane) do update set last_sequence = webhook_lane.last_sequence + excluded.last_sequence
returning endpoint_id as "endpointId", lane, last_sequence as last`;

/** Whether such a message is in the lane: looked up lane by lane, as otherwise all of every lane would be read through. */
const inLane = (status: string): string => `lateral (
    select true as found from delivery f where f.endpoint_id = n.endpoint and f.lane = n.lane and f.status ${status} limit 1)`;

// Under the lock of COUNT nobody adds beside us; whoever settles the front at this moment moves the lane on after it, or we do.
const INSERT = `
with new as (
  insert into delivery (id, message_id, endpoint_id, lane, type, sequence, referral_id, dispute_id, body, status, next_attempt_at, desk_due_at, created_at)
  select n.id, n.message, n.endpoint, n.lane, n.type, n.sequence, n.referral, n.dispute, decode(n.body, 'base64'), place.status,
    case when place.status = 'PENDING' then $2::timestamptz end, n.desk, $2
  from rows from (jsonb_to_recordset($1::jsonb) as (id text, message text, endpoint text, type text, sequence integer,
    referral text, dispute text, body text, desk timestamptz, first boolean, lane text)) with ordinality
    as n(id, message, endpoint, type, sequence, referral, dispute, body, desk, first, lane, turn)
  left join ${inLane("in ('PENDING', 'RETRYING', 'FAILED')")} front on true
  left join ${inLane("= 'WAITING'")} behind on true
  cross join lateral (select case when n.first and front.found is null and behind.found is null then 'PENDING' else 'WAITING' end as status) place
  order by n.turn
  on conflict (endpoint_id, message_id) do nothing
  returning id, attempts, status, endpoint_id, lane
), done as (
  update outbox set dispatched_at = $2 where id = any ($3)
)
select id, attempts, status, endpoint_id as "endpointId", lane from new`;

const DONE = 'update outbox set dispatched_at = $2 where id = any ($1)';

interface Added extends Look, Lane {
  readonly status: string;
}

/** Counted is what is told of a referral; the rest has no sequence (contract/webhooks.md). */
const isCounted = ({ type, referralId }: Message): boolean => referralId !== null && type.startsWith('referral.');

const laneOf = ({ endpointId, message: { lane } }: Told): Lane => ({ endpointId, lane });
const keyOf = ({ endpointId, lane }: Lane): string => `${endpointId} ${lane}`;

export function createDispatch({ db, clock, url }: DispatchDeps): Dispatch {
  /** The rows of lanes are locked by counting on: nobody adds beside us. Returns the number before the first. */
  async function countOn(tx: Tx, told: readonly Told[]): Promise<Map<string, number>> {
    const counts = new Map<string, Lane & { count: number }>();
    for (const one of told) {
      const lane = laneOf(one);
      const count = (counts.get(keyOf(lane))?.count ?? 0) + (isCounted(one.message) ? 1 : 0);
      counts.set(keyOf(lane), { ...lane, count });
    }
    const lanes = [...counts.values()];
    const rows = await tx.query<Lane & { last: number }>(COUNT, [
      lanes.map(({ endpointId }) => endpointId),
      lanes.map(({ lane }) => lane),
      lanes.map(({ count }) => count),
    ]);
    return new Map(rows.map((row) => [keyOf(row), row.last - (counts.get(keyOf(row))?.count ?? 0)]));
  }

  async function store(tx: Tx, told: readonly Told[], waiting: readonly string[]): Promise<Added[]> {
    const sequences = await countOn(tx, told);
    const at = clock.wall();
    const known = new Set<string>();
    const rows = told.map((one) => {
      const { message, endpointId } = one;
      const { id, lane, type, referralId, disputeId, state, body: data } = message;
      const key = keyOf(laneOf(one));
      const sequence = isCounted(message) ? (sequences.get(key) ?? 0) + 1 : null;
      if (sequence !== null) sequences.set(key, sequence);
      const body = messageBody({ type, at: message.at, sequence, data, url }).toString('base64');
      // That somebody could not be reached is not itself a task when it cannot be told: that would go on for ever.
      const desk = state && data['unreached'] === undefined ? deskDueAt(state, message.at) : null;
      const first = !known.has(key);
      known.add(key);
      return {
        ...{ id: newId('dlv', at), message: id, endpoint: endpointId, lane, type, sequence, body, desk, first },
        ...{ referral: referralId, dispute: disputeId },
      };
    });
    return tx.query<Added>(INSERT, [JSON.stringify(rows), at, waiting]);
  }

  /** One transaction's worth. */
  async function dispatchSome(
    tx: Tx,
    lanes: readonly string[],
  ): Promise<{ readonly added: Added[]; readonly isLast: boolean }> {
    const waiting = await tx.query<Waiting>(WAITING, [lanes, MESSAGES_AT_ONCE]);
    const isLast = waiting.length < MESSAGES_AT_ONCE;
    // What the contract does not name is told to nobody.
    const messages = waiting.filter((one): one is Message => isMessageType(one.type));
    const told = messages.flatMap((message) =>
      subscribed(message.receivers, message.type).map((endpointId) => ({ message, endpointId })),
    );
    const ids = waiting.map(({ id }) => id);
    if (told.length > 0) return { added: await store(tx, told, ids), isLast };
    if (ids.length > 0) tx.send(DONE, [ids, clock.wall()]);
    return { added: [], isLast };
  }

  /** What waits behind something was put there under its eyes; that it is settled since is for one of us to notice. */
  async function goOn(added: readonly Added[]): Promise<Look[]> {
    const behind = new Map(added.filter(({ status }) => status === 'WAITING').map((one) => [keyOf(one), one]));
    for (const one of added) if (one.status === 'PENDING') behind.delete(keyOf(one));
    return behind.size === 0 ? [] : moveOn(db, [...behind.values()], clock.wall());
  }

  return {
    async dispatch(...lanes) {
      const looks: Look[] = [];
      for (;;) {
        const { added, isLast } = await db.tx((tx) => dispatchSome(tx, lanes));
        looks.push(...added.filter(({ status }) => status === 'PENDING'), ...(await goOn(added)));
        if (isLast) return looks.map(lookOf);
      }
    },
    async due() {
      const rows = await db.query<{ lane: string }>(
        'select distinct lane from outbox where dispatched_at is null order by lane limit $1',
        [LANES_AT_ONCE],
      );
      return rows.map(({ lane }) => lane);
    },
  };
}
