/**
 * Who is compared with whom at all: those who share one of these keys, or a valid number. Each kind is chosen so that few share it
 * in a county of a million, and that no one slip of the pen spoils all of them.
 */
import type { Traits } from './trait.ts';

/** Null where the record does not say enough. First and last character are looked for in both. */
export interface BlockingKeys {
  /** The name as it sounds, with day and month in either order: whatever the year is. */
  readonly nameDay: string | null;
  /** The birth date with how the first character sounds: another given name. */
  readonly bornFirst: string | null;
  /** The same with the last one: another surname, or a nickname. */
  readonly bornLast: string | null;
  /** The name as it sounds, with the telephone: another birth date, or none. */
  readonly namePhone: string | null;
}

/** Kinds that are looked for in one another. */
export const ROOMS: readonly (readonly [room: string, kinds: readonly (keyof BlockingKeys)[]])[] = [
  ['day', ['nameDay']],
  ['born', ['bornFirst', 'bornLast']],
  ['phone', ['namePhone']],
];

export function blockingKeys({ name, birth, phone }: Traits): BlockingKeys {
  const [first, last] = [name.sounds[0], name.sounds.at(-1)];
  const sound = name.sounds.join(' ');
  const born = birth && `${birth.year}/${birth.month}/${birth.day}`;
  const isNamed = first !== undefined && last !== undefined;
  return {
    nameDay:
      isNamed && birth ? `${sound}/${Math.min(birth.month, birth.day)}/${Math.max(birth.month, birth.day)}` : null,
    bornFirst: isNamed && born ? `${born}/${first}` : null,
    bornLast: isNamed && born ? `${born}/${last}` : null,
    namePhone: isNamed && phone !== null ? `${sound}/${phone}` : null,
  };
}

/** All keys of somebody, each with its room; no key twice. */
export const keysInRooms = (keys: BlockingKeys): string[] => [
  ...new Set(
    ROOMS.flatMap(([room, kinds]) => kinds.flatMap((kind) => (keys[kind] === null ? [] : `${room}:${keys[kind]}`))),
  ),
];
