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

interface Part<M> {
  readonly mentions: [M, ...M[]];
  /** Whose ids it may keep. */
  readonly persons: { readonly id: string; readonly createdAt: number }[];
}

/** `resolution` is of just these mentions. */
export function assignPersons<M extends Assignable>(
  mentions: readonly M[],
  { parts: ids, reasons }: Pick<Resolution, 'parts' | 'reasons'>,
): Assignment<M> {
  const numberOf = new Map<string, number>();
  for (const [number, part] of ids.entries()) for (const id of part) numberOf.set(id, number);

  // From the oldest on: so parts come in the order of their oldest mentions, and each with its oldest first.
  const parts = new Map<number, Part<M>>();
  // Who keeps which id: for each person the part of its oldest mention, those that never left before those that came back.
  const claims = new Map<string, { createdAt: number; isRevived: boolean; part: Part<M> }>();
  for (const mention of [...mentions].sort(byAge)) {
    const number = numberOf.get(mention.id) as number;
    let part = parts.get(number);
    if (part) part.mentions.push(mention);
    else parts.set(number, (part = { mentions: [mention], persons: [] }));
    if (mention.person === null) continue;
    const claim = claims.get(mention.person.id);
    if (!claim || (claim.isRevived && !mention.revived))
      claims.set(mention.person.id, { createdAt: mention.person.createdAt, isRevived: mention.revived, part });
  }
  for (const [id, { createdAt, part }] of claims) part.persons.push({ id, createdAt });

  const members = new Map<string, Membership>();
  const founded: { personId: string; mentionId: string }[] = [];
  const merged: { from: string; into: string }[] = [];
  const moves: Move[] = [];
  for (const { mentions: part, persons } of parts.values()) {
    const [oldest] = part;
    const [survivor, ...others] = persons.sort(byAge);
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
  return { members, founded, merged, moves, parts: [...parts.values()].map(({ mentions: part }) => part) };
}
