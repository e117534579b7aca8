import { z } from 'zod';
import type { Keyring } from './keyring.ts';
import { badInput } from './errors.ts';

/** Where a page of a list ended: its sort key and id. Sealed, because a sort key may say something of a hidden row. */
export interface Position {
  readonly sort: string;
  readonly id: string;
}

const PositionBody = z.tuple([z.string(), z.string()]);

/** `list` names the list and its order: a cursor of one list is no cursor of another. */
export const sealCursor = (keyring: Keyring, list: string, position: Position): string =>
  keyring.seal('cursor', JSON.stringify([position.sort, position.id]), list).toString('base64url');

/** Throws BAD_USER_INPUT for anything that `sealCursor` did not make for this list. */
export function openCursor(keyring: Keyring, list: string, cursor: string): Position {
  try {
    const [sort, id] = PositionBody.parse(
      JSON.parse(keyring.open('cursor', Buffer.from(cursor, 'base64url'), list).toString('utf8')),
    );
    return { sort, id };
  } catch {
    throw badInput('after', 'This cursor does not belong to this list; begin again without `after`.');
  }
}

/** Of a list when `first` is not given, as the schema says. */
export const USUAL_PAGE = 20;

/** Contract: lists take `first` from 1 to 100. */
export function pageSize(first: number | null | undefined, byDefault: number): number {
  const size = first ?? byDefault;
  if (!Number.isInteger(size) || size < 1 || size > 100) throw badInput('first', '`first` must be from 1 to 100.');
  return size;
}
