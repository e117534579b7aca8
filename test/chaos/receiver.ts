/** A department's system that is told: a real server, which verifies, honours ids, and notes everything that comes. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import type { Random } from '../../demo/county/random.ts';
import { createConduct, type Deed } from './conduct.ts';
import type { DepartmentCode, Temper } from './county.ts';
import type { Notes } from './notes.ts';

export interface Told {
  /** `webhook-id`. */
  readonly id: string;
  readonly type: string;
  readonly referral: string | null;
  readonly sequence: number | null;
  readonly data: Readonly<Record<string, unknown>>;
  readonly text: string;
}

export interface Receiver {
  readonly org: DepartmentCode;
  readonly url: string;
  trust(secret: string): void;
  /** Every message that it took, repetitions too, in the order in which they came. */
  readonly taken: readonly Told[];
  /** What it did upon them: once for each id. */
  readonly effects: ReadonlyMap<string, Told>;
  /** Resolves when it is told this of this referral, or has been. */
  heard(referral: string, type: string): Promise<Told>;
  calm(): void;
  close(): Promise<void>;
}

export interface ReceiverOptions {
  readonly org: DepartmentCode;
  readonly temper: Temper;
  readonly lot: Random;
  readonly doubles: number;
  readonly notes: Notes;
}

const LOOK_MS = 500;
const AWAY_MS = { from: 500, to: 2_000 } as const;

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const part of request.setEncoding('utf8')) text += part as string;
  return text;
};

const header = (request: IncomingMessage, name: string): string => String(request.headers[name] ?? '');

function toTold(id: string, text: string): Told {
  const { type, sequence, data } = JSON.parse(text) as Pick<Told, 'type' | 'data'> & { readonly sequence?: number };
  const { referral } = data;
  return { id, type, referral: typeof referral === 'string' ? referral : null, sequence: sequence ?? null, data, text };
}

export async function openReceiver({ org, temper, lot, doubles, notes }: ReceiverOptions): Promise<Receiver> {
  const conduct = createConduct({ temper, lot, doubles, now: () => performance.now() });
  const taken: Told[] = [];
  const effects = new Map<string, Told>();
  const heard = new Map<string, Told>();
  const waiting = new Map<string, ((told: Told) => void)[]>();
  let webhook: Webhook | null = null;
  let isClosed = false;

  function take(told: Told): void {
    taken.push(told);
    const known = effects.get(told.id);
    if (known) {
      notes.count('messages received: repetitions');
      if (known.text !== told.text) notes.violations.push(`${org}: message ${told.id} came with two bodies`);
      return;
    }
    notes.count('messages received');
    effects.set(told.id, told);
    const key = `${told.referral ?? ''} ${told.type}`;
    heard.set(key, told);
    for (const go of waiting.get(key) ?? []) go(told);
    waiting.delete(key);
  }

  function answer(deed: Deed, told: Told, response: ServerResponse, cameAt: number): void {
    if (deed.kind === 'takes') {
      take(told);
      response.writeHead(204).end(() => conduct.succeeded(cameAt));
      return;
    }
    notes.count(`a receiver ${deed.kind === 'hangs' ? 'never answered' : `answered ${deed.status}`}`);
    if (deed.kind === 'hangs') return take(told);
    if (deed.isTaken) take(told);
    response.writeHead(deed.status, deed.retryAfter === null ? {} : { 'retry-after': String(deed.retryAfter) }).end();
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const cameAt = performance.now();
    const text = await bodyOf(request);
    const id = header(request, 'webhook-id');
    try {
      webhook?.verify(text, {
        'webhook-id': id,
        'webhook-timestamp': header(request, 'webhook-timestamp'),
        'webhook-signature': header(request, 'webhook-signature'),
      });
    } catch {
      notes.violations.push(`${org}: message ${id} is not signed as it must be`);
    }
    const told = toTold(id, text);
    answer(conduct.decide(id), told, response, cameAt);
  }

  let server: Server;
  const listen = (port: number): Promise<number> =>
    new Promise((resolve, reject) => {
      // Cut off in the middle of a request: it comes again.
      server = createServer((request, response) => void serve(request, response).catch(() => response.destroy()));
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
    });
  const goAway = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });

  const port = await listen(0);

  async function restartNowAndThen(): Promise<void> {
    while (!isClosed) {
      await delay(LOOK_MS);
      if (isClosed || !conduct.mayBeAway()) continue;
      notes.count('a receiver restarted');
      await goAway();
      await delay(lot.between(AWAY_MS.from, AWAY_MS.to));
      await listen(port);
      conduct.isBackAgain();
    }
  }
  const restarting = restartNowAndThen();

  return {
    ...{ org, taken, effects },
    url: `http://127.0.0.1:${port}/hook`,
    trust(secret) {
      webhook = new Webhook(secret);
    },
    heard(referral, type) {
      const key = `${referral} ${type}`;
      const told = heard.get(key);
      if (told) return Promise.resolve(told);
      return new Promise((resolve) => waiting.set(key, [...(waiting.get(key) ?? []), resolve]));
    },
    calm: () => conduct.calm(),
    async close() {
      isClosed = true;
      await restarting;
      await goAway();
    },
  };
}
