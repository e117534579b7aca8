/** Every department that there is: its stand-in, and its adapter pointed at it. A new department is one more entry. */
import { checkFacts, type CheckFacts } from '../../adapters/check-facts.ts';
import { civilAffairsSettings, createCivilAffairs } from '../../adapters/civil-affairs/client.ts';
import { courtsSettings, createCourts } from '../../adapters/courts/client.ts';
import type { Kit } from '../../adapters/kit/kit.ts';
import type { PolicySettings } from '../../adapters/kit/settings.ts';
import { createPetitions, petitionsSettings } from '../../adapters/petitions/client.ts';
import { createPolice, policeSettings } from '../../adapters/police/client.ts';
import type { Department } from '../../core/department.ts';
import type { Db } from '../../core/platform/db.ts';
import { createKeyring } from '../../core/platform/keyring.ts';
import type { DepartmentName } from '../../demo/county/model.ts';
import type { StandInState } from '../../demo/departments/kit/state-file.ts';
import { bureauAddress } from '../../demo/departments/petitions/address.ts';

export interface DepartmentUnderTest extends CheckFacts {
  readonly name: DepartmentName;
  create(state: StandInState, policy: PolicySettings, kit: Kit, db: Db): Department;
}

const dropKeyring = createKeyring(Buffer.alloc(32, 7));

export const departmentsUnderTest: readonly DepartmentUnderTest[] = [
  {
    name: 'courts',
    ...checkFacts.courts,
    create: ({ port, connection }, policy, kit) =>
      createCourts({
        settings: courtsSettings.parse({ origin: `http://127.0.0.1:${port}`, ...connection, policy }),
        kit,
      }),
  },
  {
    name: 'police',
    ...checkFacts.police,
    create: ({ port, connection }, policy, kit) =>
      createPolice({
        settings: policeSettings.parse({ origin: `http://127.0.0.1:${port}`, ...connection, policy }),
        kit,
      }),
  },
  {
    name: 'petitions',
    ...checkFacts.petitions,
    create: (state, policy, kit) =>
      createPetitions({
        settings: petitionsSettings.parse({ url: bureauAddress(state), pageSize: 40, policy }),
        kit,
        db: null,
      }),
  },
  {
    name: 'civil-affairs',
    ...checkFacts['civil-affairs'],
    create: ({ port, connection }, policy, kit, db) =>
      createCivilAffairs({
        settings: civilAffairsSettings.parse({
          drop: { type: 'sftp', url: `sftp://127.0.0.1:${port}`, ...connection },
          policy,
        }),
        // One key for all: what one check has imported the next finds.
        kit: { ...kit, keyring: dropKeyring },
        db,
      }),
  },
];
