/** Under which id and key what a record says of somebody is stored. */
import type { SourceCode } from '../department.ts';
import { isDestroyed, readDataKeys } from '../platform/data-keys.ts';
import type { Queryable, Tx } from '../platform/db.ts';
import { AppError } from '../platform/errors.ts';
import type { Keyring } from '../platform/keyring.ts';
import { mentionId, mentionIdAfter, type MentionKey, type MentionRow } from './index-row.ts';

interface Named {
  readonly source: SourceCode;
  readonly key: string;
  readonly participants: readonly { readonly ref: string }[];
}

/** By the id that the mention has as long as nobody was erased there. */
export type MentionKeys = ReadonlyMap<string, MentionKey>;

/**
 * Of all who are named on these records. Whoever was erased is not brought back: what a department tells of them anew, under an
 * agreement of its own, is a new mention under a new key, and so a new person.
 */
export async function findMentionKeys(q: Queryable, keyring: Keyring, records: readonly Named[]): Promise<MentionKeys> {
  const keys = new Map<string, MentionKey>();
  const ids = records.flatMap((record) => record.participants.map(({ ref }) => mentionId(keyring, record, ref)));
  let asked = ids.map((id) => ({ first: id, id }));
  while (asked.length > 0) {
    const known = await readDataKeys(
      q,
      asked.map(({ id }) => id),
    );
    const erased: typeof asked = [];
    for (const { first, id } of asked) {
      const wrapped = known.get(id) ?? null;
      if (isDestroyed(wrapped)) erased.push({ first, id: mentionIdAfter(keyring, id) });
      else keys.set(first, { id, wrapped });
    }
    asked = erased;
  }
  return keys;
}

const ERASED = `select from data_key where id = any($1) and wrapped = '' limit 1`;

/** Under `JOIN_LOCK`, which erasing takes too: the mentions were made ready without it. */
export async function refuseErased(tx: Tx, put: readonly MentionRow[]): Promise<void> {
  const known = put.filter(({ newKey }) => newKey === null).map(({ id }) => id);
  if (known.length > 0 && (await tx.maybeOne(ERASED, [known])) !== null)
    throw new AppError('CONFLICT', 'Somebody named here was erased at this moment; try again.', { retryable: true });
}
