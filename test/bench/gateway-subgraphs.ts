/**
 * The made-up subgraphs over HTTP, each at an address of its own. What has been asked once is answered from memory, byte for byte, so that
 * they take next to nothing of what a gateway takes; a delay is what a department's system would need.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toFederationOne } from './kit/federation-one.ts';
import { createMadeUpRunners, type MadeUpRequest, type MadeUpRunner } from './kit/made-up-runners.ts';
import { answerUsage, type Usage } from './kit/usage.ts';

export type SubgraphsCommand = 'usage' | 'held' | { readonly delayMs: number };

export type Addresses = Readonly<Record<string, string>>;

export interface SubgraphsSaid {
  /** Addresses by name: with our own schemas, and with the same as Federation 1 says it. */
  readonly ready?: { readonly own: Addresses; readonly federationOne: Addresses };
  /** How many answers, and how long one was held back on average: a timer is never exact. Counted anew from then on. */
  readonly held?: { readonly answers: number; readonly ms: number };
  readonly usage?: Usage;
}

let delayMs = 0;
let answers = 0;
let heldMs = 0;
let underWay = 0;

/** So much too late a timer may be. */
const LATE_MS = 2;
/** As many as one client's at once: with more the clock would be looked at all the time. */
const FEW = 8;

/** To the moment, where few wait: a timer's being late would pass for the gateway's. */
function holdBack(since: number, send: () => void): void {
  underWay += 1;
  const leave = (): void => {
    underWay -= 1;
    send();
  };
  if (underWay > FEW) {
    setTimeout(leave, delayMs);
    return;
  }
  const until = since + delayMs;
  const look = (): void => {
    if (performance.now() < until) setImmediate(look);
    else leave();
  };
  setTimeout(look, delayMs - LATE_MS);
}

const compute = async (run: MadeUpRunner, body: Buffer): Promise<Buffer> =>
  Buffer.from(JSON.stringify(await run(JSON.parse(body.toString()) as MadeUpRequest)));

function send(response: ServerResponse, answer: Buffer, since: number): void {
  answers += 1;
  heldMs += performance.now() - since;
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length }).end(answer);
}

function serve(run: MadeUpRunner) {
  const known = new Map<string, Buffer>();
  const answer = (body: Buffer, response: ServerResponse): void => {
    const key = body.toString('latin1');
    const since = performance.now();
    const done = (bytes: Buffer): void => {
      if (delayMs === 0) return send(response, bytes, since);
      holdBack(since, () => send(response, bytes, since));
    };
    const before = known.get(key);
    if (before) return done(before);
    compute(run, body).then(
      (bytes) => {
        known.set(key, bytes);
        done(bytes);
      },
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  };
  return (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer(Buffer.concat(chunks), response));
  };
}

async function listen(run: MadeUpRunner): Promise<string> {
  const server = createServer({ keepAliveTimeout: 600_000, requestTimeout: 0 }, serve(run));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
}

const tell = answerUsage(() => 0);
process.on('message', (command: SubgraphsCommand) => {
  if (typeof command === 'object') delayMs = command.delayMs;
  if (command !== 'held') return;
  tell({ held: { answers, ms: heldMs / Math.max(1, answers) } });
  answers = heldMs = 0;
});

async function listenAll(runners: ReadonlyMap<string, MadeUpRunner>): Promise<Addresses> {
  const served = [...runners].map(async ([name, run]) => [name, await listen(run)] as const);
  return Object.fromEntries(await Promise.all(served));
}

const [own, federationOne] = await Promise.all([
  listenAll(createMadeUpRunners()),
  listenAll(createMadeUpRunners(toFederationOne)),
]);
tell({ ready: { own, federationOne } });
