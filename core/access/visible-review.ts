/** Questions about who is who, as far as a caller may see both sides; who may not see one of them sees no question. */
import type { Queryable } from '../platform/db.ts';
import type { Caller, Role } from './caller.ts';
import {
  breaksGlass,
  CALLER_VALUES,
  callerValues,
  hidesHome,
  linkOf,
  ownRecord,
  shieldedPerson,
  toldMention,
  WITH_CALLER,
} from './predicate.ts';
import { mayState } from './purpose.ts';

const DECIDERS: readonly Role[] = ['centre.operator', 'centre.supervisor', 'department.handler', 'department.head'];

/** A human decides who is who, never a program; and by a role that may state the purpose: whoever looks as an auditor sees masks. */
export const mayDecideIdentity = ({ roles, purpose, organisation }: Caller): boolean =>
  DECIDERS.some((role) => roles.includes(role) && (purpose === null || mayState(role, organisation.kind, purpose)));

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

/** So many records are looked through faster than all questions of the county are. */
const FEW_RECORDS = 10_000;

// More than the caller's own records and those of its disputes nobody comes to without supervision.
const REACHED = `
select count(*)::int as count from (
  (select from organisation own join record r on r.office_id = own.id where starts_with(own.path, $2) limit ${FEW_RECORDS + 1})
  union all
  (select from visible s where s.organisation_id = $1 limit ${FEW_RECORDS + 1})) reached`;

/**
 * Where questions are looked for. ALL: one after the other until there are enough; for who comes to many. REACHED: those about the records
 * that the caller comes to: an office that sees none need not wait until all of the county's have been refused to it.
 */
type Among = 'ALL' | 'REACHED';

const AMONG: { readonly [A in Among]: { readonly also: string; readonly from: string } } = {
  ALL: { also: '', from: 'identity_review v' },
  REACHED: {
    also: `, reached as materialized (
  select r.id from organisation own join record r on r.office_id = own.id where starts_with(own.path, $2)
  union
  select l.record_id from visible s join dispute_record l on l.dispute_id = s.dispute_id and l.unlinked_at is null
  where s.organisation_id = $1
), asked as materialized (
  select question.id from reached
  cross join lateral (select id from mention where mention.record_id = reached.id and gone_at is null offset 0) m
  cross join lateral (select id from identity_review where a_mention_id = m.id offset 0) question)`,
    from: 'asked cross join lateral (select * from identity_review where identity_review.id = asked.id offset 0) v',
  },
};

async function whereToLook(q: Queryable, caller: Caller): Promise<Among> {
  const [own, path] = callerValues(caller);
  const { count } = await q.one<{ count: number }>(REACHED, [own, path]);
  return count > FEW_RECORDS || breaksGlass(caller) ? 'ALL' : 'REACHED';
}

const fromWhere = (among: Among): string => `
from ${AMONG[among].from} ${SIDES.map(joinOf).join('')}
where (v.split_id is null or v.question_id is not null) and ${SIDES.map(seen).join(' and ')} and ${unshielded}`;

const mayReadReason = `exists (
  select from organisation decider where decider.id = v.decided_by->>'organisationId' and starts_with(decider.path, $2))`;

// The same question is put once, by the best pair that the caller may see.
const QUESTION = 'coalesce(v.question_id, v.id)';

const select = (condition: string, among: Among = 'ALL'): string => `
${WITH_CALLER}${AMONG[among].also}
select distinct on (${QUESTION}) v.id, ${QUESTION} as "questionId", v.status, coalesce(v.score, 0) as score, v.evidence, v.proposed_at as "proposedAt", v.decided_by as "decidedBy",
  v.decided_at as "decidedAt", case when ${mayReadReason} then v.reason_cipher end as "reasonCipher", ${SIDES.map(columnsOf).join(', ')}
${fromWhere(among)} and ${condition}
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

const list = (among: Among): string =>
  `${select(`v.status = $${CALLER_VALUES + 2} and ${QUESTION} > $${CALLER_VALUES + 3}`, among)} limit $${CALLER_VALUES + 4}`;
const LIST = { ALL: list('ALL'), REACHED: list('REACHED') };

/** Oldest question first. */
export async function searchReviews(q: Queryable, caller: Caller, search: ReviewSearch): Promise<VisibleReview[]> {
  const { sources, status, afterId = '', limit } = search;
  const sql = LIST[await whereToLook(q, caller)];
  return (await q.query<Flat>(sql, [...callerValues(caller), sources, status, afterId, limit])).map(toReview);
}

const MOST_COUNTED = 1_000;

const counted = (among: Among): string => `${WITH_CALLER}${AMONG[among].also}
select count(*) as count from (
  select distinct ${QUESTION} ${fromWhere(among)} and v.status = $${CALLER_VALUES + 2} limit ${MOST_COUNTED + 1}) seen`;
const COUNT = { ALL: counted('ALL'), REACHED: counted('REACHED') };

/** Null above a thousand: who works them off does not need to know. */
export async function countReviews(
  q: Queryable,
  caller: Caller,
  { sources, status }: Pick<ReviewSearch, 'sources' | 'status'>,
): Promise<number | null> {
  const sql = COUNT[await whereToLook(q, caller)];
  const { count } = await q.one<{ count: number }>(sql, [...callerValues(caller), sources, status]);
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
