/** Whom and what the made-up county has, as its truth tells: for tests to ask about. */
import { loadRows, readTruth } from '../../demo/county/county-files.ts';
import {
  departmentNames,
  sourceOf,
  type DepartmentName,
  type DepartmentRow,
  type DepartmentSource,
  type TruePerson,
} from '../../demo/county/model.ts';
import { STAR_OPPONENT, STAR_PERSON, STAR_SPOUSE } from '../../demo/county/star.ts';
import type { Asker } from '../kit/installation.ts';

export interface KnownRecord {
  readonly source: DepartmentSource;
  readonly row: DepartmentRow & { readonly accused?: readonly string[] };
}

export interface KnownPerson extends TruePerson {
  /** Those that have the person's own number on them. */
  readonly records: readonly KnownRecord[];
}

/** Everybody with a record, by number of the person. */
export async function knownPeople(countyFolder: string): Promise<readonly KnownPerson[]> {
  const rows = new Map<string, KnownRecord>();
  const load = async (name: DepartmentName): Promise<void> => {
    for (const row of await loadRows(countyFolder, name))
      rows.set(`${name}/${row.key}`, { source: sourceOf[name], row });
  };
  for (const name of departmentNames) await load(name);
  const nameOf = new Map(departmentNames.map((name) => [sourceOf[name], name]));
  const records = new Map<number, KnownRecord[]>();
  for await (const { source, key, person, noise } of readTruth(countyFolder, 'mentions')) {
    const record = rows.get(`${nameOf.get(source) ?? ''}/${key}`);
    if (record === undefined || noise.some((kind) => kind.startsWith('id-'))) continue;
    const known = records.get(person) ?? [];
    records.set(person, [...known, record]);
  }
  const people: KnownPerson[] = [];
  for await (const person of readTruth(countyFolder, 'persons')) {
    const own = records.get(person.id);
    if (own !== undefined) people.push({ ...person, records: own });
  }
  return people;
}

export const isPlain = ({ row }: KnownRecord): boolean =>
  !row.sealed && !row.classified && !row.protected && (row.accused ?? []).length === 0;

/** In plain records of all four departments, and not one of those that other scenarios ask for by name. */
export const knownToAll = (people: readonly KnownPerson[]): readonly KnownPerson[] => {
  const stars: readonly string[] = [STAR_PERSON.name, STAR_SPOUSE.name, STAR_OPPONENT.name];
  return people.filter(
    ({ name, records }) =>
      !name.startsWith('王') &&
      !stars.includes(name) &&
      new Set(records.filter(isPlain).map(({ source }) => source)).size === departmentNames.length,
  );
};

export const OPERATOR: Asker = { org: 'centre', roles: ['centre.operator'], subject: 'operator' };
export const SUPERVISOR: Asker = { org: 'centre', roles: ['centre.supervisor'], subject: 'supervisor' };
export const AUDITOR: Asker = { org: 'discipline', roles: ['auditor'], subject: 'auditor', purpose: 'audit' };
export const handlerOf = (org: string, more: Partial<Asker> = {}): Asker => ({
  org,
  roles: ['department.handler'],
  subject: `handler of ${org}`,
  ...more,
});

/** All four departments' parts of one person, and what each is worth. */
export const UNIFIED_VIEW = `query UnifiedView($number: String!) {
  personByCitizenId(number: $number) {
    id
    name
    courtCases { nodes { caseNumber } totalCount freshness { status asOf } }
    policeIncidents { nodes { incidentNumber } totalCount withheld { count reason } freshness { status asOf } }
    petitions { nodes { petitionNumber purpose } totalCount freshness { status asOf } }
    civilAffairs {
      marriages { kind } assistance { kind } guardianships { kind } other { kind }
      freshness { status asOf }
    }
  }
}`;

interface Freshness {
  readonly status: 'LIVE' | 'CACHED' | 'STALE' | 'UNAVAILABLE';
  readonly asOf: string | null;
}
interface Part<Node> {
  readonly nodes: readonly Node[];
  readonly totalCount: number | null;
  readonly freshness: Freshness;
}
type CivilKinds = Readonly<Record<'marriages' | 'assistance' | 'guardianships' | 'other', readonly { kind: string }[]>>;

export interface ViewOfPerson {
  readonly id: string;
  readonly name: string;
  readonly courtCases: Part<{ readonly caseNumber: string }> | null;
  readonly policeIncidents:
    (Part<{ readonly incidentNumber: string }> & { readonly withheld: { readonly count: number } | null }) | null;
  readonly petitions: Part<{ readonly petitionNumber: string; readonly purpose: string }> | null;
  readonly civilAffairs: (CivilKinds & { readonly freshness: Freshness }) | null;
}
export interface UnifiedView {
  readonly personByCitizenId: ViewOfPerson | null;
}

/** What each department's part is worth; null where its subgraph did not answer. */
export const worthOf = (person: ViewOfPerson | null): Record<DepartmentName, Freshness | null> => ({
  courts: person?.courtCases?.freshness ?? null,
  police: person?.policeIncidents?.freshness ?? null,
  petitions: person?.petitions?.freshness ?? null,
  'civil-affairs': person?.civilAffairs?.freshness ?? null,
});

/** How many of each department's records are shown. */
export const shownOf = (person: ViewOfPerson | null): Record<DepartmentName, number> => {
  const { marriages = [], assistance = [], guardianships = [], other = [] } = person?.civilAffairs ?? {};
  return {
    courts: person?.courtCases?.nodes.length ?? 0,
    police: person?.policeIncidents?.nodes.length ?? 0,
    petitions: person?.petitions?.nodes.length ?? 0,
    'civil-affairs': marriages.length + assistance.length + guardianships.length + other.length,
  };
};

/** Of what the county must have for a test to mean anything. */
export function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the county has no ${what}`);
  return value;
}
