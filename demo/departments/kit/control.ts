/** The control port of a stand-in and its client: misbehave, heal, count, change a row. Loopback only, with a token. */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '../../../core/platform/errors.ts';
import type { DepartmentName } from '../../county/model.ts';
import type { Counters } from './stand-in.ts';
import { readState } from './state-file.ts';

const behave = z.union([
  z.strictObject({ slowMs: z.number().int().positive().max(600_000) }),
  z.strictObject({ mode: z.enum(['refuse', 'garbage', 'stop', 'heal']) }),
]);
export type BehaveRequest = z.infer<typeof behave>;

export interface ControlledStandIn {
  behave(request: BehaveRequest): Promise<void>;
  counters(): Counters;
  reset(): void;
  change(request: unknown): Promise<unknown>;
}

const MAX_BODY = 1024 * 1024;

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_BODY) throw new AppError('BAD_USER_INPUT', 'The request is too large.');
    parts.push(part);
  }
  const text = Buffer.concat(parts).toString('utf8');
  return text === '' ? null : JSON.parse(text);
}

export function createControlServer(token: string, standIn: ControlledStandIn): Server {
  const answer = async (request: IncomingMessage): Promise<unknown> => {
    switch (`${request.method} ${request.url}`) {
      case 'POST /behave':
        return standIn.behave(behave.parse(await bodyOf(request)));
      case 'GET /counters':
        return standIn.counters();
      case 'POST /reset':
        return standIn.reset();
      case 'POST /change':
        return standIn.change(await bodyOf(request));
      default:
        throw new AppError('NOT_FOUND', 'No such command.');
    }
  };
  const send = (response: ServerResponse, status: number, body: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body ?? {}));
  };
  const expected = Buffer.from(`Bearer ${token}`);
  return createServer((request, response) => {
    const given = Buffer.from(request.headers.authorization ?? '');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      send(response, 401, { message: 'The token of the state file is needed.' });
      return;
    }
    answer(request).then(
      (body) => send(response, 200, body),
      (error: unknown) =>
        send(response, 400, { message: error instanceof AppError ? error.message : 'Not understood.' }),
    );
  });
}

export interface DepartmentControl {
  behave(request: BehaveRequest): Promise<void>;
  counters(): Promise<Counters>;
  reset(): Promise<void>;
  change(request: unknown): Promise<unknown>;
}

/** Commands the stand-in whose state lies in `dir`, in whatever process it runs. */
export function controlOf(dir: string, name: DepartmentName): DepartmentControl {
  const call = async (method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> => {
    const state = readState(dir, name);
    const absent = (cause?: unknown): AppError =>
      new AppError('NOT_FOUND', `The stand-in for ${name} is not running; start it with maplebridge start.`, { cause });
    if (state === null) throw absent();
    let response: Response;
    try {
      response = await fetch(`http://127.0.0.1:${state.controlPort}${path}`, {
        method,
        headers: { authorization: `Bearer ${state.token}` },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (error) {
      throw absent(error);
    }
    const answer: unknown = await response.json();
    if (response.ok) return answer;
    const refusal = z.object({ message: z.string() }).safeParse(answer);
    throw new AppError('BAD_USER_INPUT', refusal.success ? refusal.data.message : 'Refused.');
  };
  return {
    behave: async (request) => void (await call('POST', '/behave', request)),
    counters: async () => (await call('GET', '/counters')) as Counters,
    reset: async () => void (await call('POST', '/reset')),
    change: (request) => call('POST', '/change', request),
  };
}
