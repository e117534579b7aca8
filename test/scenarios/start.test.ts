/** Two commands: the county is made, everything is started, and a question is answered. Then started twice, killed, started again. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FIRST_QUERY } from '../../cli/start/first-query.ts';
import { STAR_PERSON } from '../../demo/county/star.ts';
import {
  maplebridge,
  openInstallation,
  processesOn,
  seed,
  start,
  until,
  type Installation,
  type Program,
} from '../kit/installation.ts';
import { OPERATOR } from './county.ts';

interface FirstAnswer {
  readonly personByCitizenId: {
    readonly name: string;
    readonly courtCases: Part;
    readonly policeIncidents: Part;
    readonly petitions: Part;
    readonly civilAffairs: { readonly marriages: readonly object[]; readonly freshness: { readonly status: string } };
    readonly disputes: {
      readonly nodes: readonly { readonly number: string; readonly records: readonly { source: string }[] }[];
    };
  } | null;
}
interface Part {
  readonly nodes: readonly object[];
  readonly freshness: { readonly status: string };
}

const dataFolder = mkdtempSync(join(tmpdir(), 'maplebridge-start-'));
const onLinux = test.skipIf(process.platform !== 'linux');

const killEverything = (): void => {
  for (const pid of processesOn(dataFolder)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
};
const nothingIsLeft = (): Promise<boolean> =>
  until('no process is left behind', async () => processesOn(dataFolder).length === 0, 5_000);

async function withInstallation<T>(program: Program, use: (installation: Installation) => Promise<T>): Promise<T> {
  const installation = await openInstallation(dataFolder, program.url);
  try {
    return await use(installation);
  } finally {
    await installation.close();
  }
}

const firstQuery = async (installation: Installation): Promise<FirstAnswer> =>
  (await installation.ask<FirstAnswer>(OPERATOR, FIRST_QUERY)).data;

const isLive = (answer: FirstAnswer | null): boolean =>
  [
    answer?.personByCitizenId?.courtCases,
    answer?.personByCitizenId?.policeIncidents,
    answer?.personByCitizenId?.petitions,
    answer?.personByCitizenId?.civilAffairs,
  ].every((part) => part?.freshness.status === 'LIVE');

function expectWholeAnswer({ personByCitizenId: person }: FirstAnswer): void {
  expect(person?.name).toBe(STAR_PERSON.name);
  for (const part of [person?.courtCases, person?.policeIncidents, person?.petitions]) {
    expect(part?.nodes.length).toBeGreaterThan(0);
    expect(part?.freshness.status).toBe('LIVE');
  }
  expect(person?.civilAffairs.marriages.length).toBeGreaterThan(0);
  const dispute = person?.disputes.nodes.find(({ records }) => records.length === 3);
  expect(dispute?.records.map(({ source }) => source).sort()).toEqual(['COURTS', 'PETITIONS', 'POLICE']);
}

/** Every row that was read in or written by hand, by its id. */
const contents = ({ db }: Installation): Promise<object[]> =>
  db.query(`
    select 'record' as what, count(*), md5(string_agg(id, ',' order by id)) as ids from record
    union all select 'person', count(*), md5(string_agg(id, ',' order by id)) from person
    union all select 'mention', count(*), md5(string_agg(id || person_id, ',' order by id)) from mention
    union all select 'dispute', count(*), md5(string_agg(id || number, ',' order by id)) from dispute
    union all select 'visible', count(*), md5(string_agg(organisation_id || dispute_id, ',' order by 1)) from visible`);

let first: Program;
let second: Program;

beforeAll(async () => {
  await seed(dataFolder, 600, 3);
  first = await start(dataFolder);
}, 180_000);
afterAll(() => {
  killEverything();
  rmSync(dataFolder, { recursive: true, force: true });
});

test('The first query of the README, pasted, tells of one person from every department and of a dispute known to three', async () => {
  expectWholeAnswer(await withInstallation(first, firstQuery));
});

test('It says where it is and how to sign in', async () => {
  expect(first.stdout()).toMatch(/Sign in .*: http:\/\/127\.0\.0\.1:\d+\/sign-in\?ticket=/);
  const [, link = ''] = /Sign in .*?: (\S+)/.exec(first.stdout()) ?? [];
  const response = await fetch(link, { redirect: 'manual' });
  expect(response.status).toBe(303);
  expect(response.headers.get('set-cookie')).toMatch(/HttpOnly/);
});

test('A second start on the same port says in one line that it runs already', async () => {
  const { port } = new URL(first.url);
  const { code, stderr } = await maplebridge(['start'], { MAPLEBRIDGE_DATA: dataFolder, PORT: port });
  expect(code).toBe(1);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stderr).toContain('runs already');
});

test('A second start on another port works, and goes on when the first is stopped', async () => {
  second = await start(dataFolder);
  expectWholeAnswer(await withInstallation(second, firstQuery));
  expect(await first.interrupt()).toBe(0);
  // It takes over the stand-ins and the issuer of the one that has gone.
  await withInstallation(second, async (installation) =>
    expectWholeAnswer(
      await until('the second answers by itself', async () => {
        const answer = await firstQuery(installation);
        return isLive(answer) ? answer : null;
      }),
    ),
  );
}, 120_000);

onLinux(
  'After kill -9 of everything, stand-ins and PostgreSQL too, the next start has the same data',
  async () => {
    const was = await withInstallation(second, contents);
    killEverything();
    await second.ended;
    await nothingIsLeft();

    const third = await start(dataFolder);
    await withInstallation(third, async (installation) => {
      expect(await contents(installation)).toEqual(was);
      expectWholeAnswer(await firstQuery(installation));
    });
    // Ctrl-C ends it well and leaves nothing running.
    expect(await third.interrupt()).toBe(0);
    await nothingIsLeft();
  },
  120_000,
);

onLinux(
  'Ctrl-C while it is still starting ends it just as well',
  async () => {
    const starting = maplebridge(['start'], { MAPLEBRIDGE_DATA: dataFolder, PORT: '0' });
    const pids = await until('it has begun', async () => {
      const found = processesOn(dataFolder);
      return found.length > 1 ? found : null;
    });
    // The first of them: what it starts has higher numbers.
    process.kill(Math.min(...pids), 'SIGINT');
    const { code, stdout } = await starting;
    expect(stdout).not.toContain('is ready');
    expect(code).toBe(0);
    await nothingIsLeft();
  },
  60_000,
);
