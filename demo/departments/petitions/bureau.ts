/** The bureau's database: made and filled from the county once, changed by command without touching any date. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { z } from 'zod';
import { createDb } from '../../../core/platform/db.ts';
import type { Tx } from '../../../core/platform/db.ts';
import { AppError } from '../../../core/platform/errors.ts';
import { projectRoot } from '../../../core/platform/project-root.ts';
import { readCounty, readRows } from '../../county/county-files.ts';
import type { PetitionRow } from '../../county/model.ts';
import { toOldRows } from './old-row.ts';
import type { OldRows, OldValue } from './old-row.ts';

export interface BureauOptions {
  /** Of the bureau's database, as its owner. */
  readonly url: string;
  readonly countyDir: string;
  /** Whom the data-sharing agreement lets in: five connections, reading the views. */
  readonly role: string;
  readonly password: string;
}

export interface Bureau {
  change(request: unknown): Promise<unknown>;
  close(): Promise<void>;
}

const TABLES = ['xfj', 'xfr', 'gl', 'bkg'] as const satisfies readonly (keyof OldRows)[];

/** Characters of COPY that are sent together. */
const AT_ONCE = 32_768;

/** One line of COPY's text format. */
const line = (values: readonly OldValue[]): string =>
  `${values
    .map((value) =>
      value === null
        ? '\\N'
        : value.replace(
            /[\\\t\n\r]/g,
            (found) => ({ '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' })[found] ?? '',
          ),
    )
    .join('\t')}\n`;

/** All tables at once, each on a connection of its own, so that the county is read once and never held in memory. */
async function load(url: string, countyDir: string): Promise<void> {
  const clients: pg.Client[] = [];
  try {
    const streams = [];
    for (const table of TABLES) {
      const client = new pg.Client({ connectionString: url });
      clients.push(client);
      await client.connect();
      streams.push({ table, stream: client.query(copyFrom(`copy xf_yw.${table} from stdin`)), text: '' });
    }
    for await (const row of readRows(countyDir, 'petitions')) {
      const rows = toOldRows(row);
      const lines = { ...rows, xfj: [rows.xfj] };
      for (const copy of streams) {
        copy.text += lines[copy.table].map(line).join('');
        if (copy.text.length < AT_ONCE) continue;
        if (!copy.stream.write(copy.text)) await once(copy.stream, 'drain');
        copy.text = '';
      }
    }
    await Promise.all(
      streams.map(({ stream, text }) => {
        stream.end(text);
        return finished(stream);
      }),
    );
  } finally {
    for (const client of clients) await client.end();
  }
}

const FINISH = `
alter table xf_yw.xfj add primary key (jlid);
create index on xf_yw.xfr (jlid);
create index on xf_yw.gl (jlid);
create index on xf_yw.bkg (jlid);
analyze xf_yw.xfj, xf_yw.xfr, xf_yw.gl, xf_yw.bkg;
create table xf_yw.loaded (digest text not null)`;

const insert = (table: string, row: readonly OldValue[]): string =>
  `insert into xf_yw.${table} values (${row.map((_, index) => `$${index + 1}`).join(', ')})`;

async function replace(tx: Tx, key: string, rows: OldRows): Promise<void> {
  for (const table of TABLES) await tx.query(`delete from xf_yw.${table} where jlid = $1`, [key]);
  await tx.query(insert('xfj', rows.xfj), rows.xfj);
  for (const table of ['xfr', 'gl', 'bkg'] as const)
    for (const row of rows[table]) await tx.query(insert(table, row), row);
}

const COLUMNS = 'xfjbh djsj djjg wgbm nrfl nrzy xfxs xfmd blzt slsj bjqx dfsj zrdw sfjt sfbh sffc sfsm sczt'.split(' ');

const key = z.string();
const changeRequest = z.union([
  // true and 'hard': the row is gone. 'soft': struck out, by a flag.
  z.strictObject({ key, delete: z.union([z.literal(true), z.enum(['hard', 'soft'])]) }),
  /** Fields of the county's row. */
  z.strictObject({ key, set: z.record(z.string(), z.unknown()) }),
  /** Columns of v_xf_xfj as they are, for text that no clerk should have been able to enter. */
  z.strictObject({ key, columns: z.partialRecord(z.enum(COLUMNS), z.string().nullable()) }),
]);

export async function openBureau({ url, countyDir, role, password }: BureauOptions): Promise<Bureau> {
  const county = await readCounty(countyDir);
  if (county === null) throw new AppError('NOT_FOUND', 'There is no made-up county; start again to have it made.');
  const db = createDb({ url, max: 2 });
  const loaded = await db.one<{ there: boolean }>(`select to_regclass('xf_yw.loaded') is not null as there`);
  const digest = loaded.there ? await db.one<{ digest: string }>('select digest from xf_yw.loaded') : null;
  if (digest?.digest !== county.digest) {
    // Crash anywhere here: xf_yw.loaded is missing, and the next start begins again.
    await db.query(`set client_min_messages = warning; drop schema if exists xf_gx, xf_yw cascade`);
    await db.query(readFileSync(join(projectRoot, 'demo/departments/petitions/bureau.sql'), 'utf8'));
    await load(url, countyDir);
    await db.query(FINISH);
    await db.query('insert into xf_yw.loaded values ($1)', [county.digest]);
  }
  const user = pg.escapeIdentifier(role);
  const known = await db.maybeOne('select 1 from pg_roles where rolname = $1', [role]);
  await db.query(
    `${known === null ? 'create' : 'alter'} role ${user} login connection limit 5 password ${pg.escapeLiteral(password)}`,
  );
  await db.query(`grant usage on schema xf_gx to ${user}; grant select on all tables in schema xf_gx to ${user}`);

  const present = async (tx: Tx, jlid: string): Promise<PetitionRow | null> => {
    const changed = await tx.maybeOne<{ county_row: PetitionRow }>(
      'select county_row from xf_yw.changed where jlid = $1',
      [jlid],
    );
    if (changed !== null) return changed.county_row;
    for await (const row of readRows(countyDir, 'petitions')) if (row.key === jlid) return row;
    return null;
  };

  return {
    async change(request) {
      const change = changeRequest.parse(request);
      const jlid = change.key;
      await db.tx(async (tx) => {
        const there = await tx.maybeOne('select 1 from xf_yw.xfj where jlid = $1', [jlid]);
        if ('set' in change) {
          const row = await present(tx, jlid);
          // A row struck out for good may come back: clerks restore what they deleted by mistake.
          if (row === null) throw new AppError('NOT_FOUND', 'No such petition.');
          const next = { ...row, ...change.set, key: jlid };
          await tx.query(
            `insert into xf_yw.changed values ($1, $2) on conflict (jlid) do update set county_row = excluded.county_row`,
            [jlid, JSON.stringify(next)],
          );
          await replace(tx, jlid, toOldRows(next));
          return;
        }
        if (there === null) throw new AppError('NOT_FOUND', 'No such petition.');
        if ('columns' in change) {
          for (const [column, value] of Object.entries(change.columns))
            await tx.query(`update xf_yw.xfj set ${column} = $2 where jlid = $1`, [jlid, value]);
        } else if (change.delete === 'soft') {
          await tx.query(`update xf_yw.xfj set sczt = '1' where jlid = $1`, [jlid]);
        } else {
          for (const table of TABLES) await tx.query(`delete from xf_yw.${table} where jlid = $1`, [jlid]);
        }
      });
      return {};
    },
    close: () => db.close(),
  };
}
