/** Writes a transition down: state, events, parties, what is to be told, the audit entry. All in the transaction of the act. */
import { refreshVisible } from '../access/visible.ts';
import type { Actor } from '../audit/actor.ts';
import { appendEntries, entryRows } from '../audit/audit.ts';
import type { Hash } from '../audit/log/tree.ts';
import type { Tx } from '../platform/db.ts';
import { newId } from '../platform/id.ts';
import type { Keyring } from '../platform/keyring.ts';
import { sealOwned } from '../platform/owned.ts';
import { TOLD_TO_SOME, type ReferralEvent } from './event.ts';
import { logEvents } from './log-event.ts';
import { toMessage } from './message.ts';
import { isOver, type Clock, type ReferralState } from './state.ts';

/** Null when a clock speaks. */
export type ActingActor = (Actor & { readonly name: string | null }) | null;

export interface Row {
  readonly id: string;
  readonly number: string;
  /** The key of its words; null for one from before there were such keys. */
  readonly wrapped: Buffer | null;
  /** Not joined into another. */
  readonly disputeId: string;
  readonly openedAt: Date;
  /** Of its last event, in the audit log; null before the first. */
  readonly lastLeaf: Hash | null;
}

export interface NewRow extends Row {
  readonly rootId: string;
  readonly parentId: string | null;
  readonly legalBasis: string;
  readonly summaryCipher: Buffer;
}

export interface StoreDeps {
  readonly keyring: Keyring;
  readonly wall: () => Date;
}

interface Party {
  readonly organisation: string;
  readonly role: string;
}

const HAS_LEFT: readonly ReferralState['status'][] = ['RETURNED', 'WITHDRAWN'];

/** A lead that gave it back, or lost it, still sees the referral; the dispute is its matter no longer. */
export function partiesOf(before: ReferralState | null, state: ReferralState): Party[] {
  const now: Party[] = [
    { organisation: state.from, role: 'FROM' },
    { organisation: state.lead, role: HAS_LEFT.includes(state.status) ? 'FORMER_LEAD' : 'LEAD' },
    ...(state.status === 'WITHDRAWN' ? [] : state.participants),
    ...(state.superior === null ? [] : [{ organisation: state.superior, role: 'SUPERIOR' }]),
    ...state.returnedBy.map((organisation) => ({ organisation, role: 'FORMER_LEAD' })),
  ];
  const past = before && before.lead !== state.lead ? [{ organisation: before.lead, role: 'FORMER_LEAD' }] : [];
  return [...new Map([...now, ...past].map((party) => [`${party.role} ${party.organisation}`, party])).values()];
}

const runningOf = ({ clocks }: ReferralState): Clock[] => clocks.filter(({ stoppedAt }) => stoppedAt === null);

const earliest = (instants: readonly (string | null)[]): string | null =>
  instants.filter((one) => one !== null).sort()[0] ?? null;

const WORST = ['RED', 'YELLOW', 'GREEN'] as const;

/** The columns by which referrals are found. */
function columnsOf(state: ReferralState) {
  const running = runningOf(state);
  return {
    status: state.status,
    version: state.version,
    leadId: state.lead,
    responsibleId: state.responsible,
    light: WORST.find((light) => running.some((clock) => clock.light === light)) ?? 'GREEN',
    dueAt: earliest(
      running.filter(({ pausedAt }) => pausedAt === null).map(({ dueAt, extendedUntil }) => extendedUntil ?? dueAt),
    ),
    tickAt: earliest(running.map(({ nextAt }) => nextAt)),
    closedAt: isOver(state.status),
  };
}

const INSERT = `
insert into referral (id, dispute_id, number, root_id, parent_id, kind, from_id, urgency, playbook_id, playbook_version,
  legal_basis, summary_cipher, opened_at, status, version, lead_id, responsible_id, light, due_at, tick_at, state, last_leaf)
values ($1, $2, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $10, $27, $28, $29)`;

// One that was opened before there was a log keeps no leaf, however often it is acted on: its chain cannot be proved from the
// beginning, and an export that seemed to would look like one that somebody has tampered with.
const UPDATE = `
update referral set status = $11, version = $12, lead_id = $13, responsible_id = $14, light = $15, due_at = $10, tick_at = $16,
  state = $17, closed_at = case when $18 then coalesce(closed_at, $19) end, last_leaf = case when last_leaf is not null then $20::bytea end
where id = $1`;

/** All of a transition in one statement: every act pays for it, and one costs less than five. */
const storing = (referral: string): string => `
with referral_now as (${referral}), event as (
  insert into referral_event (id, referral_id, sequence, type, at, version, step, actor_subject, actor_role, actor_name,
    actor_organisation_id, responsible_id, body, words_cipher)
  select e.id, $1, e.sequence, e.type, e.at, e.version, e.step, $3, $4, $5, $6, e.responsible, e.body, decode(e.words, 'base64')
  from jsonb_to_recordset($7::jsonb)
    as e(id text, sequence int, type text, at timestamptz, version int, step text, responsible text, body jsonb, words text)
), written as (${appendEntries('$9')}
), due as (
  update referral_sight set due_at = coalesce($10::timestamptz, 'infinity')
  where referral_id = $1 and due_at <> coalesce($10::timestamptz, 'infinity')
)
insert into outbox (id, lane, type, at, referral_id, audience, dispute_id, body)
select m.id, $1, m.type, m.at, $1, m.audience, $2, m.body
from rows from (jsonb_to_recordset($8::jsonb) as (id text, type text, at timestamptz, audience text[], body jsonb))
  with ordinality as m(id, type, at, audience, body, position)
order by m.position`;
const STORE_NEW = storing(INSERT);
const STORE = storing(UPDATE);

const PARTIES = `
with wanted as (
  select organisation, role from unnest($2::text[], $3::text[]) as p(organisation, role)
), gone as (
  delete from referral_party p where p.referral_id = $1 and p.role not in ('FORMER', 'FORMER_LEAD')
    and not exists (select from wanted w where w.organisation = p.organisation_id and w.role = p.role)
  returning p.organisation_id
)
insert into referral_party (referral_id, organisation_id, role)
select $1, organisation, role from wanted
union
select $1, organisation_id, 'FORMER' from gone
on conflict do nothing`;

export interface StoredTransition {
  readonly before: ReferralState | null;
  readonly state: ReferralState;
  readonly events: readonly ReferralEvent[];
  readonly actor: ActingActor;
}

/** The responsible organisation after each event: replayed beside, for an event does not name it. */
export type ResponsibleAfter = (event: ReferralEvent) => string | null;

/** `id`: the event's, so that no words can stand in another's place. */
function sealWords(
  { keyring }: StoreDeps,
  { id: owner, wrapped }: Row,
  id: string,
  event: ReferralEvent,
): string | null {
  // What is committed to in the log can be opened as long as this is there.
  if (!event.words && !TOLD_TO_SOME.has(event.type)) return null;
  return sealOwned(keyring, 'referral', { owner, wrapped }, JSON.stringify(event.words ?? {}), id).toString('base64');
}

/** Returns the leaf of the last event. */
export function storeTransition(
  tx: Tx,
  deps: StoreDeps,
  row: Row | NewRow,
  { before, state, events, actor }: StoredTransition,
  responsibleAfter: ResponsibleAfter,
): Hash | null {
  const columns = columnsOf(state);
  const at = deps.wall();
  const named = events.map((event) => ({ ...event, id: newId('evt', at) }));
  const logged = logEvents(
    {
      keyring: deps.keyring,
      referralId: row.id,
      wrapped: row.wrapped,
      disputeId: row.disputeId,
      actor,
      at,
      responsibleAfter,
    },
    named,
    row.lastLeaf,
  );
  const told = [
    ...[row.id, row.disputeId],
    ...[
      actor?.subject ?? null,
      actor?.roles.join(' ') ?? 'system',
      actor?.name ?? null,
      actor?.organisation.id ?? null,
    ],
    JSON.stringify(
      named.map((event) => ({
        ...{ id: event.id, sequence: event.sequence, type: event.type, at: event.at, version: event.version },
        ...{ step: event.step, responsible: responsibleAfter(event), body: event.body },
        words: sealWords(deps, row, event.id, event),
      })),
    ),
    JSON.stringify(
      named.flatMap((event) => {
        const message = toMessage(event, before, state, row.number);
        if (!message) return [];
        const { type, audience, data } = message;
        return [
          { id: newId('msg', deps.wall()), type, at: event.at, audience, body: { ...data, dispute: row.disputeId } },
        ];
      }),
    ),
    entryRows(logged.entries, logged.bytes),
    columns.dueAt,
  ];
  if ('summaryCipher' in row) {
    tx.send(STORE_NEW, [
      ...told,
      ...[row.number, row.rootId, row.parentId, state.kind, state.from, state.urgency],
      ...[state.playbook.id, state.playbook.version, row.legalBasis, row.summaryCipher, row.openedAt],
      ...[columns.status, columns.version, columns.leadId, columns.responsibleId, columns.light],
      ...[columns.tickAt, JSON.stringify(state), logged.leaf],
    ]);
  } else {
    tx.send(STORE, [
      ...told,
      ...[columns.status, columns.version, columns.leadId, columns.responsibleId, columns.light],
      ...[columns.tickAt, JSON.stringify(state), columns.closedAt, events.at(-1)?.at ?? null, logged.leaf],
    ]);
  }
  storeParties(tx, row, before, state);
  return logged.leaf;
}

function storeParties(tx: Tx, row: Row, before: ReferralState | null, state: ReferralState): void {
  const parties = partiesOf(before, state);
  const known = before === null ? [] : partiesOf(null, before);
  const same =
    parties.length === known.length &&
    parties.every(
      (party, index) => party.organisation === known[index]?.organisation && party.role === known[index]?.role,
    );
  if (same) return;
  tx.send(PARTIES, [row.id, parties.map(({ organisation }) => organisation), parties.map(({ role }) => role)]);
  refreshVisible(tx, [row.disputeId]);
}
