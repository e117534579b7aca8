/** Faults of the database as AppErrors: what the server says may quote what a person submitted, so it is cut before it travels. */
import pg from 'pg';
import { AppError } from './errors.ts';

/** What is kept of a fault the server reported; safe to log. */
class SqlFault extends Error {
  override readonly name = 'SqlFault';
  readonly code: string;
  readonly constraint: string | null;

  constructor(code: string, constraint: string | null, message: string) {
    super(message);
    this.code = code;
    this.constraint = constraint;
  }
}

const find = (error: unknown): { code: string; constraint: string | null } | null => {
  if (error instanceof SqlFault) return error;
  if (error instanceof pg.DatabaseError)
    return error.code === undefined ? null : { code: error.code, constraint: error.constraint ?? null };
  return error instanceof Error && error.cause !== undefined ? find(error.cause) : null;
};

/** SQLSTATE of a refused statement (`23505` is a duplicate key), null for any other error. */
export const sqlState = (error: unknown): string | null => find(error)?.code ?? null;

export const violatedConstraint = (error: unknown): string | null => find(error)?.constraint ?? null;

/** The whole transaction may be run again: serialization failure, deadlock. */
export const isTransactionConflict = (error: unknown): boolean => ['40001', '40P01'].includes(sqlState(error) ?? '');

const withoutValues = (fault: pg.DatabaseError): string =>
  // Class 22 quotes the value it could not read; the others quote names of tables and constraints.
  fault.code?.startsWith('22') ? fault.message.replace(/[:"].*$/s, '').trim() : fault.message;

/** The server is starting, stopping or full, or the network failed: nothing is wrong with the statement. */
const transient = (code: string): boolean => /^(08|57P|53300)/.test(code);

export function toAppError(error: unknown, address: string): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof pg.DatabaseError) {
    const code = error.code ?? 'XX000';
    const cause = new SqlFault(code, error.constraint ?? null, withoutValues(error));
    if (transient(code))
      return new AppError('INTERNAL', `The database at ${address} is not taking requests now (${code}).`, {
        retryable: true,
        cause,
      });
    if (code === '53100')
      return new AppError('INTERNAL', `The disk of the database at ${address} is full; nothing was stored.`, { cause });
    if (code === '42501') {
      const [, table = 'what must be written'] = /for (?:table|relation) (\w+)/.exec(error.message) ?? [];
      return new AppError(
        'INTERNAL',
        `The database does not let this program write to ${table}, so nothing was done; whoever runs it must allow that again.`,
        { cause },
      );
    }
    if (code.startsWith('28'))
      return new AppError('INTERNAL', `The database at ${address} refuses this user or password.`, { cause });
    if (code === '3D000') return new AppError('INTERNAL', `The server at ${address} has no such database.`, { cause });
    return new AppError('INTERNAL', `The database refused a statement (${code}).`, {
      retryable: isTransactionConflict(error),
      cause,
    });
  }
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return new AppError('INTERNAL', `The database at ${address} does not answer${code ? ` (${code})` : ''}.`, {
    retryable: true,
    cause: error,
  });
}
