/** What backup and restore share: a connection of their own, the schema they look at, and faults of the file. */
import pg from 'pg';
import { addressOf, queryableOver, sqlTypes, type Queryable } from './db.ts';
import { AppError } from './errors.ts';
import { toAppError } from './sql-fault.ts';

export interface BackupSummary {
  readonly tables: number;
  readonly rows: number;
  /** Numbers of the migrations that the database had when the backup was made. */
  readonly migrations: readonly number[];
}

/** To be put after `pg_class c`. Other schemas, such as the queues', hold nothing that cannot be made again. */
export const IN_SCHEMA = 'join pg_namespace n on n.oid = c.relnamespace and n.nspname = current_schema()';

export interface Session {
  readonly client: pg.Client;
  readonly sql: Queryable;
}

export async function withSession<T>(url: string, fn: (session: Session) => Promise<T>): Promise<T> {
  const address = addressOf(url);
  const client = new pg.Client({
    connectionString: url,
    application_name: `maplebridge:${process.pid}`,
    options: '-c timezone=UTC -c datestyle=ISO,YMD -c statement_timeout=0',
    types: sqlTypes,
  });
  // A connection that breaks fails the statement under way; without a listener it would end the process.
  client.on('error', () => undefined);
  const sql = queryableOver(async (text, values) => {
    const result: pg.QueryResult | pg.QueryResult[] = await client.query(
      text,
      values === undefined ? undefined : [...values],
    );
    // Several statements in one text give a result each; the last one's rows are meant.
    const results = ([] as pg.QueryResult<object>[]).concat(result);
    return results.at(-1)?.rows ?? [];
  });
  try {
    await client.connect();
    return await fn({ client, sql });
  } catch (error) {
    throw error instanceof pg.DatabaseError || isNetwork(error) ? toAppError(error, address) : error;
  } finally {
    // Ending the session rolls back what was not committed.
    await client.end();
  }
}

const isNetwork = (error: unknown): boolean =>
  error instanceof Error &&
  (/^Connection terminated/.test(error.message) ||
    ['ECONNREFUSED', 'ECONNRESET', 'EPIPE'].includes((error as NodeJS.ErrnoException).code ?? ''));

export const toFileFault = (error: unknown, file: string): unknown => {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof AppError || code === undefined) return error;
  if (code === 'ENOSPC') return new AppError('INTERNAL', `The disk is full: no room for ${file}.`, { cause: error });
  if (code === 'ENOENT') return new AppError('BAD_USER_INPUT', `${file} does not exist.`, { cause: error });
  if (/^E[A-Z]+$/.test(code)) return new AppError('INTERNAL', `${file} cannot be used (${code}).`, { cause: error });
  return error;
};
