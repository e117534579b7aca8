/** The departments' adapters, as their settings say. */
import {
  civilAffairsSettings,
  createCivilAffairs,
  type CivilAffairsSettings,
} from '../../adapters/civil-affairs/client.ts';
import { courtsSettings, createCourts, type CourtsSettings } from '../../adapters/courts/client.ts';
import { createPetitions, petitionsSettings, type PetitionsSettings } from '../../adapters/petitions/client.ts';
import { createPolice, policeSettings, type PoliceSettings } from '../../adapters/police/client.ts';
import type { Kit } from '../../adapters/kit/kit.ts';
import { createPostgresCache, createRedisCache, type SharedCache } from '../../adapters/kit/shared-cache.ts';
import type { Department, SourceCode } from '../../core/department.ts';
import type {
  CivilAffairsRecord,
  CourtCaseRecord,
  PetitionRecord,
  PoliceIncidentRecord,
} from '../../core/department-record.ts';
import type { Db } from '../../core/platform/db.ts';
import { AppError } from '../../core/platform/errors.ts';
import { describeError } from '../../core/platform/log.ts';
import { closeRedisClient, createRedisClient } from '../../core/platform/redis-client.ts';
import { observeDepartments } from '../../gateway/http/department-metrics.ts';
import type { z } from 'zod';
import type { Closing } from './closing.ts';
import type { Foundation } from './foundation.ts';
import { createUnsetDepartment } from './unset-department.ts';

export interface Departments {
  readonly courts: Department<CourtCaseRecord>;
  readonly police: Department<PoliceIncidentRecord>;
  readonly petitions: Department<PetitionRecord>;
  readonly 'civil-affairs': Department<CivilAffairsRecord>;
}
export type DepartmentKey = keyof Departments;
export const DEPARTMENTS: readonly DepartmentKey[] = ['courts', 'police', 'petitions', 'civil-affairs'];

export const isDepartmentKey = (name: string): name is DepartmentKey =>
  (DEPARTMENTS as readonly string[]).includes(name);

/** By which its records are known. */
export const SOURCES: Readonly<Record<DepartmentKey, SourceCode>> = {
  courts: 'COURTS',
  police: 'POLICE',
  petitions: 'PETITIONS',
  'civil-affairs': 'CIVIL_AFFAIRS',
};

/** Those that the settings name: a county may begin with two. */
export const namedDepartments = (written: WrittenSettings): DepartmentKey[] =>
  DEPARTMENTS.filter((name) => written.has(name));

interface DepartmentSettings {
  readonly courts: CourtsSettings;
  readonly police: PoliceSettings;
  readonly petitions: PetitionsSettings;
  readonly 'civil-affairs': CivilAffairsSettings;
}

const schemas: { readonly [Name in DepartmentKey]: z.ZodType<DepartmentSettings[Name]> } = {
  courts: courtsSettings,
  police: policeSettings,
  petitions: petitionsSettings,
  'civil-affairs': civilAffairsSettings,
};

type WrittenSettings = Foundation['departmentSettings'];

/** As its adapter takes them; throws one error that names every fault. */
export function parseDepartmentSettings<Name extends DepartmentKey>(
  written: WrittenSettings,
  name: Name,
): DepartmentSettings[Name] {
  const parsed = schemas[name].safeParse(written.get(name) ?? {});
  if (parsed.success) return parsed.data;
  // Paths and reasons only: the values hold passwords.
  const faults = parsed.error.issues.map(
    (issue) => `  ${['departments', name, ...issue.path].join('.')}: ${issue.message}`,
  );
  throw new AppError('BAD_USER_INPUT', `The settings of ${name} do not allow a start:\n${faults.join('\n')}`);
}

export interface AdapterGround {
  readonly kit: Kit;
  /** Where rows that come in files are kept. */
  readonly db: Db;
  /** Where a scan keeps what it has told; null for looking at a system without reading it in. */
  readonly scanDb: Db | null;
}

/** A fresh adapter each time, as its settings say. */
export function createAdapter<Name extends DepartmentKey>(
  written: WrittenSettings,
  name: Name,
  { kit, db, scanDb }: AdapterGround,
): Departments[Name] {
  const create: { [Key in DepartmentKey]: () => Departments[Key] } = {
    courts: () => createCourts({ settings: parseDepartmentSettings(written, 'courts'), kit }),
    police: () => createPolice({ settings: parseDepartmentSettings(written, 'police'), kit }),
    petitions: () => createPetitions({ settings: parseDepartmentSettings(written, 'petitions'), kit, db: scanDb }),
    'civil-affairs': () => createCivilAffairs({ settings: parseDepartmentSettings(written, 'civil-affairs'), kit, db }),
  };
  return create[name]();
}

async function sharedCache({ config, db, log }: Foundation, closing: Closing): Promise<SharedCache> {
  if (config.redisUrl === null) return createPostgresCache(db);
  const redis = createRedisClient(config.redisUrl);
  redis.on('error', (error: Error) =>
    log.warn({ code: (error as NodeJS.ErrnoException).code }, 'the cache on Redis is out of reach'),
  );
  closing.add(() => closeRedisClient(redis));
  return createRedisCache(redis);
}

/** One that the settings do not name is there too, and unavailable. */
export type OpenDepartment = <Name extends DepartmentKey>(name: Name) => Departments[Name];

/** Opens adapters one by one, so that a service opens only its own. */
export async function createDepartmentOpener(foundation: Foundation, closing: Closing): Promise<OpenDepartment> {
  const { clock, log, keyring, db, metrics } = foundation;
  const calls = metrics.histogram('maplebridge_department_call_seconds', 'Time of one call of a department’s system.', [
    'source',
    'operation',
    'outcome',
  ]);
  const alerts = metrics.counter('maplebridge_department_alerts_total', 'Replies that did not parse.', [
    'source',
    'operation',
  ]);
  const kit: Kit = {
    clock,
    log,
    keyring,
    shared: await sharedCache(foundation, closing),
    onAlert: ({ source, operation, field, where }) => {
      alerts.inc({ source, operation });
      log.warn({ source, operation, field, where }, 'a department sent what its contract does not allow');
    },
    onCall: ({ source, operation, outcome, ms }) => calls.observe({ source, operation, outcome }, ms / 1_000),
    onCircuit: (source, state) => log.warn({ source, circuit: state }, 'the circuit of a department changed'),
  };
  const opened: Partial<Departments> = {};
  // Looked into at every scrape: whoever is opened later is measured too.
  const measured: Department[] = [];
  observeDepartments(metrics, measured);
  return (name) => {
    const known = opened[name];
    if (known) return known;
    if (!foundation.departmentSettings.has(name)) {
      const unset = createUnsetDepartment(SOURCES[name], name);
      Object.assign(opened, { [name]: unset });
      return unset;
    }
    const department = createAdapter(foundation.departmentSettings, name, { kit, db, scanDb: db });
    Object.assign(opened, { [name]: department });
    measured.push(department);
    closing.add(() => department.close());
    // Known from the first moment on, not from the first question.
    department
      .ping()
      .catch((error: unknown) =>
        log.warn({ source: department.code, error: describeError(error) }, 'a department does not answer'),
      );
    return department;
  };
}
