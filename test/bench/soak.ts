/**
 * The open gateway under mixed load while its supergraph is replaced every minute. It passes when every request was answered, and rightly,
 * every new supergraph was taken up, and it needs no more memory at the end than after three minutes.
 */
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { projectRoot } from '../../core/platform/project-root.ts';
import { digestOf } from './kit/canonical.ts';
import type { Left } from './kit/collect-on-signal.ts';
import { createReport, mebibytes, milliseconds, say, seconds, whole } from './kit/figures.ts';
import { createGraphqlClient, type GraphqlClient } from './kit/graphql-client.ts';
import { startProgram } from './kit/measured-program.ts';
import { CORES } from './kit/pin.ts';
import { startServer, type StartedServer } from './kit/started-server.ts';
import type { ClientsSaid, LoadResult, Question } from './gateway-clients.ts';
import { writeSupergraph } from './gateway-contenders.ts';
import { QUESTIONS } from './gateway-questions.ts';
import type { SubgraphsSaid } from './gateway-subgraphs.ts';

const MINUTE_MS = 60_000;
const CLIENTS = 8;
/** Into the minute: the gateway is in the middle of its work. */
const REPLACED_AFTER_MS = 10_000;
const TAKEN_UP_MS = 30_000;
const LOOK_EVERY_MS = 200;
/** By then what is compiled is compiled, and caches are full. */
const STEADY_MINUTE = 3;
const MOST_GROWTH = 1.1;
/** Of the changed supergraph: nobody is asked for it. */
const FIELD = 'soak';

/** Whether the gateway serves the supergraph with one more optional field. */
async function isChanged(client: GraphqlClient): Promise<boolean> {
  const { data } = await client.ask('{ __type(name: "Caller") { fields { name } } }', {});
  const { __type: type } = data as { __type: { fields: readonly { name: string }[] } };
  return type.fields.some(({ name }) => name === FIELD);
}

/** Milliseconds until it was served; null when it was not in time. */
async function replaceSupergraph(client: GraphqlClient, file: string, sdl: string, change: boolean) {
  // In one step: whoever reads the file meanwhile has the one or the other.
  writeFileSync(`${file}.new`, sdl);
  renameSync(`${file}.new`, file);
  const began = performance.now();
  while (performance.now() - began < TAKEN_UP_MS) {
    if ((await isChanged(client)) === change) return performance.now() - began;
    await delay(LOOK_EVERY_MS);
  }
  return null;
}

function variantsOf(sdl: string): { readonly plain: string; readonly changed: string } {
  const changed = sdl.replace(/^(type Caller\s+@join__type\(graph: REGISTRY\)\s+\{)/m, `$1\n  ${FIELD}: String`);
  if (changed === sdl) throw new Error('There is no Caller in the supergraph to change.');
  return { plain: sdl, changed };
}

async function mixOf(client: GraphqlClient): Promise<Question[]> {
  const mix: Question[] = [];
  for (const { query, variables } of QUESTIONS)
    for (const one of variables) {
      const { data } = await client.ask(query, one);
      mix.push({ query, variables: one, digest: digestOf(data) });
    }
  return mix;
}

async function whatIsLeft(server: StartedServer): Promise<Left> {
  const left = server.hear();
  server.signal('SIGUSR2');
  return (await left) as Left;
}

interface Minute {
  readonly load: LoadResult;
  readonly takenUp: number | null;
  readonly left: Left;
}

const describe = ({ load, takenUp, left }: Minute): string =>
  `${whole(load.answers)} answers, p50 ${milliseconds(load.p50)}, p99 ${milliseconds(load.p99)}, ${load.faults} faults; ` +
  `new supergraph ${takenUp === null ? 'NOT taken up' : `after ${seconds(takenUp)}`}; ` +
  `${mebibytes(left.residentBytes)} resident, ${mebibytes(left.heapBytes)} of heap in use`;

/** True when it passes. */
export async function benchSoak({ minutes }: { readonly minutes: number }): Promise<boolean> {
  const report = createReport();
  const folder = mkdtempSync(join(tmpdir(), 'maplebridge-soak-'));
  const file = join(folder, 'supergraph.graphql');
  const around = { env: { NODE_ENV: 'production' }, core: CORES.around, profile: undefined };
  const subgraphs = startProgram<SubgraphsSaid>({ name: 'gateway-subgraphs', ...around });
  const clients = startProgram<ClientsSaid>({ name: 'gateway-clients', ...around });
  const own: Minute[] = [];
  try {
    const [urls] = await Promise.all([subgraphs.hear(({ ready }) => ready), clients.hear(({ ready }) => ready)]);
    writeSupergraph(file, urls.own);
    const { plain, changed } = variantsOf(readFileSync(file, 'utf8'));
    const collecting = fileURLToPath(new URL('./kit/collect-on-signal.js', import.meta.url));
    const server = await startServer({
      name: 'Maplebridge',
      args: [
        ...['--expose-gc', '--import', collecting, join(projectRoot, 'bin', 'maplebridge.mjs')],
        ...['gateway', '--open', '--port', '0', '--supergraph', file],
      ],
      core: CORES.gateway,
    });
    const client = createGraphqlClient(new URL(server.url).origin, 'nobody', 1);
    const questions = await mixOf(client);
    for (let minute = 1; minute <= minutes; minute++) {
      const loaded = clients.hear((said) => said.loaded);
      clients.tell({ url: server.url, questions, clients: CLIENTS, warmMs: 0, ms: MINUTE_MS });
      await delay(REPLACED_AFTER_MS);
      const change = minute % 2 === 1;
      const takenUp = await replaceSupergraph(client, file, change ? changed : plain, change);
      const one = { load: await loaded, takenUp, left: await whatIsLeft(server) };
      own.push(one);
      say(`minute ${minute}: ${describe(one)}`);
      for (const fault of one.load.firstFaults) say(`    ${fault}`);
    }
    await client.close();
    await server.end();
  } finally {
    await Promise.all([subgraphs.end(), clients.end()]);
    rmSync(folder, { recursive: true, force: true });
  }
  const faults = own.reduce((sum, { load }) => sum + load.faults, 0);
  report.check({
    name: 'Requests that failed or were answered wrongly',
    ...{ value: whole(faults), wanted: 'none', met: faults === 0 },
  });
  const missed = own.filter(({ takenUp }) => takenUp === null).length;
  report.check({
    name: 'Supergraphs that were not taken up',
    ...{ value: `${missed} of ${own.length}`, wanted: 'none', met: missed === 0 },
  });
  const [steady, last] = [own[Math.min(STEADY_MINUTE, own.length) - 1], own.at(-1)];
  if (steady && last) {
    const growth = last.left.residentBytes / steady.left.residentBytes;
    report.check({
      name: `Memory at the end over that after minute ${Math.min(STEADY_MINUTE, own.length)}`,
      ...{ value: growth.toFixed(2), wanted: `at most ${MOST_GROWTH}`, met: growth <= MOST_GROWTH },
    });
  }
  return report.finish();
}
