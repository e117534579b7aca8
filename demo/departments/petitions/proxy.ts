/** Stands before the bureau's database: takes as long as such a server takes, counts what is asked, misbehaves on command. */
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { StandInContext } from '../kit/stand-in.ts';
import { createReader, fatal, noise, START, startCode, statementOf, strangeRow } from './messages.ts';
import type { FrontendMessage } from './messages.ts';

export interface Proxy {
  listen(port: number): Promise<number>;
  unlisten(): Promise<void>;
}

export interface ProxyDeps {
  readonly context: Pick<StandInContext, 'behaviour' | 'count' | 'latency'>;
  /** Asked at every new connection: a restarted server may have moved. */
  readonly target: () => { readonly host: string; readonly port: number };
}

const CLOSED = fatal('57P03', '数据库正在维护');

function kindOf(statement: string): 'byKey' | 'changes' | 'other' {
  if (statement.includes('/* by-key */') || /=\s*any/i.test(statement)) return 'byKey';
  return statement.includes('/* scan */') ? 'changes' : 'other';
}

export function createProxy({ context, target }: ProxyDeps): Proxy {
  const open = new Set<Socket>();
  let turns = 0;

  const serve = (client: Socket): void => {
    const server = connect(target());
    const gone = new AbortController();
    const reader = createReader();
    let started = false;
    let asked: FrontendMessage[] = [];
    let turn: Promise<void> = Promise.resolve();
    open.add(client);
    const end = (): void => {
      open.delete(client);
      gone.abort();
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on('error', end);
      socket.on('close', end);
    }
    server.pipe(client, { end: false });

    /** In place of an answer; nothing that the server says comes after it. */
    const last = (bytes: Buffer): void => {
      server.unpipe(client);
      client.end(bytes);
    };
    /** One round trip: all that was sent up to a Sync or a simple Query. */
    const roundTrip = async (messages: readonly FrontendMessage[]): Promise<void> => {
      const statement = messages.map(statementOf).find((found) => found !== null) ?? '';
      context.count(kindOf(statement));
      await context.latency(gone.signal);
      if (gone.signal.aborted) return;
      const { mode } = context.behaviour();
      if (mode === 'refuse') return last(CLOSED);
      if (mode === 'garbage') {
        turns += 1;
        // In turn: rows of something else, and bytes that are no message at all.
        return last(turns % 2 === 1 ? strangeRow('xtts', '系统提示') : noise);
      }
      server.write(Buffer.concat(messages.map(({ bytes }) => bytes)));
    };
    const start = (message: FrontendMessage): void => {
      const code = startCode(message);
      if (code === START.SSL || code === START.GSS) {
        client.write('N');
      } else if (code !== START.CANCEL && context.behaviour().mode === 'refuse') {
        last(CLOSED);
      } else {
        started = true;
        server.write(message.bytes);
      }
    };
    client.on('data', (chunk: Buffer) => {
      for (const message of reader(chunk, () => started)) {
        if (message.type === '') {
          start(message);
        } else if (message.type === 'p') {
          // Passwords: the two sides agree on them between themselves.
          server.write(message.bytes);
        } else {
          asked.push(message);
          if (!'SQX'.includes(message.type)) continue;
          const messages = asked;
          asked = [];
          if (message.type === 'X') turn.then(end, end);
          else turn = turn.then(() => roundTrip(messages)).catch(end);
        }
      }
    });
  };

  let listener: Server | null = null;
  return {
    listen: (port) =>
      new Promise((resolve, reject) => {
        const server = createServer(serve);
        server.once('error', reject);
        server.listen(port, '127.0.0.1', () => {
          listener = server;
          resolve((server.address() as AddressInfo).port);
        });
      }),
    async unlisten() {
      const server = listener;
      if (server === null) return;
      listener = null;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const client of open) client.destroy();
      await closed;
    },
  };
}
