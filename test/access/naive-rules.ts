/**
 * The rules over the made-up county's truth, written down a second time and as plainly as can be: for looking whether an answer
 * holds what it must not. Nothing of core/access is used here, and nothing of the database.
 */
import { loadRows, readOrganisations, readTruth } from '../../demo/county/county-files.ts';
import { departmentNames, sourceOf, type DepartmentRow, type OrganisationRow } from '../../demo/county/model.ts';

export interface Asking {
  readonly org: string;
  readonly role: string;
  readonly purpose: string | null;
  readonly reason: string | null;
}

interface KnownRecord {
  readonly source: string;
  readonly row: DepartmentRow & { readonly accused?: readonly string[] };
  readonly persons: Set<number>;
  dispute: number | null;
}

export interface NaiveRules {
  readonly organisations: readonly OrganisationRow[];
  readonly names: readonly string[];
  readonly citizenIds: readonly string[];
  /** Of people of whom a record is sealed, classified, protected or an accusation. */
  readonly guardedIds: readonly string[];
  /** How many numbers of records this answer holds. */
  numbersIn(answer: unknown): number;
  /** Numbers of records that this answer must not hold, and why; also a citizen ID in clear, or a name, for whom it is not. */
  faults(asking: Asking, answer: unknown): string[];
}

const normal = (text: string): string => text.normalize('NFKC').replace(/\s+/gu, '');

const SERVES_VICTIMS = new Set([
  ...['COURT', 'TRIBUNAL', 'POLICE', 'STATION', 'MASS_ORGANISATION', 'COMMITTEE', 'CIVIL_AFFAIRS'],
]);
const MEETS_PEOPLE = new Set(['centre.operator', 'centre.supervisor', 'department.handler', 'department.head']);

/** Strings in an answer, wherever they stand. */
function stringsIn(value: unknown, found: Set<string> = new Set()): Set<string> {
  if (typeof value === 'string') found.add(value);
  else if (typeof value === 'object' && value !== null)
    for (const inner of Object.values(value)) stringsIn(inner, found);
  return found;
}

export async function readNaiveRules(countyFolder: string): Promise<NaiveRules> {
  const organisations = await readOrganisations(countyFolder);
  const byCode = new Map(organisations.map((one) => [one.code, one]));
  const isUnder = (code: string, above: string): boolean => {
    for (let own = byCode.get(code); own; own = own.parent === null ? undefined : byCode.get(own.parent))
      if (own.code === above) return true;
    return false;
  };

  const records = new Map<string, KnownRecord>();
  for (const name of departmentNames)
    for (const row of await loadRows(countyFolder, name))
      records.set(`${sourceOf[name]} ${row.key}`, { source: sourceOf[name], row, persons: new Set(), dispute: null });
  for await (const { source, key, person } of readTruth(countyFolder, 'mentions'))
    records.get(`${source} ${key}`)?.persons.add(person);
  for await (const { id, records: of } of readTruth(countyFolder, 'disputes'))
    for (const { source, key } of of) {
      const record = records.get(`${source} ${key}`);
      if (record) record.dispute = id;
    }
  const all = [...records.values()];
  const byNumber = new Map(all.map((record) => [normal(record.row.number), record]));
  const names = new Set<string>();
  const citizenIds = new Set<string>();
  const isGuarded = ({ row }: KnownRecord): boolean =>
    row.sealed || row.classified || row.protected || (row.accused ?? []).length > 0;
  const guarded = new Set(all.filter(isGuarded).flatMap(({ persons }) => [...persons]));
  const guardedIds: string[] = [];
  for await (const { id, name, citizenId } of readTruth(countyFolder, 'persons')) {
    names.add(name);
    citizenIds.add(citizenId);
    if (guarded.has(id)) guardedIds.push(citizenId);
  }

  const isOwn = (org: string, { source, row }: KnownRecord): boolean =>
    (byCode.get(org)?.sources as readonly string[] | undefined)?.includes(source) === true && isUnder(row.office, org);
  const isAccused = (org: string, { row }: KnownRecord): boolean =>
    (row.accused ?? []).some((accused) => isUnder(org, accused));

  /** Disputes that an office handles: in which it holds a record; the centre handles every one that is not altogether hidden. */
  const handled = new Map<string, Set<number>>();
  const disputesOf = (org: string): Set<number> => {
    const known = handled.get(org);
    if (known) return known;
    const found = new Set<number>();
    for (const record of all) {
      if (record.dispute === null || isAccused(org, record)) continue;
      if (org === 'centre' ? !record.row.sealed && !record.row.classified : isOwn(org, record))
        found.add(record.dispute);
    }
    handled.set(org, found);
    return found;
  };
  const reached = new Map<string, Set<number>>();
  const personsOf = (org: string): Set<number> => {
    const known = reached.get(org);
    if (known) return known;
    const disputes = disputesOf(org);
    const found = new Set<number>();
    for (const record of all)
      if (isOwn(org, record) || (record.dispute !== null && disputes.has(record.dispute)))
        for (const person of record.persons) found.add(person);
    reached.set(org, found);
    return found;
  };

  function whyNot({ org, role, purpose, reason }: Asking, record: KnownRecord): string | null {
    if (role === 'analyst' || role === 'auditor') return `${role}s read no record`;
    if (purpose === null) return 'no purpose';
    if (isAccused(org, record)) return 'accused';
    if (isOwn(org, record)) return null;
    if (record.row.sealed) return 'sealed';
    if (record.row.classified) return 'classified';
    const isHandled = record.dispute !== null && disputesOf(org).has(record.dispute);
    if (record.row.protected && !(SERVES_VICTIMS.has(byCode.get(org)?.kind ?? '') && isHandled)) return 'protected';
    const supervises = org === 'centre' && role === 'centre.supervisor' && purpose === 'supervision' && reason !== null;
    if (supervises || isHandled || [...record.persons].some((person) => personsOf(org).has(person))) return null;
    return 'no link';
  }

  return {
    organisations,
    names: [...names],
    citizenIds: [...citizenIds],
    guardedIds,
    numbersIn: (answer) => [...stringsIn(answer)].filter((text) => byNumber.has(normal(text))).length,
    faults(asking, answer) {
      const faults: string[] = [];
      for (const text of stringsIn(answer)) {
        const record = byNumber.get(normal(text));
        const why = record ? whyNot(asking, record) : null;
        if (why !== null) faults.push(`a record's number (${why})`);
        const isClear = asking.reason !== null && MEETS_PEOPLE.has(asking.role) && asking.purpose !== null;
        if (citizenIds.has(text) && !isClear) faults.push('a citizen ID in clear');
        if (names.has(text) && (asking.role === 'analyst' || asking.role === 'auditor')) faults.push('a name');
      }
      return faults;
    },
  };
}
