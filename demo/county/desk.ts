import type { Clerk } from './clerk.ts';
import { sourceOf } from './model.ts';
import type { DepartmentName, DepartmentRows, ParticipantRow, TrueMention, TrueRecord } from './model.ts';
import type { Identity } from './numbering.ts';

export interface Entry {
  readonly person: number;
  readonly role: string;
}

/** In milliseconds. */
export interface Times {
  readonly at: number;
  readonly changedAt: number;
}

/** The rest of a row, before its participants are written down. */
export type Draft<D extends DepartmentName> = Omit<
  DepartmentRows[D],
  'key' | 'number' | 'at' | 'changedAt' | 'participants'
>;

export interface Filed extends TrueRecord {
  readonly number: string;
  readonly at: number;
}

/** Where every record passes: participants are written down with the office's slips, and the truth is noted. */
export interface Desk {
  file<D extends DepartmentName>(
    department: D,
    identity: Identity,
    times: Times,
    draft: Draft<D>,
    entries: readonly Entry[],
  ): Filed;
  readonly rows: Record<DepartmentName, number>;
  readonly mentions: Record<DepartmentName, number>;
}

interface Deps {
  readonly clerk: Clerk;
  readonly iso: (instant: number) => string;
  readonly isClean: (person: number) => boolean;
  readonly store: (department: DepartmentName, changedAt: number, json: string) => void;
  readonly note: (mention: TrueMention) => void;
}

export function createDesk({ clerk, iso, isClean, store, note }: Deps): Desk {
  const rows = { courts: 0, police: 0, petitions: 0, 'civil-affairs': 0 };
  const mentions = { courts: 0, police: 0, petitions: 0, 'civil-affairs': 0 };
  return {
    rows,
    mentions,
    file(department, { key, number }, { at, changedAt }, draft, entries) {
      const source = sourceOf[department];
      const participants: ParticipantRow[] = entries.map(({ person, role }, index) => {
        const { row, noise } = clerk(department, person, String(index + 1), role, isClean(person));
        note({ source, key, ref: row.ref, person, noise });
        return row;
      });
      // Put together as text: copying rows of thirty fields only to print them takes longer than all the rest.
      const head = JSON.stringify({ key, number, at: iso(at), changedAt: iso(changedAt), participants }).slice(0, -1);
      store(department, changedAt, `${head},${JSON.stringify(draft).slice(1)}`);
      rows[department] += 1;
      mentions[department] += participants.length;
      return { source, key, number, at };
    },
  };
}
