/** What is configured: the environment, the folders, the keys, the county's own file. */
import { existsSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PURPOSES } from '../../core/access/caller.ts';
import { legalDay } from '../../core/platform/clock.ts';
import { SETTING_NAMES, type Config, type SettingFault } from '../../core/platform/config.ts';
import { loadCountyConfig, type CountyConfig } from '../../core/platform/county-config.ts';
import { AppError } from '../../core/platform/errors.ts';
import { keyFiles, loadKeyring, MASTER_FILE } from '../../core/platform/key-folder.ts';
import { fail, ok, reasonOf, warn, type Finding } from './finding.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Addresses that hold a password. */
const SECRET: readonly string[] = ['DATABASE_URL', 'REDIS_URL'];
const MIB = 1024 * 1024;
const DAY_MS = 86_400_000;

export function lookAtEnvironment(env: Environment): Finding[] {
  const set = SETTING_NAMES.filter((name) => env[name]?.trim());
  const shown = set.map((name) => (SECRET.includes(name) ? `${name} (set)` : `${name}=${env[name]}`));
  const unknown = Object.keys(env).filter((name) => name.startsWith('MAPLEBRIDGE_') && !SETTING_NAMES.includes(name));
  return [
    ok(`settings: ${shown.length > 0 ? shown.join(', ') : 'none set, so this is the demo with its defaults'}`),
    ...unknown.map((name) => warn(`${name} is set, and there is no such setting`, 'mend its name or unset it')),
  ];
}

/** Of settings that do not allow a start: a line each. */
export function toFindings(error: unknown): Finding[] {
  if (!(error instanceof AppError)) throw error;
  const faults = error.details['faults'] as readonly SettingFault[] | undefined;
  if (!faults) return [fail('settings', reasonOf(error))];
  return faults.map(({ setting, problem, remedy }) => fail(`${setting}: ${problem}`, remedy));
}

export function lookAtNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 20 || (major === 20 && minor >= 19)
    ? ok(`Node ${version}`)
    : fail(`Node ${version}`, 'install 20.19 or newer; the images use 24');
}

export async function lookAtDisk({ dataFolder }: Config): Promise<Finding> {
  let folder = dataFolder;
  while (!existsSync(folder)) folder = dirname(folder);
  const { bavail, bsize } = await statfs(folder);
  const free = Math.floor((bavail * bsize) / MIB);
  const what = `disk: ${free.toLocaleString('en')} MiB free for MAPLEBRIDGE_DATA`;
  if (free < 256) return fail(what, 'make room: the embedded database stops when the disk is full');
  return free < 2_048 ? warn(what, 'make room before the first load') : ok(what);
}

export function lookAtKeys({ keysFolder, createKeys }: Config): Finding {
  if (createKeys && keyFiles(keysFolder).length === 0)
    return ok('keys: none yet; the demo makes its own at its first start');
  try {
    loadKeyring(keysFolder, { create: false });
  } catch (error) {
    return error instanceof AppError
      ? fail('keys', reasonOf(error))
      : fail(`keys: ${MASTER_FILE} cannot be read`, 'let the user that runs Maplebridge read MAPLEBRIDGE_KEYS');
  }
  const open = keyFiles(keysFolder).filter((name) => (statSync(join(keysFolder, name)).mode & 0o077) !== 0);
  return open.length === 0
    ? ok('keys: there; keep a copy apart from the backups')
    : warn(`keys: others on this machine may read ${open.join(', ')}`, `chmod 600; the folder 700`);
}

export interface CountyLook {
  readonly county: CountyConfig | null;
  readonly findings: readonly Finding[];
}

export function lookAtCounty({ countyFile }: Config, env: Environment, now: Date): CountyLook {
  if (countyFile === null) return { county: null, findings: [ok('county: the made-up one; its agreements never end')] };
  try {
    const county = loadCountyConfig(countyFile, env);
    const names = [...county.departments.keys()].join(', ');
    return { county, findings: [ok(`county: departments ${names}`), ...lookAtAgreements(county, now)] };
  } catch (error) {
    return { county: null, findings: [fail('county', reasonOf(error))] };
  }
}

const sourceOf = (department: string): string => department.toUpperCase().replaceAll('-', '_');

function lookAtAgreements({ agreements, departments }: CountyConfig, now: Date): Finding[] {
  const today = legalDay(now);
  const soon = legalDay(new Date(now.getTime() + 30 * DAY_MS));
  const known: readonly string[] = PURPOSES;
  const findings = agreements.map(({ source, expires, purposes }) => {
    const strange = purposes.filter((purpose) => !known.includes(purpose));
    if (strange.length > 0) {
      return warn(`agreement of ${source}: no such purpose as ${strange.join(', ')}`, `use ${known.join(', ')}`);
    }
    const what = `agreement of ${source}: in force to ${expires}`;
    if (expires < today) return fail(`agreement of ${source}: ended ${expires}, its part is not read`, 'renew it');
    return expires <= soon ? warn(what, 'renew it in time') : ok(what);
  });
  const without = [...departments.keys()].map(sourceOf).filter((code) => !agreements.some((a) => a.source === code));
  return [
    ...findings,
    ...without.map((code) =>
      warn(`agreement of ${code}: none, so only its own people see its part`, 'add it under `agreements`'),
    ),
  ];
}
