/**
 * Who is one person with whom, for all who hang together by any evidence worth a look. Pure, and of the set alone: in whatever order
 * records came, the same mentions with the same decisions make the same persons.
 */
import { compareTraits, type Comparison } from './comparison.ts';
import { before, settle, type Decision } from './decision.ts';
import { isExact, mayJoinByScore } from './may-join.ts';
import type { Traits } from './trait.ts';
import { scoreOf, type Weights } from './weight.ts';

export interface Matchable {
  readonly id: string;
  readonly traits: Traits;
}

export interface Evidence {
  readonly a: string;
  readonly b: string;
  readonly score: number;
  readonly comparison: Comparison;
}

export type Rule = 'CITIZEN_ID' | 'SCORE' | 'HUMAN';

/** By what a mention came to its person. */
export interface Reason {
  readonly rule: Rule;
  /** The other of the two that were compared, or decided on. */
  readonly with: string;
  /** Bits; null where it was no score that decided. */
  readonly score: number | null;
  /** Null where a human said it, or the exact rule without comparing all. */
  readonly evidence: Evidence | null;
}

export interface Resolution {
  /** Everybody is in exactly one part; parts and their members in the order of ids. */
  readonly parts: readonly (readonly string[])[];
  readonly reasons: ReadonlyMap<string, Reason>;
  /** Between two parts, at most one each: what a human is asked. */
  readonly reviews: readonly Evidence[];
}

interface Cluster {
  readonly members: Matchable[];
  /** Valid numbers; more than one only by a human's word. */
  readonly numbers: Set<string>;
}

const heaviest = (x: Evidence, y: Evidence): number => y.score - x.score || before(x.a, y.a) || before(x.b, y.b);

export function weighPair(x: Matchable, y: Matchable, weights: Weights): Evidence {
  const [a, b] = x.id < y.id ? [x, y] : [y, x];
  const comparison = compareTraits(a.traits, b.traits);
  return { a: a.id, b: b.id, score: scoreOf(comparison, a.traits.name, weights), comparison };
}

export const isWorthALook = ({ score, comparison }: Evidence, { review }: Weights): boolean =>
  score >= review || comparison.citizenId === 'EQUAL';

const validNumber = ({ citizenId }: Traits): string[] => (citizenId?.valid ? [citizenId.text] : []);

/** `evidence`: of all pairs of these mentions that are worth a look, each once. */
export function resolve(
  mentions: readonly Matchable[],
  evidence: readonly Evidence[],
  decisions: readonly Decision[],
  weights: Weights,
): Resolution {
  const byId = new Map(mentions.map((mention) => [mention.id, mention]));
  const clusterOf = new Map<string, Cluster>(
    mentions.map((mention) => [mention.id, { members: [mention], numbers: new Set(validNumber(mention.traits)) }]),
  );
  const of = (id: string): Cluster => clusterOf.get(id) as Cluster;
  const reasons = new Map<string, Reason>();
  const edges = [...evidence].sort(heaviest);
  // Whose number is perhaps somebody else's is a question for a human: they hold nobody up, and draw nobody to themselves.
  const isDoubtful = (id: string): boolean => byId.get(id)?.traits.isNumberDoubtful ?? true;
  const joins = edges.filter(
    ({ a, b, score, comparison }) =>
      score >= weights.join && mayJoinByScore(comparison) && !isDoubtful(a) && !isDoubtful(b),
  );
  const strong = new Map<string, Evidence[]>();
  for (const edge of joins)
    for (const end of [edge.a, edge.b]) {
      const known = strong.get(end);
      if (known) known.push(edge);
      else strong.set(end, [edge]);
    }

  const known = settle(decisions.filter(({ a, b }) => byId.has(a) && byId.has(b))).standing;
  const apart = new Map<string, Set<string>>();
  for (const { a, b, same } of known)
    if (!same)
      for (const [x, y] of [
        [a, b],
        [b, a],
      ] as const)
        apart.set(x, (apart.get(x) ?? new Set()).add(y));
  const areDecidedApart = (x: Cluster, y: Cluster): boolean =>
    apart.size > 0 && x.members.some(({ id }) => y.members.some((other) => apart.get(id)?.has(other.id)));

  const unite = (a: string, b: string, rule: Rule, found: Evidence | null): void => {
    const [x, y] = [of(a), of(b)];
    const [large, small] = x.members.length >= y.members.length ? [x, y] : [y, x];
    for (const member of small.members) {
      large.members.push(member);
      clusterOf.set(member.id, large);
    }
    for (const number of small.numbers) large.numbers.add(number);
    for (const [end, other] of [
      [a, b],
      [b, a],
    ] as const)
      if (!reasons.has(end))
        reasons.set(end, {
          rule,
          with: other,
          score: rule === 'SCORE' ? (found?.score ?? null) : null,
          evidence: found,
        });
  };

  const haveOtherNumbers = (x: Cluster, y: Cluster): boolean =>
    x.numbers.size > 0 && y.numbers.size > 0 && [...x.numbers].every((number) => !y.numbers.has(number));
  const cannotBeOne = (x: Cluster, y: Cluster): boolean => haveOtherNumbers(x, y) || areDecidedApart(x, y);

  /** One of them might as well be somebody else, who is not the other. */
  const isAmbiguous = (x: Cluster, y: Cluster, score: number): boolean => {
    const mightBeAThird = (one: Cluster, other: Cluster): boolean =>
      one.members.some(({ id }) =>
        strong.get(id)?.some((edge) => {
          const third = of(edge.a === id ? edge.b : edge.a);
          if (third === x || third === y || edge.score <= score - weights.margin) return false;
          return cannotBeOne(third, other) && !areDecidedApart(third, one);
        }),
      );
    return mightBeAThird(x, y) || mightBeAThird(y, x);
  };

  /** Two who are each well known, and on the whole not alike, are not made one by a record between them. */
  const isBridge = (x: Cluster, y: Cluster): boolean => {
    if (x.members.length < 2 || y.members.length < 2) return false;
    const scores = x.members.flatMap((a) => y.members.map((b) => weighPair(a, b, weights).score));
    return scores.reduce((sum, score) => sum + score, 0) / scores.length < weights.review;
  };

  for (const { a, b, same } of [...known].sort((x, y) => before(x.a, y.a) || before(x.b, y.b)))
    if (same && of(a) !== of(b)) unite(a, b, 'HUMAN', null);
  for (const edge of edges) {
    const [x, y] = [of(edge.a), of(edge.b)];
    if (!isExact(edge.comparison) || x === y || areDecidedApart(x, y)) continue;
    // Where a human has told two of one number apart, a third might be either.
    if (apart.size === 0 || !isAmbiguous(x, y, edge.score)) unite(edge.a, edge.b, 'CITIZEN_ID', edge);
  }
  for (const edge of joins) {
    const [x, y] = [of(edge.a), of(edge.b)];
    if (x === y) continue;
    if (!cannotBeOne(x, y) && !isAmbiguous(x, y, edge.score) && !isBridge(x, y)) unite(edge.a, edge.b, 'SCORE', edge);
  }

  return {
    parts: partsOf(mentions, clusterOf),
    reasons,
    reviews: reviewsOf(edges, of, areDecidedApart, weights),
  };
}

function partsOf(mentions: readonly Matchable[], clusterOf: ReadonlyMap<string, Cluster>): string[][] {
  const clusters = new Set(mentions.map(({ id }) => clusterOf.get(id) as Cluster));
  return [...clusters]
    .map(({ members }) => members.map(({ id }) => id).sort(before))
    .sort(([a = ''], [b = '']) => before(a, b));
}

/**
 * The best evidence between each two parts that nobody has decided. Somebody else's number is asked about only where nothing better
 * is to be asked of that mention: whose it is it says itself.
 */
function reviewsOf(
  edges: readonly Evidence[],
  of: (id: string) => Cluster,
  areDecidedApart: (x: Cluster, y: Cluster) => boolean,
  { review }: Weights,
): Evidence[] {
  const asked = new Map<Cluster, Set<Cluster>>();
  const found: Evidence[] = [];
  const ask = (edge: Evidence): void => {
    const [x, y] = [of(edge.a), of(edge.b)];
    if (x === y || asked.get(x)?.has(y) || areDecidedApart(x, y)) return;
    asked.set(x, (asked.get(x) ?? new Set()).add(y));
    asked.set(y, (asked.get(y) ?? new Set()).add(x));
    found.push(edge);
  };
  for (const edge of edges) if (edge.score >= review) ask(edge);
  for (const edge of edges)
    if (
      edge.score < review &&
      edge.comparison.citizenId === 'EQUAL' &&
      !asked.has(of(edge.a)) &&
      !asked.has(of(edge.b))
    )
      ask(edge);
  return found;
}
