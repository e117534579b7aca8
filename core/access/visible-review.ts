/** Questions about who is who, as far as a caller may see both sides; who may not see one of them sees no question. */
import type { Queryable } from '../platform/db.ts';
import type { Caller } from './caller.ts';
import { hasRole } from './caller.ts';
import {
  CALLER_VALUES,
  callerValues,
  hidesHome,
  linkOf,
  ownRecord,
  shieldedPerson,
  toldMention,
  WITH_CALLER,
} from './predicate.ts';

/** A human decides who is who, never a program. */
export const mayDecideIdentity = (caller: Caller): boolean =>
  hasRole(caller, 'centre.operator', 'centre.supervisor', 'department.handler', 'department.head');

/** One of the two mentions. */
export interface ReviewSide {
  readonly mentionId: string;
  readonly personId: string;
  readonly source: string;
  readonly sex: 'MALE' | 'FEMALE' | 'UNKNOWN';
  readonly cipher: Buffer;
  readonly wrapped: Buffer | null;
  /** Null also where it would lead to the home of somebody protected, or of a child. */
  readonly placeId: string | null;
}

export interface VisibleReview {
  readonly id: string;
  /** Of one that is decided, itself; of a split, the split. */
  readonly questionId: string;
  readonly status: 'OPEN' | 'ACCEPTED' | 'REJECTED';
  /** Bits. */
  readonly score: number;
  /** `FieldEvidence` of core/people. */
  readonly evidence: readonly { readonly field: string; readonly agreement: string; readonly weight: number }[];
  readonly proposedAt: Date;
  readonly decidedBy: {
    readonly organisationId: string;
    readonly subject: string;
    readonly name: string | null;
    readonly role: string;
  } | null;
  readonly decidedAt: Date | null;
  /** Only for those in whose house it was decided, and those above it: what they wrote may tell of more than these two records. */
  readonly reasonCipher: Buffer | null;
  readonly a: ReviewSide;
  readonly b: ReviewSide;
}

const SIDES = ['a', 'b'] as const;

const columnsOf = (side: string): string => `
  m${side}.id as "${side}MentionId", m${side}.person_id as "${side}PersonId", m${side}.sex as "${side}Sex", m${side}.cipher as "${side}Cipher",
  k${side}.wrapped as "${side}Wrapped", r${side}.source as "${side}Source",
  case when not ${ownRecord(`r${side}`)} and exists (
    select from dispute_record pl join dispute pd on pd.id = pl.dispute_id
    where pl.record_id = r${side}.id and pl.unlinked_at is null and ${hidesHome('pd')}) then null else r${side}.place_id end as "${side}PlaceId"`;

const joinOf = (side: string): string => `
join mention m${side} on m${side}.id = v.${side}_mention_id and m${side}.gone_at is null
join record r${side} on r${side}.id = m${side}.record_id
left join data_key k${side} on k${side}.id = m${side}.id`;

const SOURCES = `$${CALLER_VALUES + 1}`;

/** The caller comes to the person by this very record: what else is known of them is not needed to answer. */
const seen = (side: string): string =>
  `r${side}.source = any (${SOURCES}) and ${linkOf(`r${side}`)} is not null and ${toldMention(`m${side}`, `r${side}`)}`;

// How telephones and addresses agree would tell of somebody protected (rule 7) what is kept from everybody not on the case.
const unshielded = `((${ownRecord('ra')} and ${ownRecord('rb')})
  or not (${shieldedPerson('ma.person_id')} or ${shieldedPerson('mb.person_id')}))`;

const FROM = `
from identity_review v ${SIDES.map(joinOf).join('')}
where (v.split_id is null or v.question_id is not null) and ${SIDES.map(seen).join(' and ')} and ${unshielded}`;

const mayReadReason = `exists (
  select from organisation decider where decider.id = v.decided_by->>'organisationId' and starts_with(decider.path, $2))`;

// The same question is put once, by the best pair that the caller may see.
const QUESTION = 'coalesce(v.question_id, v.id)';

const select = (condition: string): string => `
${WITH_CALLER}
select distinct on (${QUESTION}) v.id, ${QUESTION} as "questionId", v.status, coalesce(v.score, 0) as score, v.evidence, v.proposed_at as "proposedAt", v.decided_by as "decidedBy",
  v.decided_at as "decidedAt", case when ${mayReadReason} then v.reason_cipher end as "reasonCipher", ${SIDES.map(columnsOf).join(', ')}
${FROM} and ${condition}
order by ${QUESTION}, v.score desc, v.id`;

type Flat = Omit<VisibleReview, 'a' | 'b'> & Readonly<Record<string, unknown>>;

function toReview(row: Flat): VisibleReview {
  const { id, questionId, status, score, evidence, proposedAt, decidedBy, decidedAt, reasonCipher } = row;
  const side = (name: (typeof SIDES)[number]): ReviewSide => ({
    mentionId: row[`${name}MentionId`] as string,
    personId: row[`${name}PersonId`] as string,
    source: row[`${name}Source`] as string,
    sex: row[`${name}Sex`] as ReviewSide['sex'],
    cipher: row[`${name}Cipher`] as Buffer,
    wrapped: row[`${name}Wrapped`] as Buffer | null,
    placeId: row[`${name}PlaceId`] as string | null,
  });
  return {
    id,
    questionId,
    status,
    score,
    evidence,
    proposedAt,
    decidedBy,
    decidedAt,
    reasonCipher,
    a: side('a'),
    b: side('b'),
  };
}

export interface ReviewSearch {
  /** Both sides are of these departments. */
  readonly sources: readonly string[];
  readonly status: VisibleReview['status'];
  /** A question's. */
  readonly afterId?: string;
  readonly limit: number;
}

const LIST = `${select(`v.status = $${CALLER_VALUES + 2} and ${QUESTION} > $${CALLER_VALUES + 3}`)} limit $${CALLER_VALUES + 4}`;

/** Oldest question first. */
export async function searchReviews(q: Queryable, caller: Caller, search: ReviewSearch): Promise<VisibleReview[]> {
  const { sources, status, afterId = '', limit } = search;
  return (await q.query<Flat>(LIST, [...callerValues(caller), sources, status, afterId, limit])).map(toReview);
}

const MOST_COUNTED = 1_000;

const COUNT = `${WITH_CALLER}
select count(*) as count from (select distinct ${QUESTION} ${FROM} and v.status = $${CALLER_VALUES + 2} limit ${MOST_COUNTED + 1}) seen`;

/** Null above a thousand: who works them off does not need to know. */
export async function countReviews(
  q: Queryable,
  caller: Caller,
  { sources, status }: Pick<ReviewSearch, 'sources' | 'status'>,
): Promise<number | null> {
  const { count } = await q.one<{ count: number }>(COUNT, [...callerValues(caller), sources, status]);
  return count > MOST_COUNTED ? null : count;
}

const BY_ID = select(`v.id = $${CALLER_VALUES + 2}`);

export async function findVisibleReview(
  q: Queryable,
  caller: Caller,
  { sources, id }: { readonly sources: readonly string[]; readonly id: string },
): Promise<VisibleReview | null> {
  const row = await q.maybeOne<Flat>(BY_ID, [...callerValues(caller), sources, id]);
  return row && toReview(row);
}
