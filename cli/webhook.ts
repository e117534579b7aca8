import { appendFileSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomBytes } from 'node:crypto';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { parseSigningKey, parseVerifyingKey, type VerifyingKey } from '../core/delivery/secret.ts';
import { explainRefusal, isMessageId, sign, type RefusedSignature } from '../core/delivery/signature.ts';
import { systemClock, type Clock } from '../core/platform/clock.ts';
import { AppError, badInput } from '../core/platform/errors.ts';
import { AlreadySaid } from './already-said.ts';

const WHY: Readonly<Record<RefusedSignature, string>> = {
  'missing header': 'webhook-id, webhook-timestamp or webhook-signature is missing, or there twice',
  'malformed id': 'webhook-id is not 1 to 200 visible ASCII characters without a full stop',
  'malformed timestamp': 'webhook-timestamp is not a number of Unix seconds',
  'too old': 'webhook-timestamp is more than 5 minutes ago: is a clock wrong, or is this a replay?',
  'too new': 'webhook-timestamp is more than 5 minutes ahead: is a clock wrong?',
  'malformed signature': 'webhook-signature holds no v1,… v1a,… or v1sm3,… that can be read',
  'no match': 'no signature fits: another secret, or the body was changed on its way (even by one space)',
};

const MAX_BODY_BYTES = 1024 * 1024;
const TIMEOUT_MS = 15_000;

export interface ReceiverOptions {
  readonly keys: readonly VerifyingKey[];
  readonly path: string;
  /** The status for what is verified. */
  readonly answer: number;
  readonly clock: Pick<Clock, 'wall'>;
  readonly say: (line: string) => void;
  /** Called once for every verified message, not again for its repetitions. */
  readonly keep: (id: string, body: string) => void;
}

/** A receiver as a department would write one: verify the raw bytes, remember the id, answer. */
export function createReceiver({ keys, path, answer, clock, say, keep }: ReceiverOptions): Server {
  const seen = new Set<string>();

  async function statusOf(request: IncomingMessage): Promise<[number, string]> {
    if (request.method !== 'POST') return [405, `refused: ${request.method ?? ''} is not POST`];
    if (request.url?.split('?')[0] !== path) return [404, `refused: not sent to ${path}`];
    const body = await readBody(request);
    if (body === null) return [413, 'refused: larger than 1 MB'];
    const refusal = explainRefusal(keys, request.headers, body, clock.wall());
    const id = String(request.headers['webhook-id'] ?? '-');
    if (refusal !== null) return [401, `${JSON.stringify(id)} refused, ${refusal}: ${WHY[refusal]}`];
    const text = body.toString('utf8');
    const isRepeated = seen.has(id);
    seen.add(id);
    if (!isRepeated) keep(id, text);
    return [answer, `${id} ${isRepeated ? 'again' : 'verified'} ${describeBody(text)}`];
  }

  return createServer((request, response) => {
    void statusOf(request)
      .catch((): [number, string] => [400, 'refused: the connection broke off'])
      .then(([status, line]) => {
        say(`${clock.wall().toISOString()} ${status} ${line}`);
        response.writeHead(status, { 'content-type': 'text/plain' }).end();
      });
  });
}

async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    // Read to the end all the same: an answer given earlier would be lost with the connection.
    if (size <= MAX_BODY_BYTES) parts.push(part);
  }
  return size > MAX_BODY_BYTES ? null : Buffer.concat(parts);
}

function describeBody(text: string): string {
  const body = parseJson(text) as { type?: unknown; sequence?: unknown; data?: unknown } | null | undefined;
  if (body === undefined) return '(not JSON)';
  const sequence = body?.sequence === undefined ? '' : `#${JSON.stringify(body.sequence)} `;
  return `${JSON.stringify(body?.type ?? null)} ${sequence}${JSON.stringify(body?.data ?? null)}`;
}

/** Undefined when it is none. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface ListenOptions {
  readonly port: number;
  readonly secret: string | string[];
  readonly path: string;
  readonly out?: string;
  readonly answer: number;
}

async function listen({ port, secret, path, out, answer }: ListenOptions): Promise<void> {
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const keep = (id: string, body: string): void => {
    if (out) appendFileSync(out, `${JSON.stringify({ id, message: parseJson(body) ?? body })}\n`);
  };
  const keys = [secret].flat().map(parseVerifyingKey);
  const server = createReceiver({ keys, path, answer, clock: systemClock, say, keep });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(badInput('port', `Port ${port} cannot be listened on (${cause.code ?? 'unknown'}); give another.`));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  say(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}${path} (Ctrl-C ends it)`);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
  server.closeAllConnections();
  server.close();
}

export interface SendOptions {
  readonly url: string;
  readonly secret: string;
  readonly type: string;
  readonly data: string;
  readonly id?: string;
}

/** The answer's status and body. Nothing is checked beforehand: the gateway's own answer is what one wants to see. */
export async function sendWebhook(
  { url, secret, type, data, id = `msg_${randomBytes(12).toString('hex')}` }: SendOptions,
  clock: Pick<Clock, 'wall'>,
): Promise<{ readonly id: string; readonly status: number; readonly text: string }> {
  if (!isMessageId(id)) throw badInput('id', 'An id is 1 to 200 visible ASCII characters without a full stop.');
  if (!URL.canParse(url))
    throw badInput('url', 'The address cannot be read; give http://host:port/webhooks/in/{code}.');
  const content = parseJson(data.startsWith('@') ? readData(data.slice(1)) : data);
  if (content === undefined) throw badInput('data', 'The data are not JSON; give an object, or @ and a file’s name.');
  const timestamp = Math.floor(clock.wall().getTime() / 1_000);
  // Without a time of its own: what is sent again with the same id has to be the same bytes.
  const body = JSON.stringify({ type, data: content });
  const key = parseSigningKey(secret.startsWith('whsk_') ? 'V1A' : 'V1', secret);
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': sign([key], { id, timestamp, body }),
  };
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
    return { id, status: response.status, text: await response.text() };
  } catch (cause) {
    throw new AppError('SOURCE_UNAVAILABLE', 'Nobody answers at this address; is the gateway running?', { cause });
  }
}

function readData(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new AppError('BAD_USER_INPUT', `The file ${path} cannot be read.`, { cause });
  }
}

async function send(options: SendOptions): Promise<void> {
  const { id, status, text } = await sendWebhook(options, systemClock);
  process.stdout.write(`${id} ${status} ${text}\n`);
  if (status < 200 || status > 299) throw new AlreadySaid();
}

const whole = (min: number, max: number) => (text: string) => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) {
    throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
  }
  return value;
};

function parsePath(text: string): string {
  if (!text.startsWith('/')) throw new InvalidArgumentError('A path begins with /.');
  return text;
}

// An argument is seen by everybody on the machine and stays in the shell's history; the variable is not.
const secretOption = (flags: string, text: string): Option =>
  new Option(flags, text).env('WEBHOOK_SECRET').makeOptionMandatory();

export function addWebhookCommand(program: Command): void {
  const webhook = program.command('webhook').description('try webhooks out, in both directions');
  webhook
    .command('listen')
    .description('receive webhooks on this machine, verify them and print them')
    .requiredOption('--port <n>', 'where to listen; 0 is any free one', whole(0, 65_535))
    .addOption(secretOption('--secret <secret...>', 'whsec_… or whpk_…; two while one is being rotated'))
    .option('--path <path>', 'where messages come to', parsePath, '/hook')
    .option('--out <file>', 'append each verified message as a line of JSON')
    .option('--answer <status>', 'what to answer to verified messages', whole(200, 599), 200)
    .action(listen);
  webhook
    .command('send')
    .description('sign a message and send it to the gateway, as a department’s system would')
    .requiredOption('--url <url>', 'http://host:port/webhooks/in/{code of the organisation}')
    .addOption(secretOption('--secret <secret>', 'whsec_… of issueInboundSecret'))
    .requiredOption('--type <type>', 'such as referral.accept')
    .requiredOption('--data <json>', 'what stands in the message’s `data`, as JSON or @file')
    .option('--id <id>', 'webhook-id; the same id and data again are a repetition, and nothing happens twice')
    .action(send);
}
