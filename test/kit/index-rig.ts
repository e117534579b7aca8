/** Reading in on a database of its own, with departments on paper and a clock that stands still unless told. */
import { createDisputeComparing, type DisputeComparing } from '../../core/disputes/compare-disputes.ts';
import { gatherDisputes } from '../../core/disputes/gather-disputes.ts';
import { shippedLinkRule } from '../../core/disputes/link-rule.ts';
import { createReadIn, type ReadIn } from '../../core/people/read-in.ts';
import type { Clock } from '../../core/platform/clock.ts';
import type { Db } from '../../core/platform/db.ts';
import { defaultSelfJoining } from '../../core/platform/county-config.ts';
import { createKeyring, type Keyring } from '../../core/platform/keyring.ts';
import type { Log } from '../../core/platform/log.ts';
import { createTestDatabase } from './database.ts';
import { createPaperDepartment, type PaperDepartment } from './paper-department.ts';

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
};

export interface IndexRig {
  readonly url: string;
  readonly db: Db;
  readonly keyring: Keyring;
  readonly clock: Clock & { advance(ms: number): void };
  readonly courts: PaperDepartment;
  readonly police: PaperDepartment;
  readonly petitions: PaperDepartment;
  readonly readIn: ReadIn;
  /** Nobody calls it but the test. */
  readonly comparing: DisputeComparing;
  /** Another process, as far as the database can tell. `meanwhile`: after a page's work, before it is committed. */
  reader(db: Db, meanwhile?: () => Promise<void>): ReadIn;
  /** Names of the persons' records, by person, in a fixed order: which mention (`source/key/ref`) is whose. */
  people(): Promise<string[]>;
  /** Keys of records by dispute. */
  disputes(): Promise<string[]>;
  readonly drop: () => Promise<void>;
}

export async function createIndexRig(pageSize = 3): Promise<IndexRig> {
  const database = await createTestDatabase();
  const { db, url } = database;
  const keyring = createKeyring(Buffer.alloc(32, 1));
  let now = Date.parse('2026-03-10T00:00:00Z');
  const clock = {
    wall: () => new Date(now),
    business: () => new Date(now),
    advance: (ms: number) => {
      now += ms;
    },
  };
  await db.query(`insert into organisation (id, code, name, level, kind, path, parent_id) values
    ('org_county', 'county', '枫桥县', 'COUNTY', 'GOVERNMENT', 'county/', null),
    ('org_centre', 'centre', '综治中心', 'COUNTY', 'CENTRE', 'county/centre/', 'org_county'),
    ('org_court', 'court', '县法院', 'COUNTY', 'COURT', 'county/court/', 'org_county'),
    ('org_station', 'station', '派出所', 'TOWNSHIP', 'STATION', 'county/station/', 'org_county'),
    ('org_place', 'place', '枫林一里', 'COMPOUND', 'COMMITTEE', 'county/place/', 'org_county')`);
  const courts = createPaperDepartment('COURTS', pageSize);
  const police = createPaperDepartment('POLICE', pageSize);
  const petitions = createPaperDepartment('PETITIONS', pageSize);
  const departments = [courts, police, petitions];
  const reader: IndexRig['reader'] = (own, meanwhile) => {
    const readIn = createReadIn({
      db: own,
      keyring,
      clock,
      departments,
      log: silentLog,
      async gatherDisputes(...args) {
        await gatherDisputes(...args);
        await meanwhile?.();
      },
      hasBasis: () => Promise.resolve(true),
    });
    return {
      ...readIn,
      // As the worker does.
      async read(source, options) {
        const result = await readIn.read(source, options);
        if (await readIn.mustCompare()) await readIn.compare();
        return result;
      },
    };
  };
  const keys = new Map<string, string>();
  const keyOf = async (): Promise<Map<string, string>> => {
    for (const row of await db.query<{ id: string; source: string; cipher: Buffer }>(
      'select id, source, key_cipher as cipher from record',
    ))
      keys.set(row.id, `${row.source}/${keyring.open('index.cipher', row.cipher, row.id).toString()}`);
    return keys;
  };
  return {
    url,
    db,
    keyring,
    clock,
    courts,
    police,
    petitions,
    readIn: reader(db),
    comparing: createDisputeComparing({ db, keyring, clock, rule: shippedLinkRule(), selfJoining: defaultSelfJoining }),
    reader,
    async people() {
      const of = await keyOf();
      const rows = await db.query<{ recordId: string; ref: string; personId: string }>(
        `select record_id as "recordId", ref, person_id as "personId" from mention
         where gone_at is null and person_id is not null`,
      );
      const parts = new Map<string, string[]>();
      for (const { recordId, ref, personId } of rows)
        parts.set(personId, [...(parts.get(personId) ?? []), `${of.get(recordId) ?? ''}/${ref}`]);
      return [...parts.values()].map((part) => part.sort().join(' ')).sort();
    },
    async disputes() {
      const of = await keyOf();
      const rows = await db.query<{ recordId: string; disputeId: string }>(
        'select record_id as "recordId", dispute_id as "disputeId" from dispute_record where unlinked_at is null',
      );
      const parts = new Map<string, string[]>();
      for (const { recordId, disputeId } of rows)
        parts.set(disputeId, [...(parts.get(disputeId) ?? []), of.get(recordId) ?? '']);
      return [...parts.values()].map((part) => part.sort().join(' ')).sort();
    },
    drop: () => database.drop(),
  };
}
