/** What every question needs of the county's settings: organisations, and on what basis departments may be read. */
import { loadBases, type Bases } from '../access/agreement.ts';
import type { CallerOrganisation } from '../access/caller.ts';
import type { Queryable } from '../platform/db.ts';
import { shortMemory, type LookUp } from '../platform/short-memory.ts';
import {
  findCallerOrganisation,
  loadOrganisationsByCode,
  loadOrganisationsById,
  type Organisation,
} from './organisation.ts';

export interface ReferenceData {
  bases(): Promise<Bases>;
  /** Null when there is no such organisation, or it is closed. */
  callerOrganisation(code: string): Promise<CallerOrganisation | null>;
  readonly organisationsById: LookUp<Organisation>;
  readonly organisationsByCode: LookUp<Organisation>;
}

/** An office's name and place in the tree are shown, and decide nothing: they may be a minute old. */
const NAMES_KEPT_TIMES = 60;

/** `keptMs`: for how long an answer stands; new settings take effect after that. */
export function createReferenceData(q: Queryable, keptMs: number): ReferenceData {
  const bases = shortMemory(async () => new Map([['', await loadBases(q)]]), keptMs);
  const callers = shortMemory<CallerOrganisation>(async ([code = '']) => {
    const found = await findCallerOrganisation(q, code);
    return found ? new Map([[code, found]]) : new Map();
  }, keptMs);
  return {
    async bases() {
      return (await bases([''])).get('') ?? loadBases(q);
    },
    callerOrganisation: async (code) => (await callers([code])).get(code) ?? null,
    organisationsById: shortMemory(
      async (ids) => new Map((await loadOrganisationsById(q, ids)).map((row) => [row.id, row])),
      keptMs * NAMES_KEPT_TIMES,
      keptMs,
    ),
    organisationsByCode: shortMemory(
      async (codes) => new Map((await loadOrganisationsByCode(q, codes)).map((row) => [row.code, row])),
      keptMs * NAMES_KEPT_TIMES,
      keptMs,
    ),
  };
}
