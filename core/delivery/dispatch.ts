/** From the outbox to the endpoints: what an act left to be told becomes one delivery for each endpoint that is to hear it. */
import type { Clock } from '../platform/clock.ts';
import type { Db, Tx } from '../platform/db.ts';
import { newId } from '../platform/id.ts';
import type { ReferralState } from '../referrals/state.ts';
import { deskDueAt } from './desk-due.ts';
import { moveOn, type Look } from './lane.ts';
import { messageBody } from './message-body.ts';
import { isMessageType, type MessageType } from './message-type.ts';
import { findReceivers } from './receiver.ts';

export interface DispatchDeps {
  readonly db: Db;
  readonly clock: Pick<Clock, 'wall'>;
  /** The gateway's `/graphql`, as departments reach it. */
  readonly url: string;
}

export interface Dispatch {
  /** Everything that waits in this lane, in its order. Returns the deliveries that can be sent now. */
  dispatch(lane: string): Promise<Look[]>;
  /** Lanes in which something waits. */
  due(): Promise<string[]>;
}

/** Of one lane in one transaction, and of lanes that one sweep queues; the next goes on. */
const MESSAGES_AT_ONCE = 100;
const LANES_AT_ONCE = 500;

interface Waiting {
  readonly id: string;
  readonly type: string;
  readonly at: Date;
  readonly referralId: string | null;
  readonly disputeId: string | null;
  readonly body: Readonly<Record<string, unknown>>;
  readonly state: ReferralState | null;
}

interface Message extends Waiting {
  readonly type: MessageType;
}

interface Told {
  readonly message: Message;
  readonly endpointId: string;
}

const WAITING = `
select o.id, o.type, o.at, o.referral_id as "referralId", o.dispute_id as "disputeId", o.body, r.state
from outbox o left join referral r on r.id = o.referral_id
where o.lane = $1 and o.dispatched_at is null order by o.position limit $2`;

const COUNT = `
insert into webhook_lane (endpoint_id, lane, last_sequence)
select endpoint_id, $1, count from unnest($2::text[], $3::integer[]) as c(endpoint_id, count) order by endpoint_id
on conflict (endpoint_id, lane) do update set last_sequence = webhook_lane.last_sequence + excluded.last_sequence
returning endpoint_id as id, last_sequence as last`;

const INSERT = `
insert into delivery (id, message_id, endpoint_id, lane, type, sequence, referral_id, dispute_id, body, status, desk_due_at, created_at)
select n.id, n.message, n.endpoint, $2, n.type, n.sequence, n.referral, n.dispute, decode(n.body, 'base64'), 'WAITING', n.desk, $3
from rows from (jsonb_to_recordset($1::jsonb) as (id text, message text, endpoint text, type text, sequence integer,
  referral text, dispute text, body text, desk timestamptz)) with ordinality
  as n(id, message, endpoint, type, sequence, referral, dispute, body, desk, place)
order by n.place
on conflict (endpoint_id, message_id) do nothing`;

/** Counted is what is told of a referral; the rest has no sequence (contract/webhooks.md). */
const isCounted = ({ type, referralId }: Message): boolean => referralId !== null && type.startsWith('referral.');

export function createDispatch({ db, clock, url }: DispatchDeps): Dispatch {
  /** The row of a lane is locked by counting on: nobody adds or moves on beside us. Returns the number before the first. */
  async function countOn(tx: Tx, lane: string, told: readonly Told[]): Promise<Map<string, number>> {
    const counts = new Map<string, number>();
    for (const { endpointId, message } of told)
      counts.set(endpointId, (counts.get(endpointId) ?? 0) + (isCounted(message) ? 1 : 0));
    const rows = await tx.query<{ id: string; last: number }>(COUNT, [lane, [...counts.keys()], [...counts.values()]]);
    return new Map(rows.map(({ id, last }) => [id, last - (counts.get(id) ?? 0)]));
  }

  async function store(tx: Tx, lane: string, told: readonly Told[]): Promise<Look[]> {
    const sequences = await countOn(tx, lane, told);
    const at = clock.wall();
    const rows = told.map(({ message, endpointId }) => {
      const { id, type, referralId, disputeId, state, body: data } = message;
      const sequence = isCounted(message) ? (sequences.get(endpointId) ?? 0) + 1 : null;
      if (sequence !== null) sequences.set(endpointId, sequence);
      const body = messageBody({ type, at: message.at, sequence, data, url }).toString('base64');
      // That somebody could not be reached is not itself a task when it cannot be told: that would go on for ever.
      const desk = state && data['unreached'] === undefined ? deskDueAt(state, message.at) : null;
      return {
        ...{ id: newId('dlv', at), message: id, endpoint: endpointId, type, sequence, body, desk },
        ...{ referral: referralId, dispute: disputeId },
      };
    });
    await tx.query(INSERT, [JSON.stringify(rows), lane, at]);
    return moveOn(
      tx,
      [...sequences.keys()].map((endpointId) => ({ endpointId, lane })),
      at,
    );
  }

  /** One transaction's worth. */
  async function dispatchSome(tx: Tx, lane: string): Promise<{ readonly looks: Look[]; readonly isLast: boolean }> {
    await tx.lock(`dispatch/${lane}`);
    const waiting = await tx.query<Waiting>(WAITING, [lane, MESSAGES_AT_ONCE]);
    if (waiting.length === 0) return { looks: [], isLast: true };
    // What the contract does not name is told to nobody.
    const messages = waiting.filter((one): one is Message => isMessageType(one.type));
    const receivers = await findReceivers(tx, messages);
    const told = messages.flatMap((message) =>
      (receivers.get(message.id) ?? []).map((endpointId) => ({ message, endpointId })),
    );
    const looks = told.length > 0 ? await store(tx, lane, told) : [];
    await tx.query('update outbox set dispatched_at = $2 where id = any ($1)', [
      waiting.map(({ id }) => id),
      clock.wall(),
    ]);
    return { looks, isLast: waiting.length < MESSAGES_AT_ONCE };
  }

  return {
    async dispatch(lane) {
      const all: Look[] = [];
      for (;;) {
        const { looks, isLast } = await db.tx((tx) => dispatchSome(tx, lane));
        all.push(...looks);
        if (isLast) return all;
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
