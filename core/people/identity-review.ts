/**
 * Open questions for a human: whether two mentions are one person. Between two persons there is one question at most, which may be put
 * by several pairs of their mentions: not everybody may see each. What is decided stays.
 */
import type { Tx } from '../platform/db.ts';
import { newId } from '../platform/id.ts';
import type { Decision } from './matching/decision.ts';
import { waysToAsk } from './matching/question.ts';
import type { Evidence, Matchable } from './matching/resolve.ts';
import type { Weights } from './matching/weight.ts';
import type { StoredReview } from './neighbourhood.ts';
import { toFields } from './match-evidence.ts';

const PROPOSE = `insert into identity_review (id, a_mention_id, b_mention_id, evidence, score, version, proposed_at, question_id)
select id, a, b, evidence::jsonb, score, $6, $7, question_id
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::real[], $8::text[]) as n(id, a, b, evidence, score, question_id)
on conflict (a_mention_id, b_mention_id) do nothing`;

const CHANGE = `update identity_review r set evidence = n.evidence::jsonb, score = n.score, version = $4, question_id = n.question_id
from unnest($1::text[], $2::text[], $3::real[], $5::text[]) as n(id, evidence, score, question_id) where r.id = n.id`;

/** Those that a human has answered. */
export const toDecisions = (reviews: readonly StoredReview[]): Decision[] =>
  reviews.flatMap(({ a, b, status, decidedAt }) =>
    decidedAt === null ? [] : [{ a, b, same: status === 'ACCEPTED', at: decidedAt }],
  );

const REOPEN = `update identity_review set status = 'OPEN', decided_by = null, decided_at = null, reason_cipher = null, split_id = null,
  question_id = id
where id = any($1)`;

/**
 * Two whom a human has made one are asked about anew when either of them says otherwise than it did. That two are not one stands: it
 * shows nobody what is another's.
 */
export async function reopen(
  tx: Tx,
  reviews: readonly StoredReview[],
  changed: ReadonlySet<string>,
): Promise<StoredReview[]> {
  const isOver = ({ a, b, status }: StoredReview): boolean =>
    status === 'ACCEPTED' && (changed.has(a) || changed.has(b));
  const over = reviews.filter(isOver).map(({ id }) => id);
  if (over.length > 0) await tx.query(REOPEN, [over]);
  return reviews.map((review) =>
    isOver(review) ? { ...review, status: 'OPEN', decidedAt: null, questionId: review.id } : review,
  );
}

export interface ReviewChanges {
  /** Of all mentions that were looked at. */
  readonly parts: readonly (readonly Matchable[])[];
  /** All that is stored of any of them, and of those that are gone now. */
  readonly stored: readonly StoredReview[];
  readonly wanted: readonly Evidence[];
  readonly weights: Weights;
}

/** Two mentions, `a` before `b`, as one text. */
export const pairOf = ({ a, b }: { readonly a: string; readonly b: string }): string => `${a} ${b}`;

/** Proposes what is missing and takes back open reviews whose question no longer stands. */
export async function keepReviews(tx: Tx, now: Date, { parts, stored, wanted, weights }: ReviewChanges): Promise<void> {
  const open = new Map(
    stored.filter(({ status }) => status === 'OPEN').map((review) => [pairOf(review), review] as const),
  );
  if (open.size + wanted.length === 0) return;
  const partOf = new Map(parts.flatMap((part) => part.map(({ id }) => [id, part] as const)));
  const nameOf = new Map(parts.flatMap((part) => part.map(({ id, traits }) => [id, traits.name] as const)));
  const kept = new Set<string>();
  const changed: { id: string; evidence: Evidence; questionId: string }[] = [];
  const proposed: { id: string; evidence: Evidence; questionId: string }[] = [];
  for (const best of wanted) {
    const ways = waysToAsk(partOf.get(best.a) ?? [], partOf.get(best.b) ?? [], best, weights);
    const asked = ways.map((evidence) => ({ evidence, review: open.get(pairOf(evidence)) }));
    const fresh = asked
      .filter(({ review }) => review === undefined)
      .map(({ evidence }) => ({ id: newId('rvw', now), evidence }));
    // The question that it was is the question that it is, however it is put.
    const [questionId = ''] = [
      ...asked.flatMap(({ review }) => review?.questionId ?? []).sort(),
      ...fresh.map(({ id }) => id),
    ];
    proposed.push(...fresh.map((one) => ({ ...one, questionId })));
    for (const { evidence, review } of asked) {
      if (!review) continue;
      kept.add(review.id);
      if (Math.fround(evidence.score) !== review.score || review.questionId !== questionId)
        changed.push({ id: review.id, evidence, questionId });
    }
  }
  const settled = [...open.values()].flatMap(({ id }) => (kept.has(id) ? [] : [id]));
  if (settled.length > 0)
    await tx.query(`delete from identity_review where id = any($1) and status = 'OPEN'`, [settled]);

  const written = (evidence: Evidence): string => {
    const name = nameOf.get(evidence.a);
    return JSON.stringify(name ? toFields(evidence.comparison, name, weights) : []);
  };
  if (changed.length > 0)
    await tx.query(CHANGE, [
      changed.map(({ id }) => id),
      changed.map(({ evidence }) => written(evidence)),
      changed.map(({ evidence }) => evidence.score),
      weights.version,
      changed.map(({ questionId }) => questionId),
    ]);
  if (proposed.length === 0) return;
  await tx.query(PROPOSE, [
    proposed.map(({ id }) => id),
    proposed.map(({ evidence }) => evidence.a),
    proposed.map(({ evidence }) => evidence.b),
    proposed.map(({ evidence }) => written(evidence)),
    proposed.map(({ evidence }) => evidence.score),
    weights.version,
    now,
    proposed.map(({ questionId }) => questionId),
  ]);
}
