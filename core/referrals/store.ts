/** Writes a transition down: state, events, parties, what is to be told, the audit entry. All in the transaction of the act. */
import { refreshVisible } from '../access/visible.ts';
import type { Actor } from '../audit/actor.ts';
import { audit } from '../audit/audit.ts';
import type { Tx } from '../platform/db.ts';
import { newId } from '../platform/id.ts';
import type { Keyring } from '../platform/keyring.ts';
import type { ReferralEvent } from './event.ts';
import { toMessage } from './message.ts';
import { isOver, type Clock, type ReferralState } from './state.ts';

/** Null when a clock speaks. */
export type ActingActor = (Actor & { readonly name: string | null }) | null;

export interface Row {
  readonly id: string;
  readonly number: string;
  /** Not joined into another. */
  readonly disputeId: string;
  readonly openedAt: Date;
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
insert into referral (id, number, dispute_id, root_id, parent_id, kind, from_id, urgency, playbook_id, playbook_version,
  legal_basis, summary_cipher, opened_at, status, version, lead_id, responsible_id, light, due_at, tick_at, state)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`;

const UPDATE = `
update referral set status = $2, version = $3, lead_id = $4, responsible_id = $5, light = $6, due_at = $7, tick_at = $8,
  state = $9, closed_at = case when $10 then coalesce(closed_at, $11) end
where id = $1`;

const EVENTS = `
with event as (
  insert into referral_event (id, referral_id, sequence, type, at, version, step, actor_subject, actor_role, actor_name,
    actor_organisation_id, responsible_id, body, words_cipher)
  select e.id, $1, e.sequence, e.type, e.at, e.version, e.step, $2, $3, $4, $5, e.responsible, e.body, decode(e.words, 'base64')
  from jsonb_to_recordset($6::jsonb)
    as e(id text, sequence int, type text, at timestamptz, version int, step text, responsible text, body jsonb, words text)
)
insert into outbox (id, lane, type, at, referral_id, audience, dispute_id, body)
select m.id, $1, m.type, m.at, $1, m.audience, $8, m.body
from rows from (jsonb_to_recordset($7::jsonb) as (id text, type text, at timestamptz, audience text[], body jsonb))
  with ordinality as m(id, type, at, audience, body, position)
order by m.position`;

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

const DUE = `update referral_sight set due_at = coalesce($2::timestamptz, 'infinity')
where referral_id = $1 and due_at <> coalesce($2::timestamptz, 'infinity')`;

export interface StoredTransition {
  readonly before: ReferralState | null;
  readonly state: ReferralState;
  readonly events: readonly ReferralEvent[];
  readonly actor: ActingActor;
}

/** The responsible organisation after each event: replayed beside, for an event does not name it. */
export type ResponsibleAfter = (event: ReferralEvent) => string | null;

const sealWords = ({ keyring }: StoreDeps, id: string, event: ReferralEvent): string | null =>
  event.words ? keyring.seal('referral', JSON.stringify(event.words), id).toString('base64') : null;

export async function storeTransition(
  tx: Tx,
  deps: StoreDeps,
  row: Row | NewRow,
  { before, state, events, actor }: StoredTransition,
  responsibleAfter: ResponsibleAfter,
): Promise<void> {
  const columns = columnsOf(state);
  const named = events.map((event) => ({ ...event, id: newId('evt', deps.wall()) }));
  if ('summaryCipher' in row) {
    await tx.query(INSERT, [
      ...[row.id, row.number, row.disputeId, row.rootId, row.parentId, state.kind, state.from, state.urgency],
      ...[state.playbook.id, state.playbook.version, row.legalBasis, row.summaryCipher, row.openedAt],
      ...[columns.status, columns.version, columns.leadId, columns.responsibleId, columns.light],
      ...[columns.dueAt, columns.tickAt, JSON.stringify(state)],
    ]);
  } else {
    await tx.query(UPDATE, [
      ...[row.id, columns.status, columns.version, columns.leadId, columns.responsibleId, columns.light],
      ...[columns.dueAt, columns.tickAt, JSON.stringify(state), columns.closedAt, events.at(-1)?.at ?? null],
    ]);
  }
  await tx.query(EVENTS, [
    row.id,
    actor?.subject ?? null,
    actor?.roles.join(' ') ?? 'system',
    actor?.name ?? null,
    actor?.organisation.id ?? null,
    JSON.stringify(
      named.map((event) => ({
        ...{ id: event.id, sequence: event.sequence, type: event.type, at: event.at, version: event.version },
        ...{ step: event.step, responsible: responsibleAfter(event), body: event.body },
        words: sealWords(deps, event.id, event),
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
    row.disputeId,
  ]);
  await storeParties(tx, row, before, state);
  await audit.append(tx, {
    kind: `referral.${(events[0]?.type ?? 'ACT').toLowerCase()}`,
    subject: row.id,
    actor,
    at: deps.wall(),
    body: {
      dispute: row.disputeId,
      version: state.version,
      status: state.status,
      events: named.map(({ id, type, sequence }) => ({ id, type, sequence })),
    },
  });
}

async function storeParties(tx: Tx, row: Row, before: ReferralState | null, state: ReferralState): Promise<void> {
  const parties = partiesOf(before, state);
  const known = before === null ? [] : partiesOf(null, before);
  const same =
    parties.length === known.length &&
    parties.every(
      (party, index) => party.organisation === known[index]?.organisation && party.role === known[index]?.role,
    );
  if (!same) {
    await tx.query(PARTIES, [row.id, parties.map(({ organisation }) => organisation), parties.map(({ role }) => role)]);
    await refreshVisible(tx, [row.disputeId]);
  }
  await tx.query(DUE, [row.id, columnsOf(state).dueAt]);
}
