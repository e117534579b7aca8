/** What was measured of gateways, as tables, and what was promised of it. */
import { mebibytes, milliseconds, say, type Report } from './kit/figures.ts';
import { CONTENDERS } from './gateway-contenders.ts';
import type { LoadResult } from './gateway-clients.ts';
import type { Manner } from './gateway-probe.ts';
import type { Asked } from './gateway-questions.ts';

export interface Cell extends LoadResult {
  readonly contender: string;
  readonly letter: Asked['letter'];
  readonly delayMs: number;
  readonly clients: number;
  /** The gateway's for one answer. Others at work on the machine change it least. Null where the system does not tell. */
  readonly cpuMs: number | null;
  /** How busy subgraphs and clients were, 0 to 1: near 1 it is they who were measured. */
  readonly aroundShare: number;
  /** How long a subgraph really held back its answer: a timer is never exact. */
  readonly heldMs: number;
  /** Requests to subgraphs for one answer, on average. */
  readonly fetches: number;
}

export interface OfQuestion {
  readonly contender: string;
  readonly letter: Asked['letter'];
  /** Null in process. */
  readonly manner: Manner | null;
  readonly peakBytes: number | null;
}

/** What one wait for a subgraph takes where no gateway is: the smallest query, there and back. */
export interface BareRound {
  readonly delayMs: number;
  readonly ms: number;
}

export interface Figures {
  readonly cells: readonly Cell[];
  readonly bareRounds: readonly BareRound[];
  readonly ofQuestions: readonly OfQuestion[];
}

type Find = Pick<Cell, 'contender' | 'letter' | 'delayMs' | 'clients'>;

/** The view at 8 clients without delays is what the targets are about; elsewhere as fast as stock is enough. */
const MAIN = { letter: 'a', delayMs: 0, clients: 8 } as const;
const TIMES = { stock: 7, hive: 2, inProcess: 12 };
const LATENCY = 0.2;
const OVERHEAD = 0.2;
const BUSY = 0.9;
/** Two measurements of one program differ by as much. */
const NOISE = 0.03;

const find = ({ cells }: Figures, wanted: Find): Cell | undefined =>
  cells.find(
    ({ contender, letter, delayMs, clients }) =>
      contender === wanted.contender &&
      letter === wanted.letter &&
      delayMs === wanted.delayMs &&
      clients === wanted.clients,
  );

const titleOf = (name: string): string => CONTENDERS.find((one) => one.name === name)?.title ?? name;

const times = (value: number, of: number | null | undefined): string =>
  of == null ? '' : ` (${(value / of).toFixed(2)} ×)`;

/** One line for each gateway; in brackets how many times stock’s. */
export function printTable(figures: Figures, asked: Asked, delayMs: number): void {
  const cells = figures.cells.filter((cell) => cell.letter === asked.letter && cell.delayMs === delayMs);
  if (cells.length === 0) return;
  say(`\n(${asked.letter}) ${asked.name}, subgraphs take ${delayMs} ms`);
  for (const clients of new Set(cells.map((cell) => cell.clients))) {
    say(`  ${clients} client(s)`);
    for (const cell of cells.filter((one) => one.clients === clients)) {
      const stock = find(figures, { ...cell, contender: 'stock' });
      const rate = `${cell.perSecond.toFixed(0)}/s${times(cell.perSecond, stock?.perSecond)}`;
      const p50 = `p50 ${milliseconds(cell.p50)}${times(cell.p50, stock?.p50)}`;
      const tails = `p95 ${milliseconds(cell.p95)}  p99 ${milliseconds(cell.p99)}`;
      const cpu = cell.cpuMs === null ? '' : `CPU ${milliseconds(cell.cpuMs)}${times(cell.cpuMs, stock?.cpuMs)}`;
      const around = cell.aroundShare > BUSY ? '  (subgraphs and clients were the limit)' : '';
      say(
        `    ${titleOf(cell.contender).padEnd(28)} ${rate.padEnd(18)} ${p50.padEnd(25)} ${tails.padEnd(28)} ${cpu}${around}`,
      );
    }
  }
}

export function printOfQuestion({ ofQuestions }: Figures, asked: Asked): void {
  say(`\n(${asked.letter}) peak memory, and how subgraphs are asked for one answer`);
  for (const { contender, letter, manner, peakBytes } of ofQuestions) {
    if (letter !== asked.letter) continue;
    const memory = peakBytes === null ? 'not told here' : mebibytes(peakBytes);
    const asking = manner === null ? '' : `${manner.fetches} requests in ${manner.rounds} rounds`;
    say(`    ${titleOf(contender).padEnd(28)} ${memory.padEnd(20)} ${asking}`);
  }
}

/** Milliseconds at one client beyond what a question needs of anybody, who has a gateway or not. */
interface Overhead {
  /** The fewest rounds that any gateway took, each a bare one. */
  readonly aboveBare: number;
  /** As many, each only as long as a subgraph held back its answer: what a system needs to send and to read is the gateway’s then. */
  readonly aboveHeld: number;
}

function overheadOf(figures: Figures, contender: string, { letter, delayMs }: Pick<Cell, 'letter' | 'delayMs'>) {
  const rounds = Math.min(
    ...figures.ofQuestions.flatMap((one) => (one.letter === letter ? (one.manner?.rounds ?? []) : [])),
  );
  const cell = find(figures, { contender, letter, delayMs, clients: 1 });
  const bare = figures.bareRounds.find((one) => one.delayMs === delayMs);
  if (!cell || !bare) return null;
  return { aboveBare: cell.p50 - rounds * bare.ms, aboveHeld: cell.p50 - rounds * cell.heldMs } satisfies Overhead;
}

function judgeOverhead(figures: Figures, report: Report, delayMs: number): void {
  const where = { letter: MAIN.letter, delayMs };
  const [ours, stock] = [overheadOf(figures, 'ours', where), overheadOf(figures, 'stock', where)];
  if (!ours || !stock) return;
  const name = `the view, ${delayMs} ms, 1 client: ${milliseconds(ours.aboveBare)} above the critical path over stock’s ${milliseconds(stock.aboveBare)}`;
  checkAtMost(report, name, ours.aboveBare / stock.aboveBare, OVERHEAD);
  say(
    `       (above what subgraphs held back alone: ${milliseconds(ours.aboveHeld)} over ${milliseconds(stock.aboveHeld)}${times(ours.aboveHeld, stock.aboveHeld)})`,
  );
}

function checkAtLeast(report: Report, name: string, value: number | undefined, wanted: number): void {
  if (value === undefined) return;
  report.check({ name, value: `${value.toFixed(2)} ×`, wanted: `at least ${wanted} ×`, met: value >= wanted });
}

function checkAtMost(report: Report, name: string, value: number | undefined, wanted: number): void {
  if (value === undefined) return;
  report.check({ name, value: `${value.toFixed(2)} ×`, wanted: `at most ${wanted} ×`, met: value <= wanted });
}

const over = (a: number | null | undefined, b: number | null | undefined): number | undefined =>
  a == null || b == null ? undefined : a / b;

/** Only what was measured is judged. */
export function judge(figures: Figures, report: Report): void {
  const rate = (contender: string, where: Omit<Find, 'contender'> = MAIN) =>
    find(figures, { ...where, contender })?.perSecond;
  checkAtLeast(report, 'the view, 8 clients: requests over stock’s', over(rate('ours'), rate('stock')), TIMES.stock);
  checkAtLeast(report, 'the view, 8 clients: requests over Hive’s', over(rate('ours'), rate('hive')), TIMES.hive);
  const inProcess = 'the view, 8 clients, in process: requests over stock’s (over HTTP)';
  checkAtLeast(report, inProcess, over(rate('ours-local'), rate('stock')), TIMES.inProcess);
  const p50 = (contender: string) => find(figures, { ...MAIN, clients: 1, contender })?.p50;
  checkAtMost(report, 'the view, 1 client: latency over stock’s', over(p50('ours'), p50('stock')), LATENCY);
  const peak = (contender: string) =>
    figures.ofQuestions.find((one) => one.contender === contender && one.letter === MAIN.letter)?.peakBytes;
  checkAtMost(report, 'the view: peak memory over stock’s', over(peak('ours'), peak('stock')), 1);
  for (const { letter, delayMs, clients } of figures.cells.filter(({ contender }) => contender === 'ours')) {
    const where = { letter, delayMs, clients };
    const name = `(${letter}) ${delayMs} ms, ${clients} client(s): never slower than stock`;
    checkAtLeast(report, name, over(rate('ours', where), rate('stock', where)), 1 - NOISE);
  }
  for (const delayMs of new Set(figures.cells.map((cell) => cell.delayMs))) {
    if (delayMs > 0) judgeOverhead(figures, report, delayMs);
  }
}
