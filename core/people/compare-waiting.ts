/**
 * Those whom so far only the exact rule has looked at, compared with everybody: after a first load, after weights have changed, and
 * after an upgrade. A few hundred persons at a time, each lot in a transaction with what it means for them: it can stop anywhere
 * and go on, here or in another process. Whoever hangs together is worked out once.
 */
import type { Db, Tx } from '../platform/db.ts';
import type { Keyring } from '../platform/keyring.ts';
import { BLOCKING_KINDS, hashBlockingKeys } from './blocking-hash.ts';
import { JOIN_LOCK, joinAll } from './join-people.ts';
import { loadMatcher } from './matcher.ts';
import { createComparer } from './matching/evidence.ts';
import { createReader, distinct, type StoredMention } from './neighbourhood.ts';

export interface CompareOptions {
  readonly signal?: AbortSignal;
  /** Persons who still wait. */
  readonly onProgress?: (waiting: number) => void;
}

const AT_ONCE = 300;

// Whom nobody is told of first: one lot is told or it is not.
const NEXT = `
select w.person_id as "waiting", coalesce(p.survivor_id, p.id) as "personId", w.told
from match_waiting w join person p on p.id = w.person_id
order by w.told, w.person_id limit $1`;

const DONE = 'delete from match_waiting where person_id = any($1)';

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

/** One lot; how many persons are done with. */
async function compareLot(tx: Tx, keyring: Keyring, now: Date): Promise<number> {
  await tx.lock(JOIN_LOCK);
  const next = await tx.query<{ waiting: string; personId: string; told: boolean }>(NEXT, [AT_ONCE]);
  const lot = next.filter(({ told }) => told === next[0]?.told);
  if (lot.length === 0) return 0;
  const matcher = await loadMatcher(tx, keyring);
  const reader = createReader(tx, keyring, matcher);
  const comparer = createComparer(matcher.weights);
  const all = new Map<string, StoredMention>();
  const persons = new Set<string>();
  for (let wanted = distinct(lot.map(({ personId }) => personId)); wanted.length > 0;) {
    const found = (await reader.hangingTogether(wanted)).filter(({ id }) => !all.has(id));
    const fresh = await withKeys(tx, keyring, found);
    for (const mention of fresh) {
      all.set(mention.id, mention);
      persons.add(mention.person.id);
    }
    for (const person of wanted) persons.add(person);
    const met = await reader.meet(fresh, [...all.keys()]);
    const worth = new Set(comparer.among([...fresh, ...met]).flatMap(({ a, b }) => [a, b]));
    wanted = distinct(met.flatMap(({ id, person }) => (worth.has(id) && !persons.has(person.id) ? [person.id] : [])));
  }
  const near = [...all.values()];
  const reviews = await reader.reviewsOf(near.map(({ id }) => id));
  const context = { keyring, now, quiet: lot[0]?.told !== true };
  await joinAll(tx, context, { put: [], vanished: [], present: [] }, { matcher, comparer, near, reviews });
  const done = distinct([...lot.map(({ waiting }) => waiting), ...persons]);
  await tx.query(DONE, [done]);
  return lot.length;
}

/** Until nobody waits; how many persons were done with. */
export async function compareWaiting(
  { db, keyring, now }: { readonly db: Db; readonly keyring: Keyring; readonly now: () => Date },
  { signal, onProgress }: CompareOptions = {},
): Promise<number> {
  let done = 0;
  while (!signal?.aborted) {
    const lot = await db.tx((tx) => compareLot(tx, keyring, now()));
    if (lot === 0) break;
    done += lot;
    if (onProgress) onProgress((await db.one<{ count: number }>('select count(*) from match_waiting', [])).count);
  }
  return done;
}
