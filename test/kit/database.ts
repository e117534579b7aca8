/** A database of its own for every test file: a copy of a template with all migrations, on the server of global-setup.ts. */
import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { createDb, type Db } from '../../core/platform/db.ts';
import { migrate } from '../../core/platform/migrate.ts';
import { withDatabase } from './database-url.ts';
import type {} from './global-setup.ts';

export interface TestDatabase {
  readonly url: string;
  readonly db: Db;
  drop(): Promise<void>;
}

/** Made once per run by whichever test file comes first; the others wait. */
async function ensureTemplate(server: Db, url: string, template: string): Promise<void> {
  await server.withAdvisoryLock(template, async () => {
    const made = await server.maybeOne('select 1 as made from pg_database where datname = $1', [template]);
    if (made !== null) return;
    // Migrated under another name: the template appears when it is complete.
    await server.query(`drop database if exists ${template}_new with (force)`);
    await server.query(`create database ${template}_new template template0 encoding 'UTF8'`);
    const db = createDb({ url: withDatabase(url, `${template}_new`), max: 1 });
    try {
      await migrate(db);
    } finally {
      await db.close();
    }
    await server.query(`alter database ${template}_new rename to ${template}`);
  });
}

/** For all databases of a test file: a connection takes longer than much of what is asked over it. It ends when it is idle. */
let administrator: Db | undefined;
let templateMade: Promise<void> | undefined;

/** `empty`: without the migrations. Call `drop` when the file ends. */
export async function createTestDatabase(options: { readonly empty?: boolean } = {}): Promise<TestDatabase> {
  const url = inject('databaseUrl');
  const template = `maplebridge_template_${inject('runId')}`;
  const name = `maplebridge_test_${randomBytes(6).toString('hex')}`;
  const server = (administrator ??= createDb({ url, max: 1 }));
  if (options.empty) await server.query(`create database ${name} template template0 encoding 'UTF8'`);
  else {
    await (templateMade ??= ensureTemplate(server, url, template));
    await server.query(`create database ${name} template ${template}`);
  }
  const own = withDatabase(url, name);
  const db = createDb({ url: own });
  return {
    url: own,
    db,
    async drop() {
      await db.close();
      // Forced: a test may have killed a program that still holds a connection.
      await server.query(`drop database ${name} with (force)`);
    },
  };
}
