/** Before gateways are measured: that they say the same, and how each goes about it. */
import { digestOf, firstDifference } from './kit/canonical.ts';
import { median, say } from './kit/figures.ts';
import { createGraphqlClient } from './kit/graphql-client.ts';
import type { MeasuredProgram } from './kit/measured-program.ts';
import type { StartedServer } from './kit/started-server.ts';
import type { Question } from './gateway-clients.ts';
import type { Contender } from './gateway-contenders.ts';
import type { Asked } from './gateway-questions.ts';
import type { SubgraphsSaid } from './gateway-subgraphs.ts';

export type Subgraphs = MeasuredProgram<SubgraphsSaid>;

export interface Standing {
  readonly contender: Contender;
  readonly server: StartedServer;
}

/** Longer than any gateway takes for itself: how often it fits into an answer's time is how often the gateway waited. */
const ROUND_MS = 250;
const AT_ONCE = 4;

const clientOf = ({ server }: Standing, connections: number) =>
  createGraphqlClient(new URL(server.url).origin, 'nobody', connections);

/** What the subgraphs have answered since they were last asked. */
export async function heldBy(subgraphs: Subgraphs): Promise<{ readonly answers: number; readonly ms: number }> {
  const held = subgraphs.hear((said) => said.held);
  subgraphs.tell('held');
  return held;
}

async function answersOf(one: Standing, { query, variables }: Asked): Promise<unknown[]> {
  const client = clientOf(one, 1);
  const answers: unknown[] = [];
  for (const these of variables) answers.push((await client.ask(query, these)).data);
  await client.close();
  return answers;
}

/** A difference in words, or null. A gateway that need not run is left out loudly; any other ends the bench. */
async function compare(one: Standing, asked: Asked, right: readonly unknown[] | null) {
  const { title, mayFail } = one.contender;
  const fault = (why: string): null => {
    const told = `(${asked.letter}) ${title} ${why}`;
    if (!mayFail) throw new Error(told);
    say(`  LEFT OUT: ${told}`);
    return null;
  };
  const answers = await answersOf(one, asked).catch((error: unknown) => fault(`cannot answer: ${String(error)}`));
  if (answers === null) return null;
  const difference = right === null ? null : firstDifference(right, answers);
  return difference === null ? answers : fault(`answers otherwise than the first: ${difference}`);
}

/** Those that answer, and the questions with what all of them say. */
export async function agree(
  standing: readonly Standing[],
  asked: Asked,
): Promise<{ readonly able: readonly Standing[]; readonly questions: readonly Question[] }> {
  const able: Standing[] = [];
  let right: unknown[] | null = null;
  for (const one of standing) {
    const answers: unknown[] | null = await compare(one, asked, right);
    if (answers === null) continue;
    right ??= answers;
    able.push(one);
  }
  const { query, variables } = asked;
  const questions = (right ?? []).map((data, at) => ({
    query,
    variables: variables[at] ?? {},
    digest: digestOf(data),
  }));
  const kib = median((right ?? []).map((data) => Buffer.byteLength(JSON.stringify(data)) / 1_024));
  say(`  ${questions.length} answers of ${kib.toFixed(1)} KiB, equal from ${able.length} gateways`);
  return { able, questions };
}

export interface Manner {
  /** Waits for subgraphs, one after another. */
  readonly rounds: number;
  /** Requests to subgraphs for one answer. */
  readonly fetches: number;
}

/** Who shares asks once for all; who joins what is ready together asks a little more or less often each time. */
export const ASKS_FOR_ITSELF = 0.6;

/** Asked once, then by several at once: a gateway that then asks its subgraphs far less often each shares requests, which none may here. */
export async function watchManner(subgraphs: Subgraphs, one: Standing, asked: Asked): Promise<Manner> {
  const client = clientOf(one, AT_ONCE);
  const ask = () => client.ask(asked.query, asked.variables[0] ?? {});
  await heldBy(subgraphs);
  subgraphs.tell({ delayMs: ROUND_MS });
  const { ms } = await ask();
  const fetches = (await heldBy(subgraphs)).answers;
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
  const together = (await heldBy(subgraphs)).answers;
  subgraphs.tell({ delayMs: 0 });
  await client.close();
  if (together < AT_ONCE * fetches * ASKS_FOR_ITSELF)
    throw new Error(`${one.contender.title} shares requests: ${fetches} for one, ${together} for ${AT_ONCE} at once.`);
  return { rounds: Math.floor(ms / ROUND_MS), fetches };
}
