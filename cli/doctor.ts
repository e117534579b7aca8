import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { systemClock } from '../core/platform/clock.ts';
import { loadConfig, type Config } from '../core/platform/config.ts';
import { createDb } from '../core/platform/db.ts';
import { departmentNames } from '../demo/county/model.ts';
import { readState } from '../demo/departments/kit/state-file.ts';
import { openDemoIssuer } from '../demo/issuer/issuer.ts';
import { AlreadySaid } from './already-said.ts';
import { lookAtCarrying } from './doctor/carrying.ts';
import { findDatabase, lookAtDatabase } from './doctor/database.ts';
import { lookAtDepartments } from './doctor/department.ts';
import { fail, toLine, warn, type Finding } from './doctor/finding.ts';
import {
  askReadiness,
  describeService,
  gatewayAddress,
  lookAtIssuer,
  lookAtRedis,
  lookAtSubgraphs,
} from './doctor/service.ts';
import {
  lookAtCounty,
  lookAtDisk,
  lookAtEnvironment,
  lookAtKeys,
  lookAtNode,
  toFindings,
  type CountyLook,
} from './doctor/settings.ts';
import { demoFolders } from './demo-config.ts';
import type { Foundation } from './start/foundation.ts';
import { standInSettings } from './start/stand-in-settings.ts';

/** For adapters that want a database and will not ask it. */
const NOWHERE = 'postgresql://127.0.0.1:1/nowhere';

type Say = (findings: readonly Finding[]) => void;

function standInsOf(config: Config): Foundation['departmentSettings'] {
  const states = departmentNames.map((name) => readState(demoFolders(config).departments, name));
  return new Map(states.flatMap((state) => (state === null ? [] : [[state.name, standInSettings(state)] as const])));
}

async function issuerOf(config: Config): Promise<string | null> {
  if (config.oidc) return config.oidc.issuer;
  const folder = demoFolders(config).issuer;
  if (!existsSync(folder)) return null;
  return (await openDemoIssuer({ folder, audience: 'maplebridge', clock: systemClock })).url;
}

/** Everything that is asked over a connection. */
async function lookAtOthers(config: Config, { county }: CountyLook, say: Say): Promise<void> {
  const url = findDatabase(config);
  const db = createDb({ url: url ?? NOWHERE, max: 2, statementTimeoutMs: 5_000 });
  try {
    const database =
      url === null
        ? [fail('database: the embedded one does not run', 'npx maplebridge start; if that fails, see postgres.log')]
        : await lookAtDatabase(db, url);
    say(database);
    // Of a county whose file is at fault nothing is known, nor of a database without its tables.
    const isThere = county !== null || config.countyFile === null;
    const isWhole = database.every(({ status, what }) => status !== 'FAIL' && !what.includes('migrations pending'));
    if (isThere && isWhole) say(await lookAtCarrying(db, county));
    say(await lookAtRedis(config));
    const issuer = await issuerOf(config);
    if (issuer !== null) say(await lookAtIssuer(issuer));
    say(await lookAtSubgraphs(config));
    const settings = county?.departments ?? (config.countyFile === null ? standInsOf(config) : null);
    if (settings !== null) say(await lookAtDepartments(settings, db));
  } finally {
    await db.close();
  }
}

async function examine(say: Say): Promise<void> {
  say([...lookAtEnvironment(process.env), lookAtNode(process.versions.node)]);
  let config: Config;
  try {
    config = loadConfig(process.env);
  } catch (error) {
    // Nothing more can be looked at: nobody knows where it would be.
    say(toFindings(error));
    return;
  }
  const county = lookAtCounty(config, process.env, systemClock.wall());
  say([await lookAtDisk(config), lookAtKeys(config), ...county.findings]);
  const address = gatewayAddress(config);
  const gateway = config.port === 0 ? null : await askReadiness(address);
  if (gateway !== null) say([describeService('gateway', address, gateway)]);
  else {
    say([
      warn(`gateway: nothing of ours answers at ${address}`, 'npx maplebridge start, or set HOST and PORT as there'),
    ]);
    // The demo's database, issuer and stand-ins run with it.
    if (config.demo && findDatabase(config) === null) return;
  }
  await lookAtOthers(config, county, say);
}

async function doctor(): Promise<void> {
  const counts = { ok: 0, warn: 0, FAIL: 0 };
  await examine((findings) => {
    for (const finding of findings) {
      counts[finding.status] += 1;
      process.stdout.write(`${toLine(finding)}\n`);
    }
  });
  process.stdout.write(`${counts.ok} ok, ${counts.warn} to look at, ${counts.FAIL} to mend\n`);
  if (counts.FAIL > 0) throw new AlreadySaid();
}

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('tell what is configured and what answers, and what to do about the rest; changes nothing')
    .action(doctor);
}
