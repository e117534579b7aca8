/**
 * Proposals of what might be one dispute, as one caller may see them: whose role decides them, and who sees both disputes and both records
 * that were compared. Hidden is absent, also from the count.
 */
import type { Queryable } from '../platform/db.ts';
import type { Caller } from './caller.ts';
import type { FieldDecision } from './field-groups.ts';
import {
  CALLER_VALUES,
  callerValues,
  hidesHome,
  isViolent,
  ownRecord,
  readableRecord,
  visibleDispute,
  WITH_CALLER,
} from './predicate.ts';
import { shownAs } from './role-view.ts';
import { knownOnBasis } from './visible-dispute.ts';

export interface VisibleLinkProposal {
  readonly id: string;
  readonly status: 'OPEN' | 'ACCEPTED' | 'REJECTED';
  /** Codes. */
  readonly reasons: readonly string[];
  readonly proposedAt: Date;
  /** Null while it is open, and when it has joined by itself. */
  readonly decidedBy: { readonly subject: string; readonly role: string; readonly organisation: string } | null;
  readonly decidedAt: Date | null;
  /** The dispute under whose key the words of the one who decided are sealed, and that key. */
  readonly reasonOwner: string | null;
  readonly reasonWrapped: Buffer | null;
  readonly reasonCipher: Buffer | null;
  readonly disputeId: string;
  readonly recordId: string;
  readonly source: string;
  readonly kind: string;
  readonly keyCipher: Buffer;
  readonly own: boolean;
  /** How and when the record came to the dispute that it tells of now. */
  readonly rule: string;
  readonly linkedAt: Date;
}

const MAY_DECIDE = `$${CALLER_VALUES + 1}::boolean`;
const SOURCES = `$${CALLER_VALUES + 2}::text[]`;
const JOINED = `$${CALLER_VALUES + 3}::text[]`;
const OWN = CALLER_VALUES + 4;

// By what it was proposed that says something, and where it is says it too: so nothing of violence, nor of a child's home (rules 6 and 7).
const mayKnow = (r: string, d: string): string => `(${readableRecord(r)} and ${r}.source = any (${SOURCES})
  and ${visibleDispute(`${d}.id`)} and ${knownOnBasis(d, JOINED)} and not ${isViolent(d)} and not ${hidesHome(d)})`;

const FROM = `
from dispute_link_proposal p
join record r on r.id = p.record_id
join record b on b.id = p.beside_id
join dispute_record l on l.record_id = r.id and l.unlinked_at is null
join dispute_record bl on bl.record_id = b.id and bl.unlinked_at is null
join dispute h on h.id = l.dispute_id
join dispute d on d.id = bl.dispute_id
where ${MAY_DECIDE} and (p.status <> 'OPEN' or h.id <> d.id) and ${mayKnow('r', 'h')} and ${mayKnow('b', 'd')}`;

const COLUMNS = `p.id, p.status, p.reasons, p.proposed_at as "proposedAt", p.decided_by as "decidedBy", p.decided_at as "decidedAt",
  p.reason_owner as "reasonOwner", (select k.wrapped from data_key k where k.id = p.reason_owner) as "reasonWrapped",
  p.reason_cipher as "reasonCipher", d.id as "disputeId", r.id as "recordId", r.source, r.kind, r.key_cipher as "keyCipher",
  ${ownRecord('r')} as own, l.rule, l.linked_at as "linkedAt"`;

const values = (caller: Caller, { sources, joined }: Pick<FieldDecision, 'sources' | 'joined'>): unknown[] => [
  ...callerValues(caller),
  shownAs(caller, 'link') === 'CLEAR',
  [...sources],
  [...joined],
];

const BY_ID = `${WITH_CALLER} select ${COLUMNS} ${FROM} and p.id = $${OWN}`;

export const loadVisibleLinkProposal = (
  q: Queryable,
  caller: Caller,
  fields: Pick<FieldDecision, 'sources' | 'joined'>,
  id: string,
): Promise<VisibleLinkProposal | null> => q.maybeOne<VisibleLinkProposal>(BY_ID, [...values(caller, fields), id]);

export interface LinkProposalSearch {
  readonly status: VisibleLinkProposal['status'];
  readonly after: { readonly proposedAt: Date; readonly id: string } | null;
  readonly limit: number;
}

const PAGE = `${WITH_CALLER} select ${COLUMNS} ${FROM} and p.status = $${OWN}
  and ($${OWN + 1}::timestamptz is null or (p.proposed_at, p.id) < ($${OWN + 1}, $${OWN + 2}))
order by p.proposed_at desc, p.id desc limit $${OWN + 3}`;

/** Newest first. */
export const searchLinkProposals = (
  q: Queryable,
  caller: Caller,
  fields: Pick<FieldDecision, 'sources' | 'joined'>,
  { status, after, limit }: LinkProposalSearch,
): Promise<VisibleLinkProposal[]> =>
  q.query<VisibleLinkProposal>(PAGE, [
    ...values(caller, fields),
    status,
    after?.proposedAt ?? null,
    after?.id ?? '',
    limit,
  ]);

/** More than anybody works off, little enough to count each time. */
const MOST_COUNTED = 10_000;
const COUNT = `${WITH_CALLER} select count(*) from (select ${FROM} and p.status = $${OWN} limit ${MOST_COUNTED + 1}) seen`;

/** Null: more than ten thousand. */
export async function countLinkProposals(
  q: Queryable,
  caller: Caller,
  fields: Pick<FieldDecision, 'sources' | 'joined'>,
  status: VisibleLinkProposal['status'],
): Promise<number | null> {
  const { count } = await q.one<{ count: number }>(COUNT, [...values(caller, fields), status]);
  return count > MOST_COUNTED ? null : count;
}
