/** Some records of a person are somebody else's: one act of a human, of many words. */
import type { Tx } from '../platform/db.ts';
import { badInput } from '../platform/errors.ts';
import { newId } from '../platform/id.ts';
import { pairOf } from './identity-review.ts';
import {
  enforce,
  personsOf,
  readAround,
  requireReason,
  type Around,
  type Decided,
  type Deciding,
  type Word,
} from './identity-word.ts';
import { JOIN_LOCK } from './join-people.ts';
import { weighPair, type Evidence } from './matching/resolve.ts';
import { distinct, type StoredMention } from './neighbourhood.ts';

/** Each who leaves is told apart from each who stays, and all of that is read again with whatever comes of them. */
const MOST_PAIRS = 20_000;
/** So many pairs stand for a split: whoever sees both of any of them sees that it was decided, and can take it back. */
const MOST_SHOWN = 24;
/** Of somebody with more records than that, not all are tried. */
const MOST_TRIED = 60;

export interface Split {
  readonly personId: string;
  /** What is said of this person there is somebody else's. */
  readonly recordIds: readonly string[];
  /** Mentions that the decider knows of: pairs of them stand for the decision. */
  readonly known: readonly string[];
}

const OF_PERSON = `select m.id, m.record_id as "recordId", m.person_id as "personId" from mention m join person p on p.id = $1
where m.person_id = coalesce(p.survivor_id, p.id) and m.gone_at is null order by m.id`;

/**
 * What leaves is one person from now on, and none of those who stay, by the same human's word; what stays is who it is by its evidence.
 * What leaves gets a new id (or joins whoever it is by its evidence). Takes `JOIN_LOCK`.
 */
export async function splitPerson(
  tx: Tx,
  deciding: Deciding,
  { personId, recordIds, known }: Split,
): Promise<Decided & { readonly remaining: string; readonly separated: string }> {
  requireReason(deciding.reason);
  await tx.lock(JOIN_LOCK);
  const mentions = await tx.query<{ id: string; recordId: string; personId: string }>(OF_PERSON, [personId]);
  const leaves = ({ recordId }: { readonly recordId: string }): boolean => recordIds.includes(recordId);
  const leaving = mentions.filter(leaves).map(({ id }) => id);
  const staying = mentions.filter((mention) => !leaves(mention)).map(({ id }) => id);
  const isKnown = new Set(known);
  const [first] = leaving;
  const rest = staying.find((id) => isKnown.has(id));
  if (first === undefined || rest === undefined || !leaving.some((id) => isKnown.has(id)))
    throw badInput('records', 'Name some of this person’s records, and not all: at least one stays.');
  if (leaving.length * staying.length > MOST_PAIRS)
    throw badInput('records', 'That is too much at once; name fewer records, and the others in another act.');
  const around = await readAround(tx, deciding.keyring, distinct(mentions.map((mention) => mention.personId)));
  const said = wordsOfSplit(deciding, around, { leaving, staying, known: isKnown });
  const overruled = await enforce(tx, deciding, around, { said, leaving });
  const after = await personsOf(tx, [first, rest]);
  const [remaining, separated] = [after.get(rest) ?? personId, after.get(first) ?? personId];
  return {
    ...{ reviewId: said[0]?.id ?? '', isNew: true, overruled, remaining, separated },
    about: distinct([...mentions.map((mention) => mention.personId), remaining, separated]),
  };
}

/** Of each that leaves or stays and that the decider knows of the pair that is most alike; the most alike of all first. */
function pairsToShow(
  { matcher, near }: Around,
  { leaving, staying }: { readonly leaving: readonly string[]; readonly staying: readonly string[] },
): Evidence[] {
  const byId = new Map(near.map((mention) => [mention.id, mention]));
  const best = new Map<string, Evidence>();
  for (const x of leaving.slice(0, MOST_TRIED))
    for (const y of staying.slice(0, MOST_TRIED)) {
      const pair = weighPair(byId.get(x) as StoredMention, byId.get(y) as StoredMention, matcher.weights);
      for (const id of [x, y]) if (pair.score > (best.get(id)?.score ?? -Infinity)) best.set(id, pair);
    }
  const pairs = new Map([...best.values()].map((pair) => [pairOf(pair), pair]));
  return [...pairs.values()].sort((x, y) => y.score - x.score).slice(0, MOST_SHOWN);
}

function wordsOfSplit(
  { now }: Deciding,
  around: Around,
  {
    leaving,
    staying,
    known,
  }: { readonly leaving: readonly string[]; readonly staying: readonly string[]; readonly known: ReadonlySet<string> },
): Word[] {
  const isKnown = (id: string): boolean => known.has(id);
  const shown = pairsToShow(around, { leaving: leaving.filter(isKnown), staying: staying.filter(isKnown) });
  const stored = new Map(around.reviews.map((review) => [pairOf(review), review]));
  const idOf = (pair: { readonly a: string; readonly b: string }): string =>
    stored.get(pairOf(pair))?.id ?? newId('rvw', now);
  const standing = shown.map((evidence) => ({ ...evidence, id: idOf(evidence), evidence }));
  const splitId = standing[0]?.id ?? '';
  const inOrder = (x: string, y: string): { a: string; b: string } => (x < y ? { a: x, b: y } : { a: y, b: x });
  const isStanding = new Set(shown.map(pairOf));
  const apart = leaving
    .flatMap((id) => staying.map((other) => inOrder(id, other)))
    .filter((pair) => !isStanding.has(pairOf(pair)));
  const [first = '', ...others] = leaving;
  // What a human has said already needs no saying, and is not taken back with this.
  const together = others
    .map((id) => inOrder(first, id))
    .filter((pair) => stored.get(pairOf(pair))?.status !== 'ACCEPTED');
  return [
    ...standing.map(({ id, a, b, evidence }) => ({ id, a, b, same: false, splitId, isShown: true, evidence })),
    ...apart.map((pair) => ({ ...pair, id: idOf(pair), same: false, splitId, isShown: false })),
    ...together.map((pair) => ({ ...pair, id: idOf(pair), same: true, splitId, isShown: false })),
  ];
}
