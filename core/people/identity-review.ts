/** Open questions for a human: an equal citizen ID that joined nobody because name and birth date do not agree. */
import type { Tx } from '../platform/db.ts';
import { newId } from '../platform/id.ts';
import { disagreements, type Assignable } from './assign-person.ts';
import { compare } from './same-person.ts';

const TOUCHING = `select id, a_mention_id as a, b_mention_id as b, status from identity_review
where a_mention_id = any($1) or b_mention_id = any($1)`;

const PROPOSE = `insert into identity_review (id, a_mention_id, b_mention_id, evidence, proposed_at)
select id, a, b, evidence::jsonb, $5 from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as n(id, a, b, evidence)
on conflict (a_mention_id, b_mention_id) do nothing`;

export interface ReviewChanges {
  readonly parts: readonly (readonly Assignable[])[];
  readonly gone: readonly string[];
  /** Whether anything stored before was touched: only then can an open review have lost its ground. */
  readonly before: boolean;
}

/** Proposes what is missing and takes back open reviews whose question no longer stands; decided ones stay. */
export async function keepReviews(tx: Tx, now: Date, { parts, gone, before }: ReviewChanges): Promise<void> {
  const pairs = disagreements(parts);
  if (pairs.length === 0 && !before) return;
  const partOf = new Map(
    parts.flatMap((part, index) => part.map((mention) => [mention.id, { index, mention }] as const)),
  );
  const stored = await tx.query<{ id: string; a: string; b: string; status: string }>(TOUCHING, [
    [...partOf.keys(), ...gone],
  ]);

  const between = (a: string, b: string): string | null => {
    const [x, y] = [partOf.get(a), partOf.get(b)];
    if (!x || !y || x.index === y.index || x.mention.citizenId === null || x.mention.citizenId !== y.mention.citizenId)
      return null;
    return `${Math.min(x.index, y.index)}/${Math.max(x.index, y.index)}`;
  };
  const asked = new Set<string>();
  const settled: string[] = [];
  const wanted = new Set(pairs.map(([a, b]) => between(a.id, b.id)));
  for (const { id, a, b, status } of stored) {
    const key = between(a, b);
    if (key !== null && wanted.has(key) && !asked.has(key)) asked.add(key);
    else if (status === 'OPEN') settled.push(id);
  }
  if (settled.length > 0) await tx.query('delete from identity_review where id = any($1)', [settled]);

  const proposed = pairs.filter(([a, b]) => !asked.has(between(a.id, b.id) ?? ''));
  if (proposed.length === 0) return;
  await tx.query(PROPOSE, [
    proposed.map(() => newId('rvw', now)),
    proposed.map(([a, b]) => (a.id < b.id ? a.id : b.id)),
    proposed.map(([a, b]) => (a.id < b.id ? b.id : a.id)),
    proposed.map(([a, b]) => JSON.stringify(compare(a, b))),
    now,
  ]);
}
