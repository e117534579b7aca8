/** Puts into the database what was worked out: mentions, persons, joins and partings with their evidence, and who is told. */
import { appendEntries, entryRows } from '../audit/audit.ts';
import { storeAllDataKeys } from '../platform/data-keys.ts';
import type { Tx } from '../platform/db.ts';
import { idFromHash, newId } from '../platform/id.ts';
import type { Keyring } from '../platform/keyring.ts';
import type { Assignable, Assignment, Membership, Move } from './assign-person.ts';
import { BLOCKING_KINDS } from './blocking-hash.ts';
import type { MentionRow } from './index-row.ts';
import { newJoiningEntry, toJoiningEntry, type Joining } from './log-joining.ts';
import { tellPersons, type PersonChange } from './tell-person.ts';

export interface JoinContext {
  readonly keyring: Keyring;
  readonly now: Date;
  /** Nobody is told of what follows: a first load, or nobody listens. */
  readonly quiet?: boolean;
  /** During a first load only the exact rule joins: everybody is compared once, when it is over, not anew with every page. */
  readonly compareLater?: boolean;
}

const FOUND = `insert into person (id, created_at) select unnest($1::text[]), $2 on conflict (id) do nothing returning id`;

// Whoever resolved to a person that is now joined resolves to the new survivor: one step from any id, for ever.
const MERGE = `update person p set survivor_id = j.into_id
from unnest($1::text[], $2::text[]) as j(from_id, into_id)
where p.id = j.from_id or p.survivor_id = j.from_id`;

const BLOCKING_COLUMNS = 'name_day, born_first, born_last, name_phone';

const PUT = `insert into mention (id, record_id, ref, role, person_id, organisation_id, sex, cipher, name_hash, name_tokens,
  citizen_id_hash, birth_hash, phone_hash, birth_year, matched_by, score, matched_with, ${BLOCKING_COLUMNS}, created_at, joined_at)
select id, record_id, ref, role, person_id, organisation_id, sex, cipher, name_hash, name_tokens::bytea[],
  citizen_id_hash, birth_hash, phone_hash, birth_year, matched_by, score, matched_with, ${BLOCKING_COLUMNS}, $22, $22
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bytea[], $9::bytea[],
  $10::text[], $11::bytea[], $12::bytea[], $13::bytea[], $14::smallint[], $15::text[], $16::real[], $17::text[],
  $18::bigint[], $19::bigint[], $20::bigint[], $21::bigint[])
  as n(id, record_id, ref, role, person_id, organisation_id, sex, cipher, name_hash, name_tokens,
    citizen_id_hash, birth_hash, phone_hash, birth_year, matched_by, score, matched_with, ${BLOCKING_COLUMNS})
on conflict (id) do update set role = excluded.role, person_id = excluded.person_id,
  organisation_id = excluded.organisation_id, sex = excluded.sex, cipher = excluded.cipher,
  name_hash = excluded.name_hash, name_tokens = excluded.name_tokens, citizen_id_hash = excluded.citizen_id_hash,
  birth_hash = excluded.birth_hash, phone_hash = excluded.phone_hash, birth_year = excluded.birth_year,
  matched_by = excluded.matched_by, score = excluded.score, matched_with = excluded.matched_with,
  name_day = excluded.name_day, born_first = excluded.born_first, born_last = excluded.born_last,
  name_phone = excluded.name_phone, gone_at = null,
  joined_at = case when mention.person_id is distinct from excluded.person_id then excluded.joined_at else mention.joined_at end`;

const MOVE = `update mention m set person_id = n.person_id, matched_by = n.matched_by, score = n.score, matched_with = n.matched_with,
  joined_at = case when m.person_id is distinct from n.person_id then $6 else m.joined_at end
from unnest($1::text[], $2::text[], $3::text[], $4::real[], $5::text[]) as n(id, person_id, matched_by, score, matched_with)
where m.id = n.id`;

// In one statement with its entry: how many it takes must not tell whether somebody is known.
const NOTE = `with written as (${appendEntries('$9')})
insert into joining (at, mention_id, from_person_id, to_person_id, rule, evidence, decided_by, entry)
select $1, mention_id, from_id, to_id, rule, evidence::jsonb, decided_by, $8
from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
  as n(mention_id, from_id, to_id, rule, evidence, decided_by)`;

/** `bytea[]` written out: `unnest` would take an array of arrays apart. */
const tokensLiteral = (tokens: readonly Buffer[]): string =>
  `{${tokens.map((token) => `"\\\\x${token.toString('hex')}"`).join(',')}}`;

/** Stores the persons founded and gives the assignment's names for them their ids. */
async function foundPersons(
  tx: Tx,
  { keyring, now }: JoinContext,
  founded: Assignment<Assignable>['founded'],
): Promise<(personId: string) => string> {
  const ids = new Map<string, string>();
  const wanted = founded.map(({ personId, mentionId }) => {
    const id = idFromHash('per', keyring.hash('index.hash', 'person', mentionId));
    ids.set(personId, id);
    return id;
  });
  const stored = wanted.length === 0 ? [] : await tx.query<{ id: string }>(FOUND, [wanted, now]);
  if (stored.length < wanted.length) {
    // The mention founded a person once before, who lives on without it (or was joined into another): a new id.
    const fresh = new Set(stored.map(({ id }) => id));
    const others = founded.filter(({ personId }) => !fresh.has(ids.get(personId) ?? ''));
    for (const { personId } of others) ids.set(personId, newId('per', now));
    await tx.query(FOUND, [others.map(({ personId }) => ids.get(personId)), now]);
  }
  return (personId) => ids.get(personId) ?? personId;
}

/** Joined and parted persons, each pair once; parted from one who lives on, whether to become a new person or to join another. */
function changesOf(
  { merged, moves }: Pick<Assignment<Assignable>, 'merged' | 'moves'>,
  idOf: (personId: string) => string,
): PersonChange[] {
  const joined = merged.map(({ from, into }) => ({ type: 'person.merged' as const, person: idOf(into), other: from }));
  const joinedAway = new Set(merged.map(({ from }) => from));
  const parted = moves.flatMap(({ from, to }) =>
    from === null || joinedAway.has(from) ? [] : [{ type: 'person.split' as const, person: from, other: idOf(to) }],
  );
  return [...joined, ...new Map(parted.map((change) => [`${change.person} ${change.other}`, change])).values()];
}

/** A mention that stays as it is, but perhaps for its person. */
export interface Stayed extends Membership {
  readonly id: string;
}

export interface Joined {
  readonly put: readonly MentionRow[];
  readonly others: readonly Stayed[];
  /** Ids of mentions that are gone now. */
  readonly vanished: readonly string[];
  readonly assignment: Assignment<Assignable>;
  readonly toJoining: (move: Move) => Joining;
  /** Sent after the mentions are. */
  readonly besides?: () => Promise<void>;
  /** Persons who are to be compared later, by their names in the assignment; with the hash of a birth date, where one is known. */
  readonly waiting: readonly { readonly personId: string; readonly bornHash: Buffer | null }[];
}

const WAIT = `
insert into match_waiting (person_id, around) select * from unnest($1::text[], $2::bigint[]) on conflict do nothing`;

const turnOf = (bornHash: Buffer | null): string => bornHash?.readBigInt64BE().toString() ?? '0';

const isElsewhere = (stored: Stayed, { personId, matchedBy, score, matchedWith }: Membership): boolean =>
  stored.personId !== personId ||
  stored.matchedBy !== matchedBy ||
  stored.matchedWith !== matchedWith ||
  // Stored in four bytes.
  Math.fround(stored.score ?? 0) !== Math.fround(score ?? 0);

/** Under `JOIN_LOCK`. */
export async function storeJoined(tx: Tx, context: JoinContext, joined: Joined): Promise<void> {
  const { now, keyring } = context;
  const { put, others, vanished, assignment, toJoining, waiting, besides } = joined;
  const idOf = await foundPersons(tx, context, assignment.founded);
  const { members, merged, moves } = assignment;
  const newKeys = put.flatMap(({ id, newKey }) => (newKey === null ? [] : [{ owner: id, wrapped: newKey }]));
  // None waits for another's answer: the database works on one while the next is written out.
  const statements: Promise<unknown>[] = newKeys.length === 0 ? [] : [storeAllDataKeys(tx, keyring, newKeys)];
  const send = (text: string, values: readonly unknown[]): void => void statements.push(tx.query(text, values));
  if (merged.length > 0) send(MERGE, [merged.map(({ from }) => from), merged.map(({ into }) => idOf(into))]);
  if (put.length > 0) {
    const memberOf = ({ id }: MentionRow): Membership | undefined => members.get(id);
    const person = (row: MentionRow): string | null => {
      const membership = memberOf(row);
      return membership ? idOf(membership.personId) : null;
    };
    send(PUT, [
      put.map((row) => row.id),
      put.map((row) => row.recordId),
      put.map((row) => row.ref),
      put.map((row) => row.role),
      put.map(person),
      put.map((row) => row.organisationId),
      put.map((row) => row.sex),
      put.map((row) => row.cipher),
      put.map((row) => row.nameHash),
      put.map((row) => tokensLiteral(row.nameTokens)),
      put.map((row) => row.citizenIdHash),
      put.map((row) => row.birthHash),
      put.map((row) => row.phoneHash),
      put.map((row) => row.birthYear),
      put.map((row) => memberOf(row)?.matchedBy ?? 'SINGLE'),
      put.map((row) => memberOf(row)?.score ?? null),
      put.map((row) => memberOf(row)?.matchedWith ?? null),
      ...BLOCKING_KINDS.map((kind) => put.map((row) => row.blocking[kind])),
      now,
    ]);
  }
  const moved = others.flatMap((row) => {
    const member = members.get(row.id);
    return member && isElsewhere(row, member) ? [{ ...member, id: row.id }] : [];
  });
  if (moved.length > 0)
    send(MOVE, [
      moved.map(({ id }) => id),
      moved.map(({ personId }) => idOf(personId)),
      moved.map(({ matchedBy }) => matchedBy),
      moved.map(({ score }) => score),
      moved.map(({ matchedWith }) => matchedWith),
      now,
    ]);
  if (vanished.length > 0) send('update mention set gone_at = $2 where id = any($1)', [vanished, now]);
  if (waiting.length > 0) {
    const known = waiting.filter(({ bornHash }) => bornHash !== null);
    const around = new Map(
      [...waiting, ...known].map(({ personId, bornHash }) => [idOf(personId), turnOf(bornHash)] as const),
    );
    send(WAIT, [[...around.keys()], [...around.values()]]);
  }
  const told = changesOf(assignment, idOf);
  if (moves.length > 0) {
    const joinings = moves.map((move) => toJoining({ ...move, to: idOf(move.to) }));
    const entry = newJoiningEntry(now);
    const about = told.flatMap(({ person, other }) => [person, other]);
    send(NOTE, [
      now,
      joinings.map(({ mentionId }) => mentionId),
      joinings.map(({ from }) => from),
      joinings.map(({ to }) => to),
      joinings.map(({ rule }) => rule),
      joinings.map(({ evidence }) => JSON.stringify(evidence)),
      joinings.map(({ decidedBy }) => decidedBy),
      entry,
      entryRows([toJoiningEntry(now, { entry, joinings, about })]),
    ]);
  }
  if (besides) statements.push(besides());
  if (!context.quiet) statements.push(tellPersons(tx, now, told));
  await Promise.all(statements);
}
