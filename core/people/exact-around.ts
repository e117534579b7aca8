/** What a first load looks at: those of an equal number, and those who are one with them already. Nothing is opened. */
import type { Sex } from '../department-record.ts';
import type { Tx } from '../platform/db.ts';
import type { Assignable, Membership } from './assign-person.ts';
import type { MentionRow } from './index-row.ts';
import { milliseconds, readPast, type PastMention } from './past-mention.ts';
import type { JoiningData } from './same-person.ts';

export interface ExactAround {
  readonly past: readonly PastMention[];
  readonly near: readonly (Assignable & JoiningData & { readonly settled: Membership })[];
}

// Live mentions point at survivors. One arm per index; either may find nothing, and a mention may be in both.
const LIVE = `select m.id, m.sex, m.citizen_id_hash as "citizenIdHash", m.name_hash as "nameHash", m.birth_hash as "birthHash",
  m.matched_by as "matchedBy", m.score, m.matched_with as "matchedWith", p.id as "personId",
  ${milliseconds('p.created_at')} as "personCreatedAt", ${milliseconds('m.created_at')} as "createdAt"
from mention m join person p on p.id = m.person_id where m.gone_at is null`;
const NEAR = `${LIVE} and m.citizen_id_hash = any($1) union ${LIVE} and m.person_id = any($2)`;

interface Row extends Membership {
  readonly id: string;
  readonly sex: Sex;
  readonly citizenIdHash: Buffer | null;
  readonly nameHash: Buffer;
  readonly birthHash: Buffer | null;
  readonly personCreatedAt: number;
  readonly createdAt: number;
}

export const hashText = (hash: Buffer | null): string | null => (hash === null ? null : hash.toString('latin1'));

/** Call under `tx.lock(JOIN_LOCK)`. */
export async function exactAround(
  tx: Tx,
  put: readonly MentionRow[],
  replace: readonly string[],
): Promise<ExactAround> {
  const past = replace.length === 0 ? [] : await readPast(tx, replace);
  const hashes = new Map<string, Buffer>();
  for (const { citizenIdHash } of put) if (citizenIdHash) hashes.set(citizenIdHash.toString('latin1'), citizenIdHash);
  const persons = [...new Set(past.flatMap(({ person }) => person?.id ?? []))];
  if (hashes.size + persons.length === 0) return { past, near: [] };
  const rows = await tx.query<Row>(NEAR, [[...hashes.values()], persons]);
  return { past, near: rows.map(toNear) };
}

function toNear({
  id,
  sex,
  citizenIdHash,
  nameHash,
  birthHash,
  createdAt,
  personCreatedAt,
  ...settled
}: Row): ExactAround['near'][number] {
  return {
    ...{ id, sex, createdAt, settled, revived: false, person: { id: settled.personId, createdAt: personCreatedAt } },
    ...{ citizenId: hashText(citizenIdHash), name: nameHash.toString('latin1'), birthDate: hashText(birthHash) },
  };
}
