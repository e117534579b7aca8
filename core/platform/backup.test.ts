import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/kit/database.ts';
import { backup } from './backup.ts';
import { migrate } from './migrate.ts';
import { restore } from './restore.ts';
import { schemaDump } from './schema-dump.ts';

let folder: string;
let migrations: string;
let source: TestDatabase;
let file: string;

const ROWS = `select (select count(*)::int from parent) as parents, (select count(*)::int from child) as children,
  (select md5(string_agg(c::text, '|' order by id)) from child c) as content, (select count(*)::int from event) as events,
  (select count(*)::int from scratch) as scratch`;

/** Everything in the database that a user of it can see. */
const state = async ({ db }: TestDatabase): Promise<unknown> => [await db.one(ROWS), await schemaDump(db)];

const attempt = async (work: (into: TestDatabase) => Promise<void>): Promise<void> => {
  const into = await createTestDatabase({ empty: true });
  await work(into).finally(() => into.drop());
};

const isEmpty = async ({ db }: TestDatabase): Promise<boolean> =>
  (await db.query("select 1 from pg_class where relnamespace = 'public'::regnamespace")).length === 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'backup 备份-'));
  migrations = mkdtempSync(join(folder, 'sql-'));
  file = join(folder, 'full.backup');
  writeFileSync(
    join(migrations, '0001_first.sql'),
    // The tables refer to each other in a circle, one has rows of its own from the start, one forbids changes.
    `create table parent (id bigint generated always as identity primary key, favourite int, data bytea, at timestamptz);
     create table child (id int primary key, parent_id bigint not null references parent, mother int references child,
       name text, twice int generated always as (id * 2) stored);
     alter table parent add foreign key (favourite) references child;
     create table event (at date not null, what text) partition by range (at);
     create unlogged table scratch (x int);
     create table "Odd name" ("a ""b""" text[]);
     insert into "Odd name" values ('{seed}');
     create sequence ticket;
     create function refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$;
     create table log (line text);`,
  );
  source = await createTestDatabase({ empty: true });
  const { db } = source;
  await migrate(db, migrations);
  await db.query(`
    create table event_2026 partition of event for values from ('2026-01-01') to ('2027-01-01');
    insert into event select '2026-01-01'::date + i % 365, 'e' || i from generate_series(1, 1000) i;
    insert into parent (data, at) select decode(md5(i::text), 'hex'), '2026-03-01 00:00Z'::timestamptz + i * interval '1 s'
      from generate_series(1, 2000) i;
    insert into child select i, i % 2000 + 1, nullif(i - 1, 0), E'王\\t\\n\\\\' || repeat('x', i % 50) from generate_series(1, 20000) i;
    update parent set favourite = id;
    insert into scratch values (1);
    update "Odd name" set "a ""b""" = '{"1,2",null,"\\"\\\\"}';
    insert into log values ('kept');
    select setval('ticket', 41);
    create trigger log_refuse before insert on log for each row execute function refuse();`);
  await db.query('drop trigger log_refuse on log');
});
afterAll(async () => {
  await source.drop();
  rmSync(folder, { recursive: true });
});

it('brings everything back, and the backup of that is the same', async () => {
  const made = await backup({ url: source.url, file });
  expect(made).toEqual({ tables: 5, rows: 23_002, migrations: [1] });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await attempt(async (into) => {
    expect(await restore({ url: into.url, file, migrations })).toEqual(made);
    const [rows, schema] = (await state(source)) as [object, string];
    expect(await state(into)).toEqual([{ ...rows, scratch: 0 }, schema]);
    expect(await into.db.one('select * from "Odd name"')).toEqual(await source.db.one('select * from "Odd name"'));
    expect(await into.db.one("select nextval('ticket') as n")).toEqual({ n: 42 });
    expect(await into.db.one('insert into parent default values returning id')).toEqual({ id: 2001 });
    expect(await migrate(into.db, migrations)).toEqual([]);
    const again = join(folder, 'again.backup');
    await backup({ url: into.url, file: again });
    expect(gunzipSync(readFileSync(again)).includes('kept')).toBe(true);
  });
});

it('is one moment of the database, whatever is written meanwhile', async () => {
  const busy = join(folder, 'busy.backup');
  let on = true;
  const writing = (async () => {
    while (on)
      await source.db.tx(async (tx) => {
        await tx.query('insert into log values ($1)', ['pair']);
        await tx.query('insert into log values ($1)', ['pair']);
      });
  })();
  await backup({ url: source.url, file: busy });
  on = false;
  await writing;
  await attempt(async (into) => {
    await restore({ url: into.url, file: busy, migrations });
    const { n } = await into.db.one<{ n: number }>("select count(*) as n from log where line = 'pair'");
    expect(n % 2).toBe(0);
  });
});

it('refuses a database that is not empty, and a file that exists', async () => {
  await expect(restore({ url: source.url, file, migrations })).rejects.toThrow('not empty');
  await expect(backup({ url: source.url, file })).rejects.toThrow('exists already');
});

it('brings the backup of an older release forward', async () => {
  const newer = mkdtempSync(join(folder, 'newer-'));
  writeFileSync(join(newer, '0001_first.sql'), readFileSync(join(migrations, '0001_first.sql')));
  writeFileSync(
    join(newer, '0002_second.sql'),
    'alter table child add column length int; update child set length = length(name);',
  );
  await attempt(async (into) => {
    await restore({ url: into.url, file, migrations: newer });
    expect(await into.db.one('select count(*) as n from child where length is null')).toEqual({ n: 0 });
    expect(await migrate(into.db, newer)).toEqual([]);
    const later = join(folder, 'later.backup');
    await backup({ url: into.url, file: later });
    await attempt(async (old) => {
      await expect(restore({ url: old.url, file: later, migrations })).rejects.toThrow('newer than this program');
      expect(await isEmpty(old)).toBe(true);
    });
  });
});

it('leaves nothing of a damaged file', async () => {
  const plain = gunzipSync(readFileSync(file));
  const flipped = Buffer.from(plain);
  const at = flipped.indexOf('xxxxx');
  flipped[at] = 'y'.charCodeAt(0);
  const zipped = readFileSync(file);
  const cases: [string, Buffer][] = [
    ['differs from its digest', gzipSync(flipped)],
    ['damaged', zipped.subarray(0, zipped.length / 2)],
    ['cut short', gzipSync(plain.subarray(0, plain.length - 65))],
    ['its digest differs', gzipSync(Buffer.concat([plain.subarray(0, plain.length - 5), Buffer.from('0000\n')]))],
    ['damaged', Buffer.from('not a backup')],
    ['is not a backup', gzipSync('something else\n')],
  ];
  await attempt(async (into) => {
    for (const [reason, bytes] of cases) {
      const bad = join(folder, 'bad.backup');
      writeFileSync(bad, bytes);
      await expect(restore({ url: into.url, file: bad, migrations })).rejects.toThrow(reason);
      expect(await isEmpty(into)).toBe(true);
    }
    await expect(restore({ url: into.url, file: join(folder, 'none'), migrations })).rejects.toThrow('does not exist');
  });
});

it('leaves no file when the database is lost in the middle', async () => {
  const torn = join(folder, 'torn.backup');
  await source.db.tx(async (tx) => {
    // The backup gets as far as this table and waits there until it is cut off.
    await tx.query('lock table log in access exclusive mode');
    const work = expect(backup({ url: source.url, file: torn })).rejects.toMatchObject({ retryable: true });
    const cut =
      "select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock' and query like 'copy%'";
    while ((await source.db.query(cut)).length === 0);
    await work;
  });
  expect(readdirSync(folder).filter((name) => name.startsWith('torn'))).toEqual([]);
});
