/** A county's disputes as cross-references leave them, with the truth of which belong together. */
import type { LinkableMatter } from '../../../core/disputes/candidate-link.ts';
import { partiesOf } from '../../../core/disputes/judge-link.ts';
import { shippedWeights } from '../../../core/people/matcher.ts';
import { loadRows, readOrganisations, readTruth } from '../../../demo/county/county-files.ts';
import { departmentNames, sourceOf, type DepartmentRow, type PetitionRow } from '../../../demo/county/model.ts';
import { readIdentityWorld } from './identity-world.ts';
import { group, resolveWorld } from './resolve-world.ts';

export interface LinkWorld {
  /** Those that anybody but their holder could decide upon: neither sealed, classified nor protected. */
  readonly matters: readonly LinkableMatter[];
  /** Records that somebody stands on, by person as joined. */
  readonly byPerson: ReadonlyMap<number, readonly LinkableMatter[]>;
  /** Links between consecutive records of a dispute that no reference tells of: by record, the disputes of both. */
  readonly unnamed: readonly { readonly from: string; readonly to: string }[];
  readonly disputeOf: ReadonlyMap<string, string>;
  readonly truthOf: ReadonlyMap<string, number>;
}

export async function readLinkWorld(dir: string): Promise<LinkWorld> {
  const paths = new Map<string, string>();
  for (const { code, parent } of await readOrganisations(dir))
    paths.set(code, `${parent === null ? '' : (paths.get(parent) ?? '')}${code}/`);
  const personOf = new Map<string, number>();
  const { parts } = resolveWorld(await readIdentityWorld(dir), shippedWeights());
  parts.forEach((part, person) => part.forEach((id) => personOf.set(id, person)));

  const rows: (DepartmentRow & { readonly id: string; readonly source: string; readonly kind?: string })[] = [];
  const byNumber = new Map<string, string>();
  for (const department of departmentNames)
    for (const row of await loadRows(dir, department)) {
      const source = sourceOf[department];
      rows.push({ ...row, id: `${source}/${row.key}`, source });
      byNumber.set(`${source}/${row.number}`, `${source}/${row.key}`);
    }
  const references = rows.flatMap(({ id, references: named }) =>
    named.flatMap(({ source, number }) => {
      const b = byNumber.get(`${source}/${number}`);
      return b === undefined ? [] : [{ a: id, b }];
    }),
  );
  const disputeOf = new Map<string, string>();
  const ids = rows.flatMap(({ id, category }) => (category === null ? [] : [id]));
  for (const together of group(ids, references)) for (const id of together) disputeOf.set(id, together[0] ?? id);

  const pathOf = (code: string | null): string | null => (code === null ? null : (paths.get(code) ?? null));
  const accusedOf = (row: object): string[] =>
    ((row as Partial<PetitionRow>).accused ?? []).flatMap((code) => pathOf(code) ?? []);
  const barriers = new Map<string, { offices: string[]; accused: string[] }>();
  for (const row of rows) {
    const dispute = disputeOf.get(row.id);
    if (dispute === undefined) continue;
    const barrier = barriers.get(dispute) ?? { offices: [], accused: [] };
    barriers.set(dispute, barrier);
    barrier.offices.push(pathOf(row.office) ?? '');
    barrier.accused.push(...accusedOf(row));
  }
  const matters = rows.flatMap((row): LinkableMatter[] => {
    const { id, source, category } = row;
    const disputeId = disputeOf.get(id);
    if (category === null || disputeId === undefined || row.sealed || row.classified || row.protected) return [];
    const named = row.participants.map(({ ref, role }) => ({
      personId: String(personOf.get(`${id}/${ref}`) ?? `${id}/${ref}`),
      role,
    }));
    const barrier = barriers.get(disputeId) ?? { offices: [], accused: [] };
    const at = Date.parse(row.at);
    const kind = row.kind ?? (source === 'COURTS' ? 'COURT_CASE' : 'PETITION');
    const parties = partiesOf(source, named);
    return [{ ...{ id, source, kind, category, at, parties, disputeId, barrier }, placePath: pathOf(row.place) }];
  });
  const byPerson = new Map<number, LinkableMatter[]>();
  for (const matter of matters)
    for (const person of matter.parties.keys()) {
      const known = byPerson.get(Number(person));
      if (known) known.push(matter);
      else byPerson.set(Number(person), [matter]);
    }

  const truthOf = new Map<string, number>();
  const unnamed: { from: string; to: string }[] = [];
  for await (const { id, records, links } of readTruth(dir, 'disputes')) {
    for (const { source, key } of records) truthOf.set(`${source}/${key}`, id);
    for (const { from, to, explicit } of links)
      if (!explicit) unnamed.push({ from: `${from.source}/${from.key}`, to: `${to.source}/${to.key}` });
  }
  return { matters, byPerson, unnamed, disputeOf, truthOf };
}

/** Each two records on which somebody stands who is on no more than `most`, once. */
export function* pairsOf({ byPerson }: LinkWorld, most: number): Generator<[LinkableMatter, LinkableMatter]> {
  const met = new Set<string>();
  for (const records of byPerson.values()) {
    if (records.length > most) continue;
    for (const [index, a] of records.entries())
      for (const b of records.slice(index + 1)) {
        const key = a.id < b.id ? `${a.id} ${b.id}` : `${b.id} ${a.id}`;
        if (met.has(key)) continue;
        met.add(key);
        yield [a, b];
      }
  }
}
