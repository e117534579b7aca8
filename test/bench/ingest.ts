/** How fast a county is read in, and that neither a kill nor a silent change is missed. */
import { setTimeout as delay } from 'node:timers/promises';
import { recordId } from '../../core/people/index-row.ts';
import { loadRows } from '../../demo/county/county-files.ts';
import { createRandom, type Random } from '../../demo/county/random.ts';
import { mentionsOf, openCountyRig, recordsOf, type CountyRig } from './kit/county-rig.ts';
import {
  createReport,
  load,
  mebibytes,
  median,
  milliseconds,
  percentile,
  say,
  seconds,
  takenByHost,
  watchHost,
  whole,
  type Report,
} from './kit/figures.ts';
import { differences, digestIndex, type IndexDigest } from './kit/index-digest.ts';
import { startProgram } from './kit/measured-program.ts';
import { measureRejoining } from './kit/rejoin.ts';
import type { DepartmentRead, IngestSaid } from './ingest-program.ts';
import type { Usage } from './kit/usage.ts';

export interface IngestBench {
  readonly people: number;
  readonly seed: number;
  readonly kills: number;
  readonly keep: string | undefined;
  readonly profile: string | undefined;
}

const MENTIONS_PER_SECOND = 2_000;
/** A smaller county is read in before the program is warm: its speed is shown, not judged. */
const JUDGED_PEOPLE = 50_000;
const REJOINED = 200;
const MOST_MS_REJOINING = 50;
const MOST_BYTES = 512 * 1024 * 1024;
/** Of a whole prefecture there is a limit of time as well. */
const MILLION = 1_000_000;
const MOST_BYTES_MILLION = 2 * 1024 * 1024 * 1024;
const MOST_MS_LOADING = 30 * 60_000;
/** A kill falls anywhere within a page, not only where one was stored. */
const WITHIN_A_PAGE_MS = 250;

interface Run {
  readonly ms: number;
  readonly departments: readonly DepartmentRead[];
  /** While reading in. */
  readonly usage: Usage;
  readonly databaseMs: number;
  readonly compared: { readonly ms: number; readonly persons: number };
  readonly linked: { readonly ms: number; readonly records: number };
  readonly whole: Usage;
}

async function readIn(rig: CountyRig, profile?: string, ...args: readonly string[]): Promise<Run> {
  const spent = rig.databaseCpuMs();
  const program = startProgram<IngestSaid>({ name: 'ingest-program', args, env: rig.env, profile });
  // All listened for at once: one may follow another sooner than a question between them is answered.
  const [read, comparing, linked] = await Promise.all([
    program
      .hear(({ read: told }) => told)
      .then(async (told) => {
        const databaseMs = spent === null ? 0 : (rig.databaseCpuMs() ?? 0) - spent;
        return { ...told, databaseMs, usage: await program.usage() };
      }),
    program.hear(({ compared }) => compared).then(async (compared) => ({ compared, whole: await program.usage() })),
    program.hear(({ linked: told }) => told),
  ]);
  await program.end();
  return { ...read, ...comparing, linked };
}

const describe = ({ departments }: Run): string =>
  departments
    .map(
      ({ source, ms, changed, gone, pages }) =>
        `${source} ${seconds(ms)} (${pages} pages, ${changed} changed, ${gone} gone)`,
    )
    .join(', ');

/** The index after being killed as often as asked for, each time somewhere further on, and read to the end. */
async function readInKilled(rig: CountyRig, random: Random, kills: number): Promise<IndexDigest> {
  await rig.freshDatabase();
  const total = recordsOf(rig.county);
  for (let kill = 0; kill < kills; kill++) {
    const at = total * ((kill + 0.2 + 0.6 * random.next()) / kills);
    const program = startProgram<IngestSaid>({ name: 'ingest-program', env: rig.env, profile: undefined });
    const done = new Map<string, number>();
    const reached = await program.hear(({ progress }) => {
      if (progress) done.set(progress.source, progress.done);
      const sum = [...done.values()].reduce((a, b) => a + b, 0);
      return sum >= at ? sum : undefined;
    });
    await delay(random.int(WITHIN_A_PAGE_MS));
    await program.end('SIGKILL');
    say(`  killed after ${whole(reached)} of ${whole(total)} records`);
    // What a worker does two minutes later: the dead one's lease has run out.
    await rig.db().query('update source_feed set leased_until = now() where leased_until > now()');
  }
  const rest = await readIn(rig);
  say(`Went on: ${seconds(rest.ms)}; ${describe(rest)}`);
  return digestIndex(rig.db());
}

interface PetitionState {
  readonly id: string;
  readonly changed: boolean;
  readonly gone: boolean;
}

/** One petitioner gets another telephone, one petition is erased; the bureau's rows say nowhere when. */
async function changeSilently(rig: CountyRig, report: Report): Promise<void> {
  const rows = await loadRows(rig.countyDir, 'petitions');
  const [changed, erased] = [rows[Math.floor(rows.length / 3)], rows[Math.floor(rows.length / 2)]];
  if (!changed || !erased) throw new Error('The county has too few petitions.');
  const [first, ...others] = changed.participants;
  const bureau = rig.department('petitions');
  await bureau.change({ key: changed.key, set: { participants: [{ ...first, phone: '13900000000' }, ...others] } });
  await bureau.change({ key: erased.key, delete: 'hard' });
  const { clock } = await rig.db().one<{ clock: Date }>('select clock_timestamp() as clock');
  const run = await readIn(rig, undefined, 'petitions');
  const idOf = (key: string): string => recordId(rig.keyring, 'PETITIONS', key);
  const states = await rig
    .db()
    .query<PetitionState>(
      'select id, changed_at >= $2 as changed, gone_at >= $2 as gone from record where id = any($1)',
      [[idOf(changed.key), idOf(erased.key)], new Date(clock.getTime() - 1_000)],
    );
  const stateOf = (key: string): PetitionState | undefined => states.find(({ id }) => id === idOf(key));
  say(`Two petitions touched without a date: ${describe(run)}`);
  const [read] = run.departments;
  report.check({
    name: 'the next scan notices a petition changed and another erased, and nothing else',
    value: `${read?.changed} changed, ${read?.gone} gone`,
    wanted: '1 and 1',
    met: read?.changed === 1 && read.gone === 1 && !!stateOf(changed.key)?.changed && !!stateOf(erased.key)?.gone,
  });
}

async function measureReading(rig: CountyRig, report: Report, profile: string | undefined): Promise<void> {
  const before = load();
  const host = watchHost();
  const run = await readIn(rig, profile);
  const [mentions, records] = [mentionsOf, recordsOf].map((count) => count(rig.county) / (run.ms / 1_000)) as [
    number,
    number,
  ];
  say(`Read in: ${seconds(run.ms)}; ${describe(run)}`);
  say(
    `  ${whole(mentions)} person-records/s, ${whole(records)} records/s; CPU: ` +
      `${seconds(run.usage.cpuMs)} in the process, ${seconds(run.databaseMs)} in PostgreSQL; ${whole(run.usage.statements)} statements; ${before} before, ${load()} after, ${takenByHost(host())}`,
  );
  say(
    `Compared: ${seconds(run.compared.ms)} for ${whole(run.compared.persons)} persons; CPU: ` +
      `${seconds(run.whole.cpuMs - run.usage.cpuMs)} in the process; peak ${mebibytes(run.whole.peakBytes)}`,
  );
  say(`Disputes compared: ${seconds(run.linked.ms)} for ${whole(run.linked.records)} records and changes of persons`);
  report.check({
    name: 'person-records a second',
    value: whole(mentions),
    wanted: `at least ${whole(MENTIONS_PER_SECOND)} with ${whole(JUDGED_PEOPLE)} people or more`,
    met: mentions >= MENTIONS_PER_SECOND || rig.county.people < JUDGED_PEOPLE,
  });
  const most = rig.county.people < MILLION ? MOST_BYTES : MOST_BYTES_MILLION;
  report.check({
    name: 'peak memory of the process that reads in and compares',
    value: mebibytes(run.whole.peakBytes),
    wanted: `under ${mebibytes(most)}`,
    met: run.whole.peakBytes < most,
  });
  if (rig.county.people < MILLION) return;
  const loadedMs = run.ms + run.compared.ms;
  report.check({
    name: 'read in and compared',
    value: seconds(loadedMs),
    wanted: `within ${seconds(MOST_MS_LOADING)}`,
    met: loadedMs <= MOST_MS_LOADING,
  });
}

/** True when every target is met. */
export async function benchIngest({ people, seed, kills, keep, profile }: IngestBench): Promise<boolean> {
  const rig = await openCountyRig({ people, seed, keep });
  const report = createReport();
  try {
    const killed = kills > 0 ? await readInKilled(rig, createRandom(seed, people), kills) : null;
    await rig.freshDatabase();
    await measureReading(rig, report, profile);
    const undisturbed = await digestIndex(rig.db());
    const sizes = Object.entries(undisturbed).map(([name, { rows }]) => `${name} ${whole(rows)}`);
    say(`  the index: ${sizes.join(', ')}`);
    if (killed !== null) {
      const differing = differences(undisturbed, killed);
      report.check({
        name: `killed in the middle (${kills} time(s)) and started again, it ends with the index of an undisturbed run`,
        value: differing.length === 0 ? 'the same' : `differs in ${differing.join(', ')}`,
        wanted: 'the same',
        met: differing.length === 0,
      });
    }

    const again = await readIn(rig);
    say(`Read again, nothing changed: ${seconds(again.ms)}; ${describe(again)}; ${load()}`);
    const parts = differences(undisturbed, await digestIndex(rig.db()));
    const rewritten = again.departments.reduce((sum, { changed, gone }) => sum + changed + gone, 0);
    report.check({
      name: 'an unchanged second reading writes nothing',
      value: `${rewritten} records, ${parts.length} parts of the index`,
      wanted: '0 and 0',
      met: rewritten + parts.length === 0,
    });
    await changeSilently(rig, report);
    const took = await measureRejoining(rig, createRandom(seed, REJOINED), REJOINED);
    report.check({
      name: 'a changed record is stored and its people compared anew',
      value: `median ${milliseconds(median(took))}, 95 % within ${milliseconds(percentile(took, 0.95))}; ${load()}`,
      wanted: `median under ${milliseconds(MOST_MS_REJOINING)} with ${whole(JUDGED_PEOPLE)} people or more`,
      met: median(took) < MOST_MS_REJOINING || rig.county.people < JUDGED_PEOPLE,
    });
  } finally {
    await rig.close();
  }
  return report.finish();
}
