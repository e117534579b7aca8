/** Referrals and their events as one caller may see them: by `referral_sight`, in every statement. */
import { isViolent } from '../access/predicate.ts';
import { visibleReferral } from '../access/referral-sight.ts';
import type { Queryable } from '../platform/db.ts';
import type { Keyring } from '../platform/keyring.ts';
import { openOwned } from '../platform/owned.ts';
import type { EventWords, ReferralEvent } from './event.ts';
import type { ReferralState } from './state.ts';

export interface SeenReferral {
  readonly id: string;
  readonly number: string;
  /** Not joined into another. */
  readonly disputeId: string;
  /** Its dispute is one of violence at home. */
  readonly isViolent: boolean;
  readonly rootId: string;
  readonly legalBasis: string;
  readonly summaryCipher: Buffer;
  /** The key of its words; null for one from before there were such keys. */
  readonly wrapped: Buffer | null;
  readonly state: ReferralState;
  readonly openedAt: Date;
  readonly closedAt: Date | null;
}

const COLUMNS = `r.id, r.number, d.id as "disputeId", ${isViolent('d')} as "isViolent", r.root_id as "rootId", r.legal_basis as "legalBasis",
  r.summary_cipher as "summaryCipher", k.wrapped, r.state, r.opened_at as "openedAt", r.closed_at as "closedAt"`;
const FROM = `referral r join dispute of_it on of_it.id = r.dispute_id join dispute d on d.id = coalesce(of_it.survivor_id, of_it.id)
  left join data_key k on k.id = r.id`;

const BY_ID = `select ${COLUMNS} from ${FROM} where r.id = any($2) and ${visibleReferral('r.id', '$1')}`;

export async function loadReferrals(
  q: Queryable,
  organisationId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, SeenReferral>> {
  const rows = await q.query<SeenReferral>(BY_ID, [organisationId, ids]);
  return new Map(rows.map((row) => [row.id, row]));
}

export interface DisputeReferral {
  readonly disputeId: string;
  readonly id: string;
  readonly openedAt: Date;
}

const OF_DISPUTES = `
select d.asked_id as "disputeId", r.id, r.opened_at as "openedAt"
from (select id as asked_id, id from dispute where id = any($2)
      union select survivor_id, id from dispute where survivor_id = any($2)) d (asked_id, id)
join referral r on r.dispute_id = d.id
where ${visibleReferral('r.id', '$1')}
order by r.opened_at desc, r.id desc limit 10000`;

/** When each of these disputes was referred, as far as this organisation may see it; newest first. */
export const loadReferralsOfDisputes = (
  q: Queryable,
  organisationId: string,
  disputeIds: readonly string[],
): Promise<DisputeReferral[]> => q.query(OF_DISPUTES, [organisationId, disputeIds]);

/** Of one referral, or of a chain as far as it is shown at once. */
export const MOST_SHOWN = 500;
const MOST_OF_CHAIN = 10_000;

const CHILDREN = `
select ${COLUMNS}, parent.id as "parentId" from unnest($2::text[]) as parent (id)
cross join lateral (
  select c.id from referral c where c.parent_id = parent.id and ${visibleReferral('c.id', '$1')}
  order by c.opened_at, c.id limit ${MOST_SHOWN}) child
join ${FROM} on r.id = child.id
order by r.opened_at, r.id`;

export const loadChildren = (
  q: Queryable,
  organisationId: string,
  parentIds: readonly string[],
): Promise<(SeenReferral & { readonly parentId: string })[]> => q.query(CHILDREN, [organisationId, parentIds]);

const OF_ROOT = `select ${COLUMNS} from ${FROM} where r.root_id = $2 and ${visibleReferral('r.id', '$1')}
order by r.opened_at, r.id limit ${MOST_OF_CHAIN}`;

/** A tree from its root, parents first: no child is opened before its parent. */
export const loadChain = (q: Queryable, organisationId: string, rootId: string): Promise<SeenReferral[]> =>
  q.query<SeenReferral>(OF_ROOT, [organisationId, rootId]);

export interface SeenEvent {
  readonly id: string;
  readonly referralId: string;
  readonly sequence: number;
  readonly type: ReferralEvent['type'];
  readonly at: Date;
  readonly actor: {
    readonly organisationId: string | null;
    readonly name: string | null;
    readonly role: string;
    /** A clock spoke. */
    readonly system: boolean;
  };
  readonly responsibleId: string | null;
  readonly body: Readonly<Record<string, unknown>>;
  /** Decrypted when they are asked for. */
  readonly words: () => EventWords;
}

interface EventRow extends Omit<SeenEvent, 'actor' | 'words'> {
  readonly actorSubject: string | null;
  readonly actorRole: string;
  readonly actorName: string | null;
  readonly actorOrganisationId: string | null;
  readonly wordsCipher: Buffer | null;
  readonly wrapped: Buffer | null;
}

const EVENT_COLUMNS = `e.id, e.referral_id as "referralId", e.sequence, e.type, e.at, e.actor_subject as "actorSubject",
  e.actor_role as "actorRole", e.actor_name as "actorName", e.actor_organisation_id as "actorOrganisationId",
  e.responsible_id as "responsibleId", e.body, e.words_cipher as "wordsCipher", k.wrapped`;

const EVENTS = `
select ${EVENT_COLUMNS} from unnest($1::text[]) as asked (id)
cross join lateral (
  select * from referral_event one where one.referral_id = asked.id
    and ($3::text[] is null or one.type = any($3)) order by one.sequence limit $2) e
left join data_key k on k.id = e.referral_id
order by e.referral_id, e.sequence`;

/** None once they were destroyed, when their time had come. */
function openWords(keyring: Keyring, { id, referralId, wrapped, wordsCipher }: EventRow): EventWords {
  if (wordsCipher === null) return {};
  const text = openOwned(keyring, 'referral', { owner: referralId, wrapped }, wordsCipher, id);
  return text === null ? {} : (JSON.parse(text) as EventWords);
}

const toEvent = (keyring: Keyring, row: EventRow): SeenEvent => {
  const { actorSubject, actorRole, actorName, actorOrganisationId, wordsCipher: _, wrapped: __, ...event } = row;
  let words: EventWords | undefined;
  return {
    ...event,
    actor: {
      organisationId: actorOrganisationId,
      name: actorName,
      role: actorRole,
      system: actorSubject === null,
    },
    words: () => (words ??= openWords(keyring, row)),
  };
};

/** Of referrals that the caller may see: who calls this has loaded them. `types` null: all. */
export async function loadEvents(
  q: Queryable,
  keyring: Keyring,
  referralIds: readonly string[],
  types: readonly ReferralEvent['type'][] | null = null,
): Promise<SeenEvent[]> {
  const rows = await q.query<EventRow>(EVENTS, [referralIds, types === null ? MOST_SHOWN : MOST_OF_CHAIN, types]);
  return rows.map((row) => toEvent(keyring, row));
}

const OF_CHAIN = `select ${EVENT_COLUMNS} from referral_event e left join data_key k on k.id = e.referral_id where e.referral_id = any($1)
order by e.at, e.referral_id, e.sequence limit ${MOST_OF_CHAIN}`;

export async function loadChainEvents(
  q: Queryable,
  keyring: Keyring,
  referralIds: readonly string[],
): Promise<SeenEvent[]> {
  return (await q.query<EventRow>(OF_CHAIN, [referralIds])).map((row) => toEvent(keyring, row));
}

/** Empty once it was destroyed. */
export const openSummary = (
  keyring: Keyring,
  { id, summaryCipher, wrapped }: Pick<SeenReferral, 'id' | 'summaryCipher' | 'wrapped'>,
): string => openOwned(keyring, 'referral', { owner: id, wrapped }, summaryCipher, id) ?? '';
