/**
 * Those whom so far only the exact rule has looked at, compared with everybody: after a first load, after weights have changed, and
 * after an upgrade. A few hundred persons at a time, a few such lots in a transaction with what they mean: it can stop anywhere
 * and go on, here or in another process. Whoever hangs together is worked out once.
 */
import { performance } from 'node:perf_hooks';
import type { Db, Tx } from '../platform/db.ts';
import type { Keyring } from '../platform/keyring.ts';
import { BLOCKING_KINDS, hashBlockingKeys } from './blocking-hash.ts';
import { JOIN_LOCK, joinAll, NO_CHANGES } from './join-people.ts';
import { loadMatcher, type Matcher } from './matcher.ts';
import { createComparer, type Comparer } from './matching/evidence.ts';
import { createReader, distinct, type StoredMention, type StoredReview } from './neighbourhood.ts';

export interface CompareOptions {
  readonly signal?: AbortSignal;
  /** Persons who still wait. */
  readonly onProgress?: (waiting: number) => void;
}

// Before anybody is compared there are no questions, and a plan for none reads all there are for every mention. So what is planned by
// is refreshed whenever so many more are done with; that also has every prepared statement planned again.
const ANALYZE = 'analyze identity_review, match_waiting';
const FIRST_ANALYSIS = 500;
const GROWTH = 4;

/** Persons of a lot; more are looked for than are compared, so that the database and this process work at the same time. */
const AT_ONCE = 300;
const LOOKED_FOR_AT_ONCE = 75;
/** No lot is begun after so long: others wait for the lock. */
const MOST_MS = 500;

// By the index; a plan for any number would sort all who wait, every time.
const NEXT = `
select w.person_id as "waiting", coalesce(p.survivor_id, p.id) as "personId", w.around::text
from (
  select person_id, around from match_waiting where told = $1 and (around, person_id) > ($2::bigint, $3)
  order by around, person_id limit ${AT_ONCE}
) w
cross join lateral (select id, survivor_id from person where id = w.person_id offset 0) p
order by w.around, w.person_id`;

const DONE = `
with done as (delete from match_waiting where person_id = any($1) returning 1) select count(*) as count from done`;

// Read in before there were keys.
const KEYED = `
update mention m set name_day = n.name_day, born_first = n.born_first, born_last = n.born_last, name_phone = n.name_phone
from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
  as n(id, name_day, born_first, born_last, name_phone)
where m.id = n.id`;

const isKeyed = ({ blocking }: StoredMention): boolean => Object.values(blocking).some((hash) => hash !== null);

async function withKeys(tx: Tx, keyring: Keyring, mentions: readonly StoredMention[]): Promise<StoredMention[]> {
  const keyed = mentions.map((mention) =>
    isKeyed(mention) ? mention : { ...mention, blocking: hashBlockingKeys(keyring, mention.traits) },
  );
  const fresh = keyed.filter((mention, at) => mention !== mentions[at] && isKeyed(mention));
  if (fresh.length > 0)
    await tx.query(KEYED, [
      fresh.map(({ id }) => id),
      ...BLOCKING_KINDS.map((kind) => fresh.map(({ blocking }) => blocking[kind])),
    ]);
  return keyed;
}

interface Lot {
  readonly waiting: readonly string[];
  readonly personIds: readonly string[];
  /** Of all who hang together with them. */
  readonly persons: ReadonlySet<string>;
  readonly near: readonly StoredMention[];
  readonly reviews: readonly StoredReview[];
  readonly comparer: Comparer;
}

const handfulsOf = (ids: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(ids.length / LOOKED_FOR_AT_ONCE) }, (_, at) =>
    ids.slice(at * LOOKED_FOR_AT_ONCE, (at + 1) * LOOKED_FOR_AT_ONCE),
  );

/** All who hang together with these persons by any evidence, however far. */
async function gather(
  tx: Tx,
  keyring: Keyring,
  matcher: Matcher,
  { waiting, personIds }: Pick<Lot, 'waiting' | 'personIds'>,
): Promise<Lot> {
  const reader = createReader(tx, keyring, matcher);
  const comparer = createComparer(matcher.weights);
  const all = new Map<string, StoredMention>();
  const persons = new Set<string>(personIds);
  const lookFor = async (handful: readonly string[]): Promise<string[]> => {
    const found = (await reader.hangingTogether(handful)).filter(({ id }) => !all.has(id));
    // Before anything is waited for: another handful may come upon the same.
    for (const mention of found) all.set(mention.id, mention);
    const fresh = await withKeys(tx, keyring, found);
    for (const mention of fresh) {
      all.set(mention.id, mention);
      persons.add(mention.person.id);
    }
    if (fresh.length === 0) return [];
    const met = await reader.meet(fresh, [...all.keys()]);
    const worth = new Set(comparer.among(fresh, { others: met }).flatMap(({ a, b }) => [a, b]));
    return met.flatMap(({ id, person }) => (worth.has(id) ? [person.id] : []));
  };
  for (let wanted = distinct(personIds); wanted.length > 0;) {
    const further = await Promise.all(handfulsOf(wanted).map(lookFor));
    wanted = distinct(further.flat().filter((person) => !persons.has(person)));
    for (const person of wanted) persons.add(person);
  }
  const near = [...all.values()];
  const reviews = await reader.reviewsOf(near.map(({ id }) => id));
  return { waiting, personIds, persons, near, reviews, comparer };
}

interface Place {
  /** Whether who holds records of them hears of it: a lot is told of or it is not. */
  readonly told: boolean;
  /** The last who was looked at: as the index has them. */
  readonly around: string;
  readonly person: string;
}

const START = { around: '-9223372036854775808', person: '' };

/** A few lots: how many persons were done with, and where to go on; null at the end. */
async function compareSome(
  tx: Tx,
  keyring: Keyring,
  now: Date,
  { told, ...start }: Place,
): Promise<{ done: number; next: Place | null }> {
  const until = performance.now() + MOST_MS;
  await tx.lock(JOIN_LOCK);
  const matcher = await loadMatcher(tx, keyring);
  let [last, done] = [start, 0];
  const read = async (before: Lot | null): Promise<Lot | null> => {
    const rows = await tx.query<{ waiting: string; personId: string; around: string }>(NEXT, [
      ...[told, last.around, last.person],
    ]);
    const end = rows.at(-1);
    if (end === undefined) return null;
    last = { around: end.around, person: end.waiting };
    const personIds = rows.flatMap(({ personId }) => (before?.persons.has(personId) ? [] : [personId]));
    return gather(tx, keyring, matcher, { waiting: rows.map(({ waiting }) => waiting), personIds });
  };
  const join = async ({ waiting, persons, near, reviews, comparer }: Lot): Promise<void> => {
    await joinAll(tx, { keyring, now, quiet: !told }, NO_CHANGES, { matcher, comparer, near, reviews });
    done += (await tx.one<{ count: number }>(DONE, [distinct([...waiting, ...persons])])).count;
  };
  let lot = await read(null);
  while (lot !== null) {
    // Who hangs together with nobody of this lot is not touched by what it means: the database looks for the next meanwhile.
    const next: Promise<Lot | null> | null = performance.now() < until ? read(lot) : null;
    next?.catch(() => undefined);
    await join(lot);
    if (next === null) return { done, next: { told, ...last } };
    const before: ReadonlySet<string> = lot.persons;
    lot = await next;
    // It cannot be while evidence is the same from either side; it would be joined by what is no longer so.
    if (lot?.near.some(({ person }) => before.has(person.id))) lot = await gather(tx, keyring, matcher, lot);
  }
  return { done, next: null };
}

/** Until nobody waits; how many persons were done with. */
export async function compareWaiting(
  { db, keyring, now }: { readonly db: Db; readonly keyring: Keyring; readonly now: () => Date },
  { signal, onProgress }: CompareOptions = {},
): Promise<number> {
  const waiting = onProgress ? (await db.one<{ count: number }>('select count(*) from match_waiting', [])).count : 0;
  let [done, analysisAt] = [0, FIRST_ANALYSIS];
  // Again from the start, as long as that finds anybody: who came meanwhile may stand before where it was.
  for (let before = -1; before < done;) {
    before = done;
    for (const told of [false, true])
      for (let place: Place | null = { told, ...START }; place !== null;) {
        if (signal?.aborted) return done;
        const at: Place = place;
        const some = await db.tx((tx) => compareSome(tx, keyring, now(), at));
        done += some.done;
        place = some.next;
        if (done >= analysisAt) {
          analysisAt = done * GROWTH;
          await db.query(ANALYZE);
        }
        onProgress?.(Math.max(0, waiting - done));
      }
  }
  return done;
}
