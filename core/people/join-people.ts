/** Stores mentions and keeps the persons behind them right: joins, partings, survivors, reviews, each with its evidence. */
import { appendEntries, entryRows } from '../audit/audit.ts';
import type { Tx } from '../platform/db.ts';
import { idFromHash, newId } from '../platform/id.ts';
import type { Keyring } from '../platform/keyring.ts';
import { assignPersons, type Assignable, type Assignment } from './assign-person.ts';
import { storeAllDataKeys } from '../platform/data-keys.ts';
import { keepReviews } from './identity-review.ts';
import type { MentionRow } from './index-row.ts';
import { refuseErased } from './mention-key.ts';
import { newJoiningEntry, toJoiningEntry } from './log-joining.ts';
import { EXACT_RULE } from './same-person.ts';
import { tellPersons, type PersonChange } from './tell-person.ts';

/** Held by whatever joins or parts: two departments read at once would otherwise found one person twice. */
export const JOIN_LOCK = 'people.join';

export interface JoinContext {
  readonly keyring: Keyring;
  readonly now: Date;
  /** Nobody is told of what follows: a first load, or nobody listens. */
  readonly quiet?: boolean;
}

export interface MentionChanges {
  /** All mentions of new or changed records, or single ones that are added to a record. */
  readonly put: readonly MentionRow[];
  /** Records whose live mentions are gone unless they are in `put`: changed ones, and those the department no longer holds. */
  readonly replace: readonly string[];
}

/** Times in milliseconds: thousands come at once, and making a Date of each is dear. */
interface StoredMention {
  readonly id: string;
  readonly personId: string | null;
  readonly personCreatedAt: number | null;
  readonly citizenIdHash: Buffer | null;
  readonly nameHash: Buffer;
  readonly birthHash: Buffer | null;
  readonly matchedBy: string;
  readonly createdAt: number;
  readonly gone: boolean;
}

const milliseconds = (at: string): string => `(extract(epoch from ${at}) * 1000)::float8`;

const STORED = `m.id, m.citizen_id_hash as "citizenIdHash", m.name_hash as "nameHash", m.birth_hash as "birthHash",
  m.matched_by as "matchedBy", ${milliseconds('m.created_at')} as "createdAt", m.gone_at is not null as gone`;

const OF_RECORDS = `select ${STORED}, coalesce(s.id, p.id) as "personId", ${milliseconds('coalesce(s.created_at, p.created_at)')} as "personCreatedAt"
from mention m left join person p on p.id = m.person_id left join person s on s.id = p.survivor_id
where m.record_id = any($1)`;

// Live mentions point at survivors. One arm per index; either may find nothing, and a mention may be in both.
const NEAR = `select ${STORED}, p.id as "personId", ${milliseconds('p.created_at')} as "personCreatedAt"
from mention m join person p on p.id = m.person_id where m.gone_at is null`;
const NEIGHBOURS = `${NEAR} and m.citizen_id_hash = any($1) union ${NEAR} and m.person_id = any($2)`;

const FOUND = `insert into person (id, created_at) select unnest($1::text[]), $2 on conflict (id) do nothing returning id`;

// Whoever resolved to a person that is now joined resolves to the new survivor: one step from any id, for ever.
const MERGE = `update person p set survivor_id = j.into_id
from unnest($1::text[], $2::text[]) as j(from_id, into_id)
where p.id = j.from_id or p.survivor_id = j.from_id`;

const PUT = `insert into mention (id, record_id, ref, role, person_id, organisation_id, sex, cipher, name_hash, name_tokens,
  citizen_id_hash, birth_hash, phone_hash, birth_year, matched_by, created_at, joined_at)
select id, record_id, ref, role, person_id, organisation_id, sex, cipher, name_hash, name_tokens::bytea[],
  citizen_id_hash, birth_hash, phone_hash, birth_year, matched_by, $16, $16
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bytea[], $9::bytea[],
  $10::text[], $11::bytea[], $12::bytea[], $13::bytea[], $14::smallint[], $15::text[])
  as n(id, record_id, ref, role, person_id, organisation_id, sex, cipher, name_hash, name_tokens,
    citizen_id_hash, birth_hash, phone_hash, birth_year, matched_by)
on conflict (id) do update set role = excluded.role, person_id = excluded.person_id,
  organisation_id = excluded.organisation_id, sex = excluded.sex, cipher = excluded.cipher,
  name_hash = excluded.name_hash, name_tokens = excluded.name_tokens, citizen_id_hash = excluded.citizen_id_hash,
  birth_hash = excluded.birth_hash, phone_hash = excluded.phone_hash, birth_year = excluded.birth_year,
  matched_by = excluded.matched_by, gone_at = null,
  joined_at = case when mention.person_id is distinct from excluded.person_id then excluded.joined_at else mention.joined_at end`;

const MOVE = `update mention m set person_id = n.person_id, matched_by = n.matched_by,
  joined_at = case when m.person_id is distinct from n.person_id then $4 else m.joined_at end
from unnest($1::text[], $2::text[], $3::text[]) as n(id, person_id, matched_by)
where m.id = n.id`;

// In one statement with its entry: how many it takes must not tell whether somebody is known.
const NOTE = `with written as (${appendEntries('$9')})
insert into joining (at, mention_id, from_person_id, to_person_id, rule, evidence, decided_by, entry)
select $1, mention_id, from_id, to_id, rule, evidence::jsonb, $2, $8
from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[]) as n(mention_id, from_id, to_id, rule, evidence)`;

const text = (hash: Buffer | null): string | null => (hash === null ? null : hash.toString('latin1'));

/** `bytea[]` written out: `unnest` would take an array of arrays apart. */
const tokensLiteral = (tokens: readonly Buffer[]): string =>
  `{${tokens.map((token) => `"\\\\x${token.toString('hex')}"`).join(',')}}`;

const fromStored = (row: StoredMention): Assignable => ({
  id: row.id,
  citizenId: text(row.citizenIdHash),
  name: row.nameHash.toString('latin1'),
  birthDate: text(row.birthHash),
  createdAt: row.createdAt,
  person:
    row.personId === null || row.personCreatedAt === null ? null : { id: row.personId, createdAt: row.personCreatedAt },
  revived: row.gone,
});

/** A put mention as it will be, with the past it has. */
const fromPut = (row: MentionRow, past: Assignable | undefined, now: Date): Assignable => ({
  id: row.id,
  citizenId: text(row.citizenIdHash),
  name: row.nameHash.toString('latin1'),
  birthDate: text(row.birthHash),
  createdAt: past?.createdAt ?? now.getTime(),
  person: past?.person ?? null,
  revived: past?.revived ?? false,
});

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

/** Joined and parted persons, each pair once. */
function changesOf(
  { merged, moves }: Pick<Assignment<Assignable>, 'merged' | 'moves'>,
  idOf: (personId: string) => string,
): PersonChange[] {
  const joined = merged.map(({ from, into }) => ({ type: 'person.merged' as const, person: idOf(into), other: from }));
  const parted = moves.flatMap(({ rule, from, to }) =>
    rule === 'PARTED' && from !== null ? [{ type: 'person.split' as const, person: from, other: idOf(to) }] : [],
  );
  return [...joined, ...new Map(parted.map((change) => [`${change.person} ${change.other}`, change])).values()];
}

/** What is stored of the mentions that change, and of all that share a citizen ID or a person with any of them. */
export interface Around {
  /** Mentions of the records to be replaced, gone ones too. */
  readonly past: readonly StoredMention[];
  readonly near: readonly StoredMention[];
}

/** Call under `tx.lock(JOIN_LOCK)`, before anything of the page is stored or after: it looks at what was there. */
export async function lookAround(tx: Tx, { put, replace }: MentionChanges): Promise<Around> {
  const past = replace.length === 0 ? [] : await tx.query<StoredMention>(OF_RECORDS, [replace]);
  const hashes = new Map<string, Buffer>();
  for (const { citizenIdHash } of [...put, ...past])
    if (citizenIdHash) hashes.set(citizenIdHash.toString('latin1'), citizenIdHash);
  const persons = [...new Set(past.flatMap(({ personId }) => personId ?? []))];
  if (hashes.size + persons.length === 0) return { past, near: [] };
  return { past, near: await tx.query<StoredMention>(NEIGHBOURS, [[...hashes.values()], persons]) };
}

/**
 * Under the lock that `lookAround` was called under. Puts the mentions, takes away those that vanished, and recomputes the
 * persons of all that share a citizen ID or a person with any of them.
 */
export async function joinPeople(
  tx: Tx,
  context: JoinContext,
  { put }: MentionChanges,
  { past, near }: Around,
): Promise<void> {
  const { now, keyring } = context;
  await refuseErased(tx, put);
  const pastOf = new Map(past.map((row) => [row.id, fromStored(row)]));
  const putIds = new Set(put.map(({ id }) => id));
  const vanished = past.filter(({ id, gone }) => !gone && !putIds.has(id)).map(({ id }) => id);
  const others = near.filter(({ id }) => !pastOf.has(id) && !putIds.has(id));
  const assignment = assignPersons([
    ...put.filter((row) => row.organisationId === null).map((row) => fromPut(row, pastOf.get(row.id), now)),
    ...others.map(fromStored),
  ]);

  const idOf = await foundPersons(tx, context, assignment.founded);
  const { members, merged, moves } = assignment;
  const newKeys = put.flatMap(({ id, newKey }) => (newKey === null ? [] : [{ owner: id, wrapped: newKey }]));
  // None waits for another's answer: the database works on one while the next is written out.
  const statements: Promise<unknown>[] = [storeAllDataKeys(tx, keyring, newKeys)];
  const send = (text: string, values: readonly unknown[]): void => void statements.push(tx.query(text, values));
  if (merged.length > 0) send(MERGE, [merged.map(({ from }) => from), merged.map(({ into }) => idOf(into))]);
  if (put.length > 0) {
    const member = (id: string): string | null => {
      const membership = members.get(id);
      return membership ? idOf(membership.personId) : null;
    };
    send(PUT, [
      put.map((row) => row.id),
      put.map((row) => row.recordId),
      put.map((row) => row.ref),
      put.map((row) => row.role),
      put.map((row) => member(row.id)),
      put.map((row) => row.organisationId),
      put.map((row) => row.sex),
      put.map((row) => row.cipher),
      put.map((row) => row.nameHash),
      put.map((row) => tokensLiteral(row.nameTokens)),
      put.map((row) => row.citizenIdHash),
      put.map((row) => row.birthHash),
      put.map((row) => row.phoneHash),
      put.map((row) => row.birthYear),
      put.map((row) => members.get(row.id)?.matchedBy ?? 'SINGLE'),
      now,
    ]);
  }
  const moved = others.flatMap((row) => {
    const member = members.get(row.id);
    if (!member || (member.personId === row.personId && member.matchedBy === row.matchedBy)) return [];
    return [{ id: row.id, personId: idOf(member.personId), matchedBy: member.matchedBy }];
  });
  if (moved.length > 0)
    send(MOVE, [
      moved.map(({ id }) => id),
      moved.map(({ personId }) => personId),
      moved.map(({ matchedBy }) => matchedBy),
      now,
    ]);
  if (vanished.length > 0) send('update mention set gone_at = $2 where id = any($1)', [vanished, now]);
  const changes = changesOf(assignment, idOf);
  if (moves.length > 0) {
    const joinings = moves.map((move) => ({ ...move, to: idOf(move.to) }));
    const entry = newJoiningEntry(now);
    const about = changes.flatMap(({ person, other }) => [person, other]);
    send(NOTE, [
      now,
      EXACT_RULE,
      joinings.map(({ mentionId }) => mentionId),
      joinings.map(({ from }) => from),
      joinings.map(({ to }) => to),
      joinings.map(({ rule }) => rule),
      joinings.map(({ evidence }) => JSON.stringify(evidence)),
      entry,
      entryRows([toJoiningEntry(now, { entry, joinings, decidedBy: EXACT_RULE, about })]),
    ]);
  }
  const before = past.length > 0 || merged.length > 0;
  statements.push(keepReviews(tx, now, { parts: assignment.parts, gone: vanished, before }));
  if (!context.quiet) statements.push(tellPersons(tx, now, changes));
  await Promise.all(statements);
}
