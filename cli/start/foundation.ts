/** What every role stands on: settings, log, keys, database, organisations and agreements. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { storeAgreements } from '../../core/access/agreement.ts';
import { PURPOSES } from '../../core/access/caller.ts';
import type { Agreement } from '../../core/access/field-groups.ts';
import type { SelfJoining } from '../../core/disputes/candidate-link.ts';
import { OrganisationEntry, storeOrganisations } from '../../core/organisations/organisation.ts';
import { createReferenceData, type ReferenceData } from '../../core/organisations/reference-data.ts';
import { systemClock, type Clock } from '../../core/platform/clock.ts';
import type { Config } from '../../core/platform/config.ts';
import {
  defaultAuditLog,
  defaultLimits,
  defaultSelfJoining,
  loadCountyConfig,
  parseYamlFile,
  type AuditLogSettings,
  type CountyConfig,
  type RequestLimits,
} from '../../core/platform/county-config.ts';
import { createDb, type Db } from '../../core/platform/db.ts';
import { startEmbeddedPostgres } from '../../core/platform/embedded-postgres/embedded-postgres.ts';
import { keepHeapSmall } from '../../core/platform/heap.ts';
import { loadKeyring } from '../../core/platform/key-folder.ts';
import type { Keyring } from '../../core/platform/keyring.ts';
import type { Log } from '../../core/platform/log.ts';
import { createMetrics, type Metrics } from '../../core/platform/metrics.ts';
import { migrate } from '../../core/platform/migrate.ts';
import { createDemoClock } from '../../demo/clock.ts';
import { demoFolders } from '../demo-config.ts';
import { openDemo, type Demo } from './demo.ts';
import type { Closing } from './closing.ts';

export interface Foundation {
  readonly config: Config;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly keyring: Keyring;
  readonly databaseUrl: string;
  readonly db: Db;
  readonly reference: ReferenceData;
  readonly limits: RequestLimits;
  readonly auditLog: AuditLogSettings;
  /** Which records join a dispute by themselves. */
  readonly selfJoining: readonly SelfJoining[];
  /** By department, as its adapter parses them. */
  readonly departmentSettings: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** Null in the demo's made-up county. */
  readonly county: CountyConfig | null;
  /** Null outside the demo. */
  readonly demo: Demo | null;
}

/** The address of the settings' database, or of the embedded one, started. */
export async function openServer(config: Config, log: Log, closing: Closing): Promise<string> {
  if (config.databaseUrl !== null) return config.databaseUrl;
  const embedded = await startEmbeddedPostgres({ dir: join(config.dataFolder, 'postgres'), log });
  closing.add(() => embedded.stop());
  return embedded.url;
}

export interface OpenDatabase {
  readonly url: string;
  readonly db: Db;
  /** Migrations that were missing. */
  readonly applied: readonly string[];
}

/** The database, at this version's schema. */
export async function openDatabase(config: Config, log: Log, closing: Closing): Promise<OpenDatabase> {
  const url = await openServer(config, log, closing);
  const db = createDb({ url, max: 20, log });
  closing.add(() => db.close());
  return { url, db, applied: await migrate(db) };
}

/** The demo's made-up agreements: everything for every purpose, for as long as anybody will try it out. */
const demoAgreements = (): Agreement[] =>
  ['COURTS', 'POLICE', 'PETITIONS', 'CIVIL_AFFAIRS'].map((source) => ({
    source,
    purposes: [...PURPOSES],
    fieldGroups: ['index', 'contents'],
    expires: '2099-12-31',
  }));

/** New settings of one process take effect in the others this much later. */
const REFERENCE_MS = 1_000;

export interface FoundationOptions {
  readonly config: Config;
  readonly log: Log;
  readonly closing: Closing;
  /** Start the stand-ins and the issuer, where this is the demo. */
  readonly withDemo: boolean;
  readonly say: (line: string) => void;
}

export async function layFoundation({ config, log, closing, withDemo, say }: FoundationOptions): Promise<Foundation> {
  keepHeapSmall();
  const clock = config.demo ? createDemoClock(demoFolders(config).clock) : systemClock;
  const keyring = loadKeyring(config.keysFolder, { create: config.createKeys });
  const county = config.countyFile === null ? null : loadCountyConfig(config.countyFile, process.env);
  // The made-up county is written while the database starts.
  const [{ url, db }, demo] = await Promise.all([
    openDatabase(config, log, closing),
    config.demo && county === null ? openDemo({ config, log, clock, closing, say, running: withDemo }) : null,
  ]);
  const organisations = county
    ? parseYamlFile(
        readFileSync(county.organisationsFile, 'utf8'),
        county.organisationsFile,
        z.array(OrganisationEntry),
      )
    : z.array(OrganisationEntry).parse(demo?.organisations ?? []);
  await storeOrganisations(db, keyring, organisations, clock.wall());
  await storeAgreements(db, county?.agreements ?? demoAgreements(), clock.wall());
  return {
    config,
    log,
    metrics: createMetrics(),
    clock,
    keyring,
    databaseUrl: url,
    db,
    reference: createReferenceData(db, REFERENCE_MS),
    limits: county?.limits ?? defaultLimits,
    auditLog: county?.audit ?? defaultAuditLog,
    selfJoining: county?.disputeLinks.joinThemselves ?? defaultSelfJoining,
    departmentSettings: county?.departments ?? demo?.departmentSettings ?? new Map(),
    county,
    demo,
  };
}
