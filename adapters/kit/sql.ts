/** SQL to one department's database: few connections, read-only, the caller's signal, and every value as the text it is there. */
import { connect } from 'node:net';
import pg from 'pg';
import type { SourceCode } from '../../core/department.ts';
import { orAborted } from './budget.ts';
import { wireFault } from './wire-fault.ts';
import type { WireFault } from './wire-fault.ts';

export type SqlRow = Readonly<Record<string, string | null>>;

export interface Sql {
  /** One statement, one round trip. When the signal fires the statement is cancelled there and its connection let go. */
  query(
    text: string,
    values: readonly unknown[],
    options: { readonly signal: AbortSignal },
  ): Promise<readonly SqlRow[]>;
  close(): Promise<void>;
}

export interface SqlOptions {
  readonly source: SourceCode;
  /** `postgres://user:password@host:port/database`, with `?sslmode=…` where the department wants it. */
  readonly url: string;
  readonly connections: number;
  /** After this the department's server itself gives a statement up, should nobody be left here to cancel it. */
  readonly statementTimeoutMs: number;
}

const CONNECT_MS = 5_000;
/** All connections that we may have are taken: by another process of ours, or by one that died and is not noticed yet. */
const WHEN_FULL_MS = 200;
const CANCEL_REQUEST = 80_877_102;

const asText: pg.CustomTypesConfig = { getTypeParser: () => (value: string) => value };

/** Every SQLSTATE and socket error in the kit's words. Messages of the server are dropped: they may quote what was asked. */
function toFault(source: SourceCode, error: unknown): WireFault {
  if (!(error instanceof pg.DatabaseError)) {
    const text = error instanceof Error ? error.message : '';
    // pg's own words for replies that are none of the protocol's.
    if (/authenticationOk|SASL|row description|unexpected/i.test(text) && !/terminated/i.test(text))
      return wireFault(source, 'unparsable', { field: '(protocol)' });
    return wireFault(source, 'unreachable', { cause: error });
  }
  const code = error.code ?? '';
  if (code === '') return wireFault(source, 'unparsable', { field: '(protocol)' });
  if (code === '53300') return wireFault(source, 'limited', { retryAfterMs: WHEN_FULL_MS });
  if (code === '57014') return wireFault(source, 'slow');
  if (/^(08|57P0[12])/.test(code)) return wireFault(source, 'unreachable');
  return wireFault(source, 'refused', { cause: new Error(`SQLSTATE ${code}`) });
}

/** Asks the server to stop what the connection does, in the protocol's own way: on a connection that counts for nobody. */
function cancel(client: pg.Client): void {
  // Missing in the types: what the server said at the start of the connection.
  const { processID, secretKey } = client as unknown as { processID: number | null; secretKey: number | null };
  if (typeof processID !== 'number' || typeof secretKey !== 'number') return;
  const request = Buffer.alloc(16);
  request.writeInt32BE(16, 0);
  request.writeInt32BE(CANCEL_REQUEST, 4);
  request.writeInt32BE(processID, 8);
  request.writeInt32BE(secretKey, 12);
  const socket = connect(client.port, client.host);
  socket.setTimeout(CONNECT_MS, () => socket.destroy());
  // A courtesy to the server: if it does not arrive, the statement's own time limit ends it.
  socket.once('error', () => socket.destroy());
  socket.once('connect', () => socket.end(request));
}

export function createSql({ source, url, connections, statementTimeoutMs }: SqlOptions): Sql {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    application_name: 'maplebridge',
    connectionTimeoutMillis: CONNECT_MS,
    idleTimeoutMillis: 60_000,
    statement_timeout: statementTimeoutMs,
    keepAlive: true,
    options: '-c default_transaction_read_only=on',
    types: asText,
  });
  // A connection that breaks is replaced at the next use; without listeners it would end the process, also at the moment
  // at which it is made.
  pool.on('connect', (client) => client.on('error', () => undefined));
  pool.on('error', () => undefined);

  const checkout = async (signal: AbortSignal): Promise<pg.PoolClient> => {
    const coming = pool.connect();
    try {
      return await orAborted(coming, signal);
    } catch (error) {
      // Whoever waited has gone; the connection that still comes is for the next.
      coming.then(
        (client) => client.release(),
        () => undefined,
      );
      signal.throwIfAborted();
      throw toFault(source, error);
    }
  };

  return {
    async query(text, values, { signal }) {
      signal.throwIfAborted();
      const client = await checkout(signal);
      let broken: Error | undefined;
      const lost = (error: Error): void => {
        broken = error;
      };
      client.on('error', lost);
      try {
        const result = await orAborted(client.query<SqlRow>(text, [...values]), signal);
        return result.rows;
      } catch (error) {
        // Whatever it was, the next statement starts on a connection whose state is known.
        broken ??= error instanceof Error ? error : new Error('broken', { cause: error });
        if (signal.aborted) {
          cancel(client);
          throw signal.reason;
        }
        throw toFault(source, error);
      } finally {
        client.off('error', lost);
        client.release(broken);
      }
    },
    close: () => pool.end(),
  };
}
