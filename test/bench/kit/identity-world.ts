/** A county's records as adapters would hand them over, with the truth of who is who. */
import { createReadAddress, type Place } from '../../../core/people/matching/address.ts';
import type { Matchable } from '../../../core/people/matching/resolve.ts';
import { readTraits } from '../../../core/people/matching/trait.ts';
import { loadRows, readOrganisations, readTruth } from '../../../demo/county/county-files.ts';
import { departmentNames, sourceOf } from '../../../demo/county/model.ts';

export interface IdentityWorld {
  readonly mentions: readonly Matchable[];
  readonly records: number;
  readonly personOf: (mentionId: string) => number;
  readonly householdOf: (person: number) => number;
  /** Mentions as the victim of violence. */
  readonly victims: ReadonlySet<string>;
}

export async function readIdentityWorld(dir: string): Promise<IdentityWorld> {
  const places: Place[] = [];
  const paths = new Map<string, string>();
  for (const { code, parent, name, level } of await readOrganisations(dir)) {
    const path = `${parent === null ? '' : (paths.get(parent) ?? '')}${code}/`;
    paths.set(code, path);
    places.push({ name, level, path });
  }
  const readAddress = createReadAddress(places);
  const mentions: Matchable[] = [];
  const victims = new Set<string>();
  let records = 0;
  for (const department of departmentNames)
    for (const row of await loadRows(dir, department)) {
      records += 1;
      for (const participant of row.participants) {
        const id = `${sourceOf[department]}/${row.key}/${participant.ref}`;
        mentions.push({ id, traits: readTraits(participant, readAddress) });
        if (row.protected) victims.add(id);
      }
    }
  const persons = new Map<string, number>();
  for await (const { source, key, ref, person } of readTruth(dir, 'mentions'))
    persons.set(`${source}/${key}/${ref}`, person);
  const households = new Map<number, number>();
  for await (const { id, household } of readTruth(dir, 'persons')) households.set(id, household);
  return {
    ...{ mentions, records, victims },
    personOf: (id) => persons.get(id) ?? -1,
    householdOf: (person) => households.get(person) ?? -1,
  };
}
