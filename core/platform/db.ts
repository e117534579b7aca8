/** SQL over a pool of connections. Domain code takes a `Queryable`, so that it does not care whether a transaction is open. */
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { AppError } from './errors.ts';
import { GatheringSocket } from './gathering-socket.ts';
import { isTransactionConflict, toAppError } from './sql-fault.ts';

export interface Queryable {
  /** With `values` the statement is prepared once per connection; without, `text` may hold several statements. */
  query<Row extends object = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Exactly one row, otherwise an INTERNAL error. */
  one<Row extends object = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<Row>;
  /** One row or null; more than one is an INTERNAL error. */
  maybeOne<Row extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<Row | null>;
}

/**
 * Statements run in the order in which they are asked. Those asked in one breath go out together: await them together too. Begin
 * with what only reads or locks: it goes out with BEGIN, and should that be refused it is done by itself.
 */
export interface Tx extends Queryable {
  /** Waits for the named lock and holds it to the end of the transaction. */
  lock(name: string): Promise<void>;
  /**
   * Sends a statement whose answer nobody needs, and does not wait for it: its failure is that of what comes after it, at the
   * latest of the commit.
   */
  send(text: string, values: readonly unknown[]): void;
}

export interface TxOptions {
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable';
}

export interface Db extends Queryable {
  /** Runs `fn` in a transaction; run again, up to three times, after a serialization failure or a deadlock. */
  tx<T>(fn: (tx: Tx) => Promise<T>, options?: TxOptions): Promise<T>;
  /**
   * What `fn` asks goes over one connection, that of one breath in one packet: less work than a connection each, but answered one
   * after another. No transaction: each statement stands by itself.
   */
  inTurn<T>(fn: (q: Queryable) => Promise<T>): Promise<T>;
  /** Waits for the named lock, held by a connection of its own; `signal` fires when that connection, and the lock, is lost. */
  withAdvisoryLock<T>(name: string, fn: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** As above, without waiting: null when somebody else holds the lock. */
  tryWithAdvisoryLock<T>(name: string, fn: (signal: AbortSignal) => Promise<T>): Promise<{ readonly value: T } | null>;
  /** Statements sent so far, BEGIN and COMMIT included. */
  readonly statements: number;
  close(): Promise<void>;
}

export interface DbOptions {
  readonly url: string;
  /** Default `maplebridge:<pid>`, by which processes sharing an embedded server know of each other. */
  readonly applicationName?: string;
  readonly max?: number;
  readonly statementTimeoutMs?: number;
  readonly log?: { warn(fields: object, message: string): void };
}

const RETRIES = 3;
/** Texts built at run time would otherwise pile up as prepared statements on the server. */
const MAX_PREPARED = 1_000;

const textArray = pg.types.getTypeParser(1009 as never) as (value: string) => (string | null)[];
const safeNumber = (value: string): number | string => (Number.isSafeInteger(Number(value)) ? Number(value) : value);

/** By type OID: int8 as number (a string beyond 2^53), dates as YYYY-MM-DD. */
const parsers: Readonly<Record<number, (value: string) => unknown>> = {
  20: safeNumber,
  1016: (value) => textArray(value).map((item) => (item === null ? null : safeNumber(item))),
  1082: (value) => value,
  1182: textArray,
};

export const sqlTypes: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary'): unknown => {
    if (format === 'binary') return pg.types.getTypeParser(oid, 'binary') as unknown;
    return parsers[oid] ?? (pg.types.getTypeParser(oid, 'text') as unknown);
  }) as pg.CustomTypesConfig['getTypeParser'],
};

/** Host and port of a connection URL, without user and password. */
export function addressOf(url: string): string {
  try {
    const { hostname, port } = new URL(url);
    return `${hostname || 'localhost'}:${port || '5432'}`;
  } catch {
    // Without the cause, which quotes the address with its password.
    throw new AppError('BAD_USER_INPUT', 'DATABASE_URL is not a postgres:// address.');
  }
}

export type Run = (text: string, values?: readonly unknown[]) => Promise<object[]>;

/** The query methods over anything that runs a statement. */
export const queryableOver = (run: Run): Queryable => ({
  query: (async (text, values) => run(text, values)) as Queryable['query'],
  one: (async (text, values) => {
    const rows = await run(text, values);
    if (rows.length !== 1) throw new AppError('INTERNAL', `Expected one row of the database, got ${rows.length}.`);
    return rows[0];
  }) as Queryable['one'],
  maybeOne: (async (text, values) => {
    const rows = await run(text, values);
    if (rows.length > 1) throw new AppError('INTERNAL', `Expected at most one row, got ${rows.length}.`);
    return rows[0] ?? null;
  }) as Queryable['maybeOne'],
});

const isBuffers = (value: readonly unknown[]): value is readonly (Buffer | null)[] =>
  value.find((item) => item !== null) instanceof Buffer;

const bytesWritten = (value: readonly (Buffer | null)[]): string =>
  `{${value.map((bytes) => (bytes ? `"\\\\x${bytes.toString('hex')}"` : 'NULL')).join(',')}}`;

/**
 * As pg writes it, but for arrays of bytes: it looks into each for what must be escaped, and hexadecimal has nothing of it. An
 * object that cannot be written must fail here and now, before a commit that was asked for in the same breath goes out.
 */
function written(value: unknown): unknown {
  if (Array.isArray(value)) return isBuffers(value) ? bytesWritten(value) : value;
  if (typeof value !== 'object' || value === null || value instanceof Date || ArrayBuffer.isView(value)) return value;
  return JSON.stringify(value);
}

/**
 * Statements are planned once per connection: planning those that say who may see what takes longer than running them, and
 * what they look up is found by indexes whatever its value. Indexes are in memory or on a disk without a moving head.
 */
const SESSION =
  // Who stops in the middle of a transaction, and lives, must not hold up the others for ever.
  '-c idle_in_transaction_session_timeout=60s -c timezone=UTC -c plan_cache_mode=force_generic_plan -c random_page_cost=1.1';

export function createDb(options: DbOptions): Db {
  const address = addressOf(options.url);
  const config = {
    connectionString: options.url,
    application_name: options.applicationName ?? `maplebridge:${process.pid}`,
    options: SESSION,
    keepAlive: true,
    // What does not wait for an answer goes out with what comes before it: waking the server costs more than most statements.
    pipeline: true,
    stream: () => new GatheringSocket(),
    types: sqlTypes,
    ...(options.statementTimeoutMs === undefined ? {} : { statement_timeout: options.statementTimeoutMs }),
  };
  const pool = new pg.Pool({ ...config, max: options.max ?? 10, connectionTimeoutMillis: 10_000 });
  const lost = (error: Error): void =>
    options.log?.warn({ code: (error as NodeJS.ErrnoException).code }, 'a connection to the database was lost');
  // From its first moment on: a server that goes down may say so in the same breath as it lets us in, before whoever asked
  // for the connection has it. A fault that nobody listens to would end the process.
  pool.on('connect', (client) => client.on('error', lost));
  // An idle connection that breaks is replaced at the next use, and has said so itself.
  pool.on('error', () => undefined);

  const names = new Map<string, string>();
  let statements = 0;

  const prepared = (text: string): string | undefined => {
    let name = names.get(text);
    if (name === undefined && names.size < MAX_PREPARED) {
      name = createHash('sha256').update(text).digest('base64url').slice(0, 22);
      names.set(text, name);
    }
    return name;
  };

  const asked = (text: string, values?: readonly unknown[]): pg.QueryConfig => {
    if (values === undefined) return { text };
    const name = prepared(text);
    return { ...(name === undefined ? {} : { name }), text, values: values.map(written) };
  };

  const send = async (client: pg.ClientBase, statement: pg.QueryConfig): Promise<pg.QueryResult> => {
    statements += 1;
    try {
      return await client.query(statement);
    } catch (error) {
      throw toAppError(error, address);
    }
  };

  const rowsOf = (result: pg.QueryResult | pg.QueryResult[]): object[] =>
    (Array.isArray(result) ? (result.at(-1) as pg.QueryResult) : result).rows as object[];

  const checkout = async (): Promise<pg.PoolClient> => {
    try {
      return await pool.connect();
    } catch (error) {
      throw toAppError(error, address);
    }
  };

  const giveBack = (client: pg.PoolClient, fault: unknown): void =>
    // A connection whose state is unknown is thrown away rather than handed to the next caller.
    client.release(fault instanceof Error ? fault : undefined);

  /** The error, when after it nobody knows what state the connection is in. */
  const lossOf = (error: unknown): unknown =>
    error instanceof AppError && error.retryable && !isTransactionConflict(error) ? error : undefined;

  const once = async <T>(fn: (tx: Tx) => Promise<T>, begin: string): Promise<T> => {
    const client = await checkout();
    let fault: unknown;
    let over = false;
    const failures: unknown[] = [];
    /** All after the first failed for its reason. */
    const check = (): void => {
      if (failures.length > 0) throw failures[0];
    };
    const fail = (error: unknown): never => {
      failures.push(error);
      throw failures[0];
    };
    const sent = (text: string, values?: readonly unknown[]): Promise<pg.QueryResult> => {
      // What comes after a failure must not be done: if that was of BEGIN itself, it would be done by itself.
      check();
      // Of several started at once one has failed: what another goes on to ask must not reach the next transaction.
      if (over) throw new AppError('INTERNAL', 'The transaction is over.');
      try {
        return send(client, asked(text, values)).catch(fail);
      } catch (error) {
        return fail(error);
      }
    };
    const unheard = (): undefined => undefined;
    try {
      sent(begin, []).catch(unheard);
      try {
        const run = queryableOver(async (text, values) => rowsOf(await sent(text, values)));
        const result = await fn({
          ...run,
          lock: async (name) => {
            await run.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [name]);
          },
          send(text, values) {
            sent(text, values).catch(unheard);
          },
        });
        over = true;
        check();
        const { command } = await send(client, asked('commit', []));
        check();
        // The server has rolled back for a reason that it told nobody: nobody may believe that it is stored.
        if (command !== 'COMMIT')
          throw new AppError('INTERNAL', 'The database took a transaction back; nothing was stored.');
        return result;
      } catch (error) {
        over = true;
        await send(client, asked('rollback')).catch((rollbackFault: unknown) => {
          fault = rollbackFault;
        });
        throw error;
      }
    } catch (error) {
      fault ??= lossOf(error);
      throw error;
    } finally {
      giveBack(client, fault);
    }
  };

  const locked = async <T>(
    acquire: string,
    name: string,
    fn: (signal: AbortSignal) => Promise<T>,
  ): Promise<{ readonly value: T } | null> => {
    // A connection outside the pool: those who wait for a lock must not starve the one who holds it.
    const client = new pg.Client({ ...config, statement_timeout: 0 });
    const gone = new AbortController();
    client.on('error', (error) => {
      lost(error);
      gone.abort(toAppError(error, address));
    });
    try {
      await client.connect().catch((error: unknown) => {
        throw toAppError(error, address);
      });
      const rows = rowsOf(await send(client, asked(acquire, [name]))) as { held: boolean }[];
      return rows[0]?.held === false ? null : { value: await fn(gone.signal) };
    } finally {
      // Ending the session releases the lock, also when the connection is half dead.
      await client.end().catch(lost);
    }
  };

  const inTurn = async <T>(fn: (q: Queryable) => Promise<T>): Promise<T> => {
    const client = await checkout();
    const asking: Promise<pg.QueryResult>[] = [];
    try {
      return await fn(
        queryableOver(async (text, values) => {
          const answer = send(client, asked(text, values));
          asking.push(answer);
          return rowsOf(await answer);
        }),
      );
    } finally {
      // Of several asked at once one has failed: the others are still being answered on this connection.
      const ends = await Promise.allSettled(asking);
      giveBack(client, ends.map((end) => (end.status === 'rejected' ? lossOf(end.reason) : undefined)).find(Boolean));
    }
  };

  return {
    ...queryableOver((text, values) => inTurn(async (q) => q.query(text, values))),
    inTurn,
    async tx(fn, { isolation } = {}) {
      const begin = isolation === undefined ? 'begin' : `begin isolation level ${isolation}`;
      for (let attempt = 1; ; attempt++) {
        try {
          return await once(fn, begin);
        } catch (error) {
          if (attempt > RETRIES || !isTransactionConflict(error)) throw error;
          await delay(Math.random() * 10 * 2 ** attempt);
        }
      }
    },
    async withAdvisoryLock(name, fn) {
      const held = await locked('select pg_advisory_lock(hashtextextended($1, 0))', name, fn);
      if (held === null) throw new AppError('INTERNAL', 'The database gave no lock.', { retryable: true });
      return held.value;
    },
    tryWithAdvisoryLock: (name, fn) => locked('select pg_try_advisory_lock(hashtextextended($1, 0)) as held', name, fn),
    get statements() {
      return statements;
    },
    close: () => pool.end(),
  };
}
