/** Open questions for a human: whether two mentions are one person. At most one between any two persons; what is decided stays. */
import type { Tx } from '../platform/db.ts';
import { newId } from '../platform/id.ts';
import type { Decision } from './matching/decision.ts';
import type { Evidence } from './matching/resolve.ts';
import type { Weights } from './matching/weight.ts';
import type { StoredReview } from './neighbourhood.ts';
import { toFields } from './match-evidence.ts';
import type { Traits } from './matching/trait.ts';

const PROPOSE = `insert into identity_review (id, a_mention_id, b_mention_id, evidence, score, version, proposed_at)
select id, a, b, evidence::jsonb, score, $6, $7
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::real[]) as n(id, a, b, evidence, score)
on conflict (a_mention_id, b_mention_id) do nothing`;

const CHANGE = `update identity_review r set evidence = n.evidence::jsonb, score = n.score, version = $4
from unnest($1::text[], $2::text[], $3::real[]) as n(id, evidence, score) where r.id = n.id`;

/** Those that a human has answered. */
export const toDecisions = (reviews: readonly StoredReview[]): Decision[] =>
  reviews.flatMap(({ a, b, status, decidedAt }) =>
    decidedAt === null ? [] : [{ a, b, same: status === 'ACCEPTED', at: decidedAt }],
  );

const REOPEN = `update identity_review set status = 'OPEN', decided_by = null, decided_at = null, reason_cipher = null, split_id = null
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
  return reviews.map((review) => (isOver(review) ? { ...review, status: 'OPEN', decidedAt: null } : review));
}

export interface ReviewChanges {
  /** Of all mentions that were looked at. */
  readonly parts: readonly (readonly { readonly id: string; readonly traits: Traits }[])[];
  /** All that is stored of any of them, and of those that are gone now. */
  readonly stored: readonly StoredReview[];
  readonly wanted: readonly Evidence[];
  readonly weights: Weights;
}

/** Proposes what is missing and takes back open reviews whose question no longer stands. */
export async function keepReviews(tx: Tx, now: Date, { parts, stored, wanted, weights }: ReviewChanges): Promise<void> {
  const partOf = new Map(
    parts.flatMap((part, index) => part.map(({ id, traits }) => [id, { index, traits }] as const)),
  );
  const between = ({ a, b }: { readonly a: string; readonly b: string }): string | null => {
    const [x, y] = [partOf.get(a)?.index, partOf.get(b)?.index];
    return x === undefined || y === undefined || x === y ? null : `${Math.min(x, y)}/${Math.max(x, y)}`;
  };
  const questions = new Map(wanted.map((evidence) => [between(evidence), evidence]));
  const asked = new Set<string>();
  const settled: string[] = [];
  const changed: { id: string; evidence: Evidence }[] = [];
  for (const review of stored) {
    if (review.status !== 'OPEN') continue;
    const key = between(review);
    const wantedNow = questions.get(key);
    // What is asked about is the best there is: of another pair it is another question.
    if (key !== null && wantedNow?.a === review.a && wantedNow.b === review.b) {
      asked.add(key);
      if (Math.fround(wantedNow.score) !== review.score) changed.push({ id: review.id, evidence: wantedNow });
    } else settled.push(review.id);
  }
  if (settled.length > 0)
    await tx.query(`delete from identity_review where id = any($1) and status = 'OPEN'`, [settled]);

  const written = (evidence: Evidence): string => {
    const name = partOf.get(evidence.a)?.traits.name;
    return JSON.stringify(name ? toFields(evidence.comparison, name, weights) : []);
  };
  if (changed.length > 0)
    await tx.query(CHANGE, [
      changed.map(({ id }) => id),
      changed.map(({ evidence }) => written(evidence)),
      changed.map(({ evidence }) => evidence.score),
      weights.version,
    ]);
  const proposed = [...questions].flatMap(([key, evidence]) => (key === null || asked.has(key) ? [] : [evidence]));
  if (proposed.length === 0) return;
  await tx.query(PROPOSE, [
    proposed.map(() => newId('rvw', now)),
    proposed.map(({ a }) => a),
    proposed.map(({ b }) => b),
    proposed.map(written),
    proposed.map(({ score }) => score),
    weights.version,
    now,
  ]);
}
