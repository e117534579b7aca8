/**
 * Which person every mention belongs to, once it is known who is one with whom. Pure: `joinPeople` loads and stores.
 * The oldest person of a part survives; of a person that falls apart, the part with the oldest mention keeps the id.
 */
import { compare, isSamePerson, partition, type Agreement, type JoiningData } from './same-person.ts';

export interface Assignable extends JoiningData {
  /** Milliseconds; with the id it orders mentions from oldest to newest. */
  readonly createdAt: number;
  /** The person it belongs to now; null for one that was never read before. */
  readonly person: { readonly id: string; readonly createdAt: number } | null;
  /** It was gone and is back: its old person is its own again only if nobody else holds it by now. */
  readonly revived: boolean;
}

export interface Membership {
  readonly personId: string;
  readonly matchedBy: 'SINGLE' | 'CITIZEN_ID';
}

/** A change of membership: with whom a mention was joined and why, or from whom it was parted. */
export interface Move {
  readonly mentionId: string;
  readonly from: string | null;
  readonly to: string;
  readonly rule: 'CITIZEN_ID' | 'PARTED';
  readonly evidence: { readonly with: string | null; readonly fields: readonly Agreement[] };
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

/** `mentions` must hold every live mention that shares a citizen ID or a person with any of them. */
export function assignPersons<M extends Assignable>(mentions: readonly M[]): Assignment<M> {
  const parts = partition([...mentions].sort(byAge));
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
      members.set(mention.id, { personId, matchedBy: part.length > 1 ? 'CITIZEN_ID' : 'SINGLE' });
      const from = mention.person?.id ?? null;
      if (from === personId || (from === null && !survivor && mention === oldest)) continue;
      const reason = part.find((other) => other !== mention && isSamePerson(mention, other));
      const parted = from !== null && !others.some((other) => other.id === from);
      moves.push({
        mentionId: mention.id,
        from,
        to: personId,
        rule: parted && !survivor ? 'PARTED' : 'CITIZEN_ID',
        evidence: { with: reason?.id ?? null, fields: reason ? compare(mention, reason) : [] },
      });
    }
  }
  return { members, founded, merged, moves, parts };
}

/** Equal numbers that joined nobody: for each number the oldest mention of its oldest part with that of every other part. */
export function disagreements<M extends Assignable>(parts: readonly (readonly M[])[]): (readonly [M, M])[] {
  const oldest = new Map<string, M>();
  const pairs: (readonly [M, M])[] = [];
  for (const [mention] of [...parts].sort((a, b) => (a[0] && b[0] ? byAge(a[0], b[0]) : 0))) {
    if (!mention || mention.citizenId === null) continue;
    const first = oldest.get(mention.citizenId);
    if (first) pairs.push([first, mention]);
    else oldest.set(mention.citizenId, mention);
  }
  return pairs;
}
