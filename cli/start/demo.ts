/** The demo: a made-up county, stand-ins for the departments' systems, an issuer that lets anybody be anybody. */
import type { Clock } from '../../core/platform/clock.ts';
import type { Config } from '../../core/platform/config.ts';
import type { Log } from '../../core/platform/log.ts';
import { readCounty, readOrganisations } from '../../demo/county/county-files.ts';
import { departmentNames, type DepartmentName } from '../../demo/county/model.ts';
import { findOrWriteCounty } from '../../demo/county/write-county.ts';
import { controlOf } from '../../demo/departments/kit/control.ts';
import { startDepartment } from '../../demo/departments/kit/start.ts';
import { readState } from '../../demo/departments/kit/state-file.ts';
import { openDemoIssuer, type DemoIssuer } from '../../demo/issuer/issuer.ts';
import { DEMO_PEOPLE, DEMO_SEED, demoFolders, type DemoFolders } from '../demo-config.ts';
import type { Closing } from './closing.ts';
import { shareService } from './shared-service.ts';
import { standInSettings } from './stand-in-settings.ts';

export interface Demo {
  readonly issuer: DemoIssuer;
  readonly organisations: readonly unknown[];
  readonly departmentSettings: ReadonlyMap<DepartmentName, Readonly<Record<string, unknown>>>;
}

export interface OpenDemoOptions {
  readonly config: Config;
  readonly log: Log;
  readonly clock: Clock;
  readonly closing: Closing;
  readonly say: (line: string) => void;
  /** Start the programs; otherwise only find where they run. */
  readonly running: boolean;
}

async function startStandIn(name: DepartmentName, folders: DemoFolders, log: Log, closing: Closing): Promise<void> {
  const control = controlOf(folders.departments, name);
  const service = await shareService({
    name,
    log,
    answers: () =>
      control.counters().then(
        () => true,
        () => false,
      ),
    async start() {
      const department = await startDepartment(name, { dir: folders.departments, countyDir: folders.county, log });
      return { close: () => department.stop() };
    },
  });
  closing.add(() => service.close());
}

async function serveIssuer(issuer: DemoIssuer, log: Log, closing: Closing): Promise<void> {
  const service = await shareService({
    name: 'issuer',
    log,
    answers: () =>
      fetch(`${issuer.url}/jwks`, { signal: AbortSignal.timeout(1_000) }).then(
        (answer) => answer.ok,
        () => false,
      ),
    start: () => issuer.serve(),
  });
  closing.add(() => service.close());
}

export async function openDemo({ config, log, clock, closing, say, running }: OpenDemoOptions): Promise<Demo> {
  const folders = demoFolders(config);
  if ((await readCounty(folders.county)) === null)
    say(`Making up a county of ${DEMO_PEOPLE.toLocaleString('en')} people …`);
  await findOrWriteCounty({ people: DEMO_PEOPLE, seed: DEMO_SEED, dir: folders.county });
  const audience = config.oidc?.audience ?? 'maplebridge';
  const issuer = await openDemoIssuer({ folder: folders.issuer, audience, clock });
  if (running) {
    await Promise.all([
      serveIssuer(issuer, log, closing),
      ...departmentNames.map((name) => startStandIn(name, folders, log, closing)),
    ]);
  }
  const departmentSettings = new Map<DepartmentName, Readonly<Record<string, unknown>>>();
  for (const name of departmentNames) {
    const state = readState(folders.departments, name);
    if (state) departmentSettings.set(name, standInSettings(state));
  }
  return { issuer, organisations: await readOrganisations(folders.county), departmentSettings };
}
