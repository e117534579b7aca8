/** Retention by rule: what has had its time, told first, removed when it is said so, written down rule by rule. */
import { audit } from '../audit/audit.ts';
import type { Rules } from '../calendar/load-rules.ts';
import { legalDay } from '../platform/clock.ts';
import type { Db, Queryable, Tx } from '../platform/db.ts';
import { cutoffOf } from './cutoff.ts';
import type { Due } from './due.ts';
import { KEPT_KINDS, type KeptKind } from './kept-kind.ts';

interface Ruled {
  readonly kind: KeptKind;
  readonly name: string;
  /** Law and article, or whose rule it is. */
  readonly basis: string;
  readonly version: string;
  readonly cutoff: Date;
}

/** What a county's own rules say nothing of is kept. */
const ruled = (rules: Rules, now: Date): Ruled[] =>
  KEPT_KINDS.flatMap((kind) => {
    const rule = rules.inForce(kind.rule, legalDay(now));
    return rule
      ? [{ kind, name: rule.name, basis: rule.basis, version: rule.version, cutoff: cutoffOf(rule, now) }]
      : [];
  });

export interface RetentionLine extends Due {
  readonly rule: string;
  readonly version: string;
  readonly name: string;
  readonly basis: string;
  /** What began before this has had its time. */
  readonly before: Date;
}

const lineOf = ({ kind, name, basis, version, cutoff }: Ruled, due: Due): RetentionLine => ({
  ...{ rule: kind.rule, version, name, basis, before: cutoff },
  ...due,
});

/** Changes nothing. */
export async function reportRetention(q: Queryable, rules: Rules, now: Date): Promise<RetentionLine[]> {
  const lines: RetentionLine[] = [];
  const all = ruled(rules, now);
  const cutoffOf = (rule: string): Date | null => all.find(({ kind }) => kind.rule === rule)?.cutoff ?? null;
  for (const one of all) lines.push(lineOf(one, await one.kind.due(q, one.cutoff, cutoffOf)));
  return lines;
}

export interface RetainOptions {
  readonly signal?: AbortSignal;
  /** Only what goes by itself all the time. */
  readonly alwaysOnly?: boolean;
}

/** A piece, and that it is gone: so much is written down as is removed, wherever this ends. */
async function removePiece(tx: Tx, { kind, basis, version, cutoff }: Ruled, now: Date): Promise<number> {
  const removed = await kind.remove(tx, cutoff);
  if (removed > 0)
    await audit.append(tx, {
      ...{ kind: 'retention.applied', subject: kind.rule, actor: null, at: now },
      body: { version, basis, before: cutoff.toISOString(), removed },
    });
  return removed;
}

/** Removes what has had its time, in pieces, and says of each rule how much. */
export async function retain(db: Db, rules: Rules, now: Date, options: RetainOptions = {}): Promise<RetentionLine[]> {
  const { signal, alwaysOnly = false } = options;
  const lines: RetentionLine[] = [];
  for (const one of ruled(rules, now)) {
    if (alwaysOnly && !one.kind.always) continue;
    let count = 0;
    let more = !signal?.aborted;
    while (more) {
      const removed = await db.tx((tx) => removePiece(tx, one, now));
      count += removed;
      more = removed > 0 && !signal?.aborted;
    }
    lines.push(lineOf(one, { count, oldest: null }));
  }
  return lines;
}
