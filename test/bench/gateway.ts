/**
 * Our gateway beside others: the same supergraph, the same subgraphs and data, answers compared by their hash. The gateway has a core
 * to itself; its subgraphs and clients share another. Nobody shares requests between clients.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf } from './kit/canonical.ts';
import { createReport, load, milliseconds, say, seconds, takenByHost, watchHost } from './kit/figures.ts';
import { startProgram, type MeasuredProgram } from './kit/measured-program.ts';
import { installPeers } from './kit/peers.ts';
import { canPin, CORES } from './kit/pin.ts';
import type { ClientsSaid, LoadOrder, LoadResult, Question } from './gateway-clients.ts';
import { CONTENDERS, startContender, writeSupergraph, type Contender, type Scene } from './gateway-contenders.ts';
import { judge, printOfQuestion, printTable, type BareRound, type Cell, type OfQuestion } from './gateway-figures.ts';
import {
  agree,
  ASKS_FOR_ITSELF,
  heldBy,
  watchManner,
  type Manner,
  type Standing,
  type Subgraphs,
} from './gateway-probe.ts';
import { QUESTIONS, type Asked } from './gateway-questions.ts';
import type { SubgraphsSaid } from './gateway-subgraphs.ts';

export interface GatewayBench {
  readonly gateways: readonly string[];
  readonly queries: readonly string[];
  readonly clients: readonly number[];
  readonly delays: readonly number[];
  /** Of one measurement. */
  readonly seconds: number;
  readonly profile: string | undefined;
}

/** Once after its start, with eight clients: until then V8 is still compiling. Before every measurement for a moment again. */
const FIRST_WARM_MS = 10_000;
const WARM_MS = 700;
const WARM_CLIENTS = 8;

const SMALLEST: Question = { query: '{ __typename }', variables: {}, digest: digestOf({ __typename: 'Query' }) };

interface Rig {
  readonly scene: Scene;
  readonly subgraphs: Subgraphs;
  readonly clients: MeasuredProgram<ClientsSaid>;
  /** Where the gateway is: it asks one subgraph, as a gateway would. */
  readonly bare: Bare;
}

interface Bare {
  readonly url: string;
  readonly client: MeasuredProgram<ClientsSaid>;
}

interface Measured {
  readonly cells: Cell[];
  readonly ofQuestions: OfQuestion[];
  readonly bareRounds: BareRound[];
}

type Loaded = LoadResult & Pick<Cell, 'cpuMs' | 'aroundShare' | 'heldMs' | 'fetches'>;

/** Any fault ends the bench: a gateway that fails or answers otherwise under load is not compared. */
async function loadOn({ subgraphs, clients }: Rig, { contender, server }: Standing, order: LoadOrder): Promise<Loaded> {
  const around = async () => (await subgraphs.usage()).cpuMs + (await clients.usage()).cpuMs;
  const [began, aroundBefore, before] = [performance.now(), await around(), server.cpuMs()];
  await heldBy(subgraphs);
  const loaded = clients.hear((said) => said.loaded);
  clients.tell(order);
  const result = await loaded;
  const held = await heldBy(subgraphs);
  if (result.faults > 0) throw new Error(`${contender.title}: ${result.firstFaults.join('; ')}`);
  const after = server.cpuMs();
  const cpuMs = after === null || before === null ? null : (after - before) / result.allAnswers;
  const aroundShare = ((await around()) - aroundBefore) / (performance.now() - began);
  return { ...result, cpuMs, aroundShare, heldMs: held.ms, fetches: held.answers / result.allAnswers };
}

/** In the same run, and on the same cores: what they take to send and to read is the machine's. */
async function measureBare({ url, client }: Bare, delayMs: number, ms: number): Promise<BareRound> {
  const loaded = client.hear((said) => said.loaded);
  client.tell({ url, questions: [SMALLEST], clients: 1, warmMs: WARM_MS, ms } satisfies LoadOrder);
  const { p50, firstFaults } = await loaded;
  if (firstFaults.length > 0) throw new Error(`A subgraph by itself: ${firstFaults.join('; ')}`);
  say(`\nOne round without a gateway, subgraphs take ${delayMs} ms: p50 ${milliseconds(p50)}`);
  return { delayMs, ms: p50 };
}

/** All of them, idle but for the one that is asked: so that they are measured one right after another. */
async function startAll(rig: Rig, contenders: readonly Contender[], standing: Standing[]): Promise<void> {
  for (const contender of contenders) {
    try {
      standing.push({ contender, server: await startContender(contender, rig.scene) });
    } catch (error) {
      if (!contender.mayFail) throw error;
      say(`  LEFT OUT: ${String(error)}`);
    }
  }
}

async function measure(rig: Rig, asked: Asked, bench: GatewayBench, standing: readonly Standing[], measured: Measured) {
  const { able, questions } = await agree(standing, asked);
  const manners = new Map<string, Manner>();
  for (const one of able) {
    const { isLocal, name } = one.contender;
    if (!isLocal) manners.set(name, await watchManner(rig.subgraphs, one, asked));
    const warming = { url: one.server.url, questions, clients: WARM_CLIENTS, warmMs: 0, ms: FIRST_WARM_MS };
    await loadOn(rig, one, warming);
  }
  for (const delayMs of bench.delays) {
    rig.subgraphs.tell({ delayMs });
    if (delayMs > 0 && asked.letter === 'a')
      measured.bareRounds.push(await measureBare(rig.bare, delayMs, bench.seconds * 1_000));
    for (const clients of bench.clients)
      for (const one of able) {
        if (one.contender.isLocal && delayMs > 0) continue;
        const order = { url: one.server.url, questions, clients, warmMs: WARM_MS, ms: bench.seconds * 1_000 };
        const where = { contender: one.contender.name, letter: asked.letter, delayMs, clients };
        const loaded = await loadOn(rig, one, order);
        if (loaded.fetches < ASKS_FOR_ITSELF * (manners.get(one.contender.name)?.fetches ?? 0))
          throw new Error(`${one.contender.title} asks its subgraphs less often under load: it shares or remembers.`);
        measured.cells.push({ ...loaded, ...where });
      }
    printTable(measured, asked, delayMs);
  }
  rig.subgraphs.tell({ delayMs: 0 });
  for (const { contender, server } of able)
    measured.ofQuestions.push({
      ...{ contender: contender.name, letter: asked.letter },
      ...{ manner: manners.get(contender.name) ?? null, peakBytes: server.peakBytes() },
    });
  printOfQuestion(measured, asked);
}

async function benchQuestion(rig: Rig, asked: Asked, bench: GatewayBench, measured: Measured): Promise<void> {
  const contenders = CONTENDERS.filter(({ name }) => bench.gateways.includes(name));
  say(`\n(${asked.letter}) ${asked.name}`);
  const standing: Standing[] = [];
  try {
    await startAll(rig, contenders, standing);
    await measure(rig, asked, bench, standing, measured);
  } finally {
    await Promise.all(standing.map(({ server }) => server.end()));
  }
}

/** True when every target is met. */
export async function benchGateway(bench: GatewayBench): Promise<boolean> {
  const report = createReport();
  installPeers();
  say(canPin() ? 'Gateway on core 0, subgraphs and clients on core 1.' : 'NOT PINNED: no taskset, or a single core.');
  const folder = mkdtempSync(join(tmpdir(), 'maplebridge-gateways-'));
  const around = { env: { NODE_ENV: 'production' }, core: CORES.around, profile: undefined };
  const subgraphs = startProgram<SubgraphsSaid>({ name: 'gateway-subgraphs', ...around });
  const clients = startProgram<ClientsSaid>({ name: 'gateway-clients', ...around });
  const client = startProgram<ClientsSaid>({ name: 'gateway-clients', ...around, core: CORES.gateway });
  try {
    const [urls] = await Promise.all([
      subgraphs.hear(({ ready }) => ready),
      ...[clients, client].map((program) => program.hear(({ ready }) => ready)),
    ]);
    const [url = ''] = Object.values(urls.own);
    const scene = {
      ...{ supergraph: join(folder, 'supergraph.graphql'), services: join(folder, 'services.json') },
      profile: bench.profile,
    };
    writeSupergraph(scene.supergraph, urls.own);
    writeFileSync(scene.services, JSON.stringify(urls.federationOne));
    const measured: Measured = { cells: [], ofQuestions: [], bareRounds: [] };
    const [began, before, host] = [performance.now(), load(), watchHost()];
    for (const asked of QUESTIONS)
      if (bench.queries.includes(asked.letter))
        await benchQuestion({ scene, subgraphs, clients, bare: { url, client } }, asked, bench, measured);
    say(`\n${seconds(performance.now() - began)}; ${before} before, ${load()} after, ${takenByHost(host())}`);
    judge(measured, report);
    return report.finish();
  } finally {
    await Promise.all([subgraphs.end(), clients.end(), client.end()]);
    rmSync(folder, { recursive: true, force: true });
  }
}
