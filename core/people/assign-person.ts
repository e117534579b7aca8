/**
 * Which person every mention belongs to, once it is known who is one with whom. Pure: `joinPeople` loads and stores.
 * The oldest person of a part survives; of a person that falls apart, the part with the oldest mention keeps the id.
 */
import type { Resolution, Rule } from './matching/resolve.ts';

export interface Assignable {
  readonly id: string;
  /** Milliseconds; with the id it orders mentions from oldest to newest. */
  readonly createdAt: number;
  /** The person it belongs to now; null for one that was never read before. */
  readonly person: { readonly id: string; readonly createdAt: number } | null;
  /** It was gone and is back: its old person is its own again only if nobody else holds it by now. */
  readonly revived: boolean;
}

export interface Membership {
  readonly personId: string;
  readonly matchedBy: 'SINGLE' | Rule;
  /** Bits, where a score joined it; null by a number or a human. */
  readonly score: number | null;
  /** The mention whose comparison, or a human's word, brought it there; null for an equal number, which all of them have. */
  readonly matchedWith: string | null;
}

/** A change of membership: by what a mention was joined, or that it was parted. */
export interface Move {
  readonly mentionId: string;
  readonly from: string | null;
  readonly to: string;
  readonly rule: Rule | 'PARTED';
}

export interface Assignment<M extends Assignable> {
  readonly members: ReadonlyMap<string, Membership>;
  /** New persons, named `+` and the mention that founds them until they are stored. */
  readonly founded: readonly { readonly personId: string; readonly mentionId: string }[];
  readonly merged: readonly { readonly from: string; readonly into: string }[];
  readonly moves: readonly Move[];
  /** The parts, each oldest mention first. */
  readonly parts: readonly (readonly M[])[];
}

const byAge = (a: { createdAt: number; id: string }, b: { createdAt: number; id: string }): number =>
  a.createdAt - b.createdAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** `resolution` is of just these mentions. */
export function assignPersons<M extends Assignable>(
  mentions: readonly M[],
  { parts: ids, reasons }: Pick<Resolution, 'parts' | 'reasons'>,
): Assignment<M> {
  const byId = new Map(mentions.map((mention) => [mention.id, mention]));
  const parts = ids
    .map((part) => part.map((id) => byId.get(id) as M).sort(byAge))
    .sort(([a], [b]) => (a && b ? byAge(a, b) : 0));
  const partOf = new Map(parts.flatMap((part) => part.map((mention) => [mention.id, part] as const)));

  // Who keeps which id: for each person the part of its oldest mention, those that never left before those that came back.
  const claims = new Map<string, { holder: M; createdAt: number }>();
  for (const mention of parts.flat().sort(byAge)) {
    if (mention.person === null) continue;
    const claim = claims.get(mention.person.id);
    if (!claim || (claim.holder.revived && !mention.revived))
      claims.set(mention.person.id, { holder: mention, createdAt: mention.person.createdAt });
  }
  const persons = new Map<readonly M[], { id: string; createdAt: number }[]>();
  for (const [id, { holder, createdAt }] of claims) {
    const part = partOf.get(holder.id) ?? [];
    persons.set(part, [...(persons.get(part) ?? []), { id, createdAt }]);
  }

  const members = new Map<string, Membership>();
  const founded: { personId: string; mentionId: string }[] = [];
  const merged: { from: string; into: string }[] = [];
  const moves: Move[] = [];
  for (const part of parts) {
    const [oldest] = part;
    if (!oldest) continue;
    const [survivor, ...others] = (persons.get(part) ?? []).sort(byAge);
    const personId = survivor?.id ?? `+${oldest.id}`;
    if (!survivor) founded.push({ personId, mentionId: oldest.id });
    for (const other of others) merged.push({ from: other.id, into: personId });
    for (const mention of part) {
      const reason = reasons.get(mention.id);
      const rule = reason?.rule ?? 'SINGLE';
      members.set(mention.id, {
        personId,
        matchedBy: rule,
        score: reason?.score ?? null,
        matchedWith: rule === 'SCORE' || rule === 'HUMAN' ? (reason?.with ?? null) : null,
      });
      const from = mention.person?.id ?? null;
      if (from === personId || (from === null && !survivor && mention === oldest)) continue;
      const parted = from !== null && !survivor && !others.some((other) => other.id === from);
      moves.push({ mentionId: mention.id, from, to: personId, rule: parted || rule === 'SINGLE' ? 'PARTED' : rule });
    }
  }
  return { members, founded, merged, moves, parts };
}
