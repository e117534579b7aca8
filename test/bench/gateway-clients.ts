/** Clients of a gateway, in a process of their own: each asks again as soon as it has its answer, and every answer is looked at. */
import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';
import { digestOf } from './kit/canonical.ts';
import { percentile } from './kit/figures.ts';
import { answerUsage, type Usage } from './kit/usage.ts';

export interface Question {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Of the data that is right. */
  readonly digest: string;
}

export interface LoadOrder {
  readonly url: string;
  /** Asked in this order, over and over. */
  readonly questions: readonly Question[];
  readonly clients: number;
  readonly warmMs: number;
  readonly ms: number;
}

export interface LoadResult {
  readonly answers: number;
  /** Those of the warm-up too. */
  readonly allAnswers: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** How many went wrong, and the first of them in words. */
  readonly faults: number;
  readonly firstFaults: readonly string[];
}

export interface ClientsSaid {
  readonly ready?: true;
  readonly loaded?: LoadResult;
  readonly usage?: Usage;
}

const FAULTS_TOLD = 5;
/** A gateway that refuses is not asked as fast as it refuses. */
const AFTER_FAULT_MS = 20;

/** An answer is read once; from then on its bytes are known. */
function createCheck(questions: readonly Question[]): (at: number, status: number, bytes: Buffer) => string | null {
  const right: (Buffer | undefined)[] = [];
  return (at, status, bytes) => {
    if (right[at]?.equals(bytes)) return null;
    if (status !== 200) return `status ${status}: ${bytes.toString().slice(0, 300)}`;
    const { data, errors } = JSON.parse(bytes.toString()) as { data?: unknown; errors?: unknown };
    if (errors !== undefined) return `errors: ${JSON.stringify(errors).slice(0, 300)}`;
    if (digestOf(data) !== questions[at]?.digest) return `question ${at} was answered otherwise than before`;
    right[at] = bytes;
    return null;
  };
}

async function run({ url, questions, clients, warmMs, ms }: LoadOrder): Promise<LoadResult> {
  const pool = new Pool(new URL(url).origin, { connections: clients, pipelining: 1 });
  const { pathname } = new URL(url);
  const bodies = questions.map(({ query, variables }) => Buffer.from(JSON.stringify({ query, variables })));
  const check = createCheck(questions);
  const took: number[] = [];
  const faults: string[] = [];
  let next = 0;
  let allAnswers = 0;
  const ask = async (at: number): Promise<string | null> => {
    const body = bodies[at] as Buffer;
    const headers = { 'content-type': 'application/json' };
    const reply = await pool.request({ path: pathname, method: 'POST', headers, body });
    return check(at, reply.statusCode, Buffer.from(await reply.body.arrayBuffer()));
  };
  const client = async (from: number, until: number): Promise<void> => {
    for (let began = performance.now(); began < until;) {
      const fault = await ask(next++ % bodies.length).catch((error: unknown) => String(error));
      const now = performance.now();
      allAnswers += 1;
      if (fault !== null) {
        faults.push(fault);
        await delay(AFTER_FAULT_MS);
      }
      // Counted where it ended: one that began before is part of what a second gives.
      if (now >= from && now < until) took.push(now - began);
      began = now;
    }
  };
  const from = performance.now() + warmMs;
  await Promise.all(Array.from({ length: clients }, () => client(from, from + ms)));
  await pool.close();
  return {
    ...{ answers: took.length, allAnswers, perSecond: took.length / (ms / 1_000) },
    ...(took.length === 0
      ? { p50: NaN, p95: NaN, p99: NaN }
      : { p50: percentile(took, 0.5), p95: percentile(took, 0.95), p99: percentile(took, 0.99) }),
    ...{ faults: faults.length, firstFaults: faults.slice(0, FAULTS_TOLD) },
  };
}

const tell = answerUsage(() => 0);
process.on('message', (order: LoadOrder | string) => {
  if (typeof order === 'string') return;
  run(order).then(
    (loaded) => tell({ loaded }),
    (error: unknown) => {
      process.stderr.write(`The clients cannot go on: ${String(error)}\n`);
      process.exit(1);
    },
  );
});
tell({ ready: true });
