/** A database for looking at something without touching what is stored: made empty, dropped at the end. */
import { randomBytes } from 'node:crypto';
import { createDb, type Db } from '../../core/platform/db.ts';
import { AppError } from '../../core/platform/errors.ts';
import { migrate } from '../../core/platform/migrate.ts';
import type { Closing } from './closing.ts';

function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

/** On the same server, at this version's schema. */
export async function openScratchDatabase(
  server: { readonly url: string; readonly db: Db },
  closing: Closing,
): Promise<Db> {
  const name = `maplebridge_scratch_${randomBytes(6).toString('hex')}`;
  try {
    await server.db.query(`create database ${name} template template0 encoding 'UTF8'`);
  } catch (cause) {
    throw new AppError(
      'FORBIDDEN',
      'This needs a database of its own for a moment; allow the user of DATABASE_URL to make one (alter role … createdb), or run it on another server.',
      { cause },
    );
  }
  closing.add(() => server.db.query(`drop database ${name} with (force)`));
  const db = createDb({ url: withDatabase(server.url, name), max: 5 });
  closing.add(() => db.close());
  await migrate(db);
  return db;
}
