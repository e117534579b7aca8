/** Who is who in a whole county at once, as `compareWaiting` works it out in lots. */
import { createComparer } from '../../../core/people/matching/evidence.ts';
import { resolve, type Evidence, type Resolution } from '../../../core/people/matching/resolve.ts';
import type { Weights } from '../../../core/people/matching/weight.ts';
import type { IdentityWorld } from './identity-world.ts';

/** Disjoint sets of numbers from 0. */
function createSets(size: number): { find(one: number): number; unite(a: number, b: number): void } {
  const above = Int32Array.from({ length: size }, (_, index) => index);
  const find = (one: number): number => {
    let top = one;
    while (above[top] !== top) top = above[top] ?? top;
    above[one] = top;
    return top;
  };
  return { find, unite: (a, b) => void (above[find(a)] = find(b)) };
}

export function group(
  ids: readonly string[],
  pairs: readonly { readonly a: string; readonly b: string }[],
): string[][] {
  const at = new Map(ids.map((id, index) => [id, index]));
  const sets = createSets(ids.length);
  for (const { a, b } of pairs) sets.unite(at.get(a) ?? 0, at.get(b) ?? 0);
  const groups = new Map<number, string[]>();
  for (const [index, id] of ids.entries()) {
    const top = sets.find(index);
    const known = groups.get(top);
    if (known) known.push(id);
    else groups.set(top, [id]);
  }
  return [...groups.values()];
}

/** First who hangs together, then who is who among them. */
export function resolveWorld({ mentions }: IdentityWorld, weights: Weights): Pick<Resolution, 'parts' | 'reviews'> {
  const evidence = createComparer(weights).among(mentions);
  const byId = new Map(mentions.map((mention) => [mention.id, mention]));
  const together = group([...byId.keys()], evidence);
  const lotOf = new Map(together.flatMap((ids, lot) => ids.map((id) => [id, lot] as const)));
  const evidenceOf = new Map<number, Evidence[]>();
  for (const one of evidence) {
    const lot = lotOf.get(one.a) ?? 0;
    const known = evidenceOf.get(lot);
    if (known) known.push(one);
    else evidenceOf.set(lot, [one]);
  }
  const resolutions = together.map((ids, lot) =>
    resolve(
      ids.flatMap((id) => byId.get(id) ?? []),
      evidenceOf.get(lot) ?? [],
      [],
      weights,
    ),
  );
  return { parts: resolutions.flatMap(({ parts }) => parts), reviews: resolutions.flatMap(({ reviews }) => reviews) };
}
