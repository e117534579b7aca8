/** Weights of this county's own, learned from what its records say; and which are in force. Whoever is joined by them is compared anew. */
import { randomInt } from 'node:crypto';
import { audit } from '../audit/audit.ts';
import type { Db, Queryable, Tx } from '../platform/db.ts';
import { AppError } from '../platform/errors.ts';
import type { Keyring } from '../platform/keyring.ts';
import type { Sex } from '../department-record.ts';
import { openMention } from './index-row.ts';
import { JOIN_LOCK } from './join-people.ts';
import { loadMatcher } from './matcher.ts';
import { learnWeights } from './matching/learn.ts';
import { drawSample, type SampleSize } from './matching/sample.ts';
import { readTraits, type Traits } from './matching/trait.ts';
import type { Weights } from './matching/weight.ts';

/** Mentions by each of three ways; some hundred thousand pairs come of them. */
const EACH_WAY = 20_000;
const SAMPLE: SampleSize = { byLot: 300_000, each: 60_000 };
/** Fewer pairs of one number say too little of how people are written. */
const FEWEST_PAIRS = 500;

// Keyed hashes lie evenly: from one on in their order is by lot, and who shares a number, or a name and a day, comes together.
const FROM = {
  number: `select id from mention where gone_at is null and citizen_id_hash >= $1 order by citizen_id_hash limit $2`,
  name: `select id from mention where gone_at is null and name_day >= $1 order by name_day limit $2`,
  lot: `select id from mention where gone_at is null and person_id is not null and id >= $1 order by id limit $2`,
};

const READ = `select m.id as "mentionId", m.cipher, k.wrapped, m.sex from mention m left join data_key k on k.id = m.id where m.id = any($1)`;

interface Row {
  readonly mentionId: string;
  readonly cipher: Buffer;
  readonly wrapped: Buffer | null;
  readonly sex: Sex;
}

/** From a quarter of the way through their order at most, so that there are enough behind it. */
const quarter = (): number => randomInt(0x40);

async function readSample(q: Queryable, keyring: Keyring): Promise<Traits[]> {
  const { readAddress } = await loadMatcher(q, keyring);
  const begin = quarter();
  const ways: readonly (readonly [string, unknown])[] = [
    [FROM.number, Buffer.from([begin])],
    // As a signed number of eight bytes, from the lowest on.
    [FROM.name, (BigInt(begin) * 2n ** 56n - 2n ** 63n).toString()],
    [FROM.lot, 'men_'],
  ];
  const ids = new Set<string>();
  for (const [sql, from] of ways)
    for (const { id } of await q.query<{ id: string }>(sql, [from, EACH_WAY])) ids.add(id);
  const rows = await q.query<Row>(READ, [[...ids]]);
  return rows
    .filter(({ cipher }) => cipher.length > 0)
    .map((row) => readTraits({ ...openMention(keyring, row), sex: row.sex }, readAddress));
}

/** Changes nothing. Throws CONFLICT where there are too few records to learn from. */
export async function learnFromIndex(q: Queryable, keyring: Keyring): Promise<Weights> {
  const people = await readSample(q, keyring);
  const sample = drawSample(people, SAMPLE, (below) => randomInt(below));
  if (sample.sameNumber.length < FEWEST_PAIRS || sample.sameNameAndBirth.length < FEWEST_PAIRS)
    throw new AppError(
      'CONFLICT',
      `There are too few records to learn from: ${sample.sameNumber.length} pairs of one citizen ID and ${sample.sameNameAndBirth.length} of one name and birth date, and it takes ${FEWEST_PAIRS} of each. Read departments in first.`,
    );
  const { weights } = await loadMatcher(q, keyring);
  return learnWeights(sample, weights);
}

export interface WeightsInForce {
  readonly number: number;
  readonly version: string;
  readonly learnedAt: Date;
  readonly inForce: boolean;
}

const LIST = `select number, version, learned_at as "learnedAt", number = max(number) over () as "inForce" from match_weights order by number`;

/** Oldest first. */
export const listWeights = (q: Queryable): Promise<WeightsInForce[]> => q.query<WeightsInForce>(LIST);

const PUT = `insert into match_weights (number, version, weights, learned_at)
select number, 'county/' || number, $1::jsonb || jsonb_build_object('version', 'county/' || number), $2
from (select coalesce(max(number), 0) + 1 as number from match_weights) n returning version`;

// In the order in which they are compared (0014_waiting_in_turn.sql).
const WAIT = `
insert into match_waiting (person_id, told, around)
select person_id, true, coalesce(min(('x' || encode(substr(birth_hash, 1, 8), 'hex'))::bit(64)::bigint), 0)
from mention where gone_at is null and person_id is not null group by person_id
on conflict (person_id) do nothing`;

/** From now on; everybody waits to be compared by them. Returns their version. */
export async function putInForce(tx: Tx, weights: Weights, now: Date): Promise<string> {
  await tx.lock(JOIN_LOCK);
  const { version } = await tx.one<{ version: string }>(PUT, [JSON.stringify(weights), now]);
  await tx.query(WAIT, []);
  await audit.append(tx, {
    ...{ kind: 'identity.weights', subject: version, actor: null, at: now },
    body: { join: weights.join, review: weights.review, margin: weights.margin },
  });
  return version;
}

/** Those of an earlier number, under a new one. Throws NOT_FOUND. */
export async function putBack(db: Db, number: number, now: Date): Promise<string> {
  return db.tx(async (tx) => {
    const row = await tx.maybeOne<{ weights: Weights }>('select weights from match_weights where number = $1', [
      number,
    ]);
    if (!row)
      throw new AppError('NOT_FOUND', 'There are no weights of this number; `maplebridge people weights` lists them.');
    return putInForce(tx, row.weights, now);
  });
}
