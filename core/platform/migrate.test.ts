import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/kit/database.ts';
import { createDb } from './db.ts';
import { migrate } from './migrate.ts';
import { schemaDump } from './schema-dump.ts';

let database: TestDatabase;
let folder: string;
const file = (name: string, sql: string): void => writeFileSync(join(folder, name), sql);

beforeEach(async () => {
  database = await createTestDatabase({ empty: true });
  folder = mkdtempSync(join(tmpdir(), 'migrations-'));
  file('0001_first.sql', 'create table a (id int primary key); insert into a values (1);');
  file('0002_second.sql', 'alter table a add column label text;');
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await database.drop();
});

it('applies each file once, in order, and then nothing', async () => {
  expect(await migrate(database.db, folder)).toEqual(['0001_first', '0002_second']);
  expect(await migrate(database.db, folder)).toEqual([]);
  file('0003_third.sql', 'drop table a;');
  expect(await migrate(database.db, folder)).toEqual(['0003_third']);
});

it('applies each file once when several programs start at the same time', async () => {
  const others = [1, 2, 3].map(() => createDb({ url: database.url, max: 2 }));
  const done = await Promise.all(others.map((db) => migrate(db, folder)));
  expect(done.flat().sort()).toEqual(['0001_first', '0002_second']);
  await Promise.all(others.map((db) => db.close()));
});

it('leaves nothing of a file that fails, and keeps those before it', async () => {
  file('0003_third.sql', 'create table b (id int); select 1 / 0;');
  await expect(migrate(database.db, folder)).rejects.toThrow('Migration 0003_third.sql failed');
  expect(await database.db.query('select number from migration')).toEqual([{ number: 1 }, { number: 2 }]);
  expect(await database.db.one("select to_regclass('b') as b")).toEqual({ b: null });
});

it('refuses an applied file that was changed', async () => {
  await migrate(database.db, folder);
  file('0001_first.sql', 'create table a (id bigint primary key);');
  await expect(migrate(database.db, folder)).rejects.toThrow('0001_first.sql was changed');
});

it('refuses an applied file that is missing', async () => {
  await migrate(database.db, folder);
  rmSync(join(folder, '0001_first.sql'));
  await expect(migrate(database.db, folder)).rejects.toThrow('Migration 1 is missing');
  file('0001_other.sql', 'select 1');
  await expect(migrate(database.db, folder)).rejects.toThrow('0001_first.sql, which is missing');
});

it('refuses a database that is newer than the program', async () => {
  await migrate(database.db, folder);
  rmSync(join(folder, '0002_second.sql'));
  await expect(migrate(database.db, folder)).rejects.toThrow('newer than this program: it has 0002_second.sql');
});

it('dumps tables, constraints, indexes, views, functions, triggers and partitions in a fixed order', async () => {
  file(
    '0003_third.sql',
    `create type mood as enum ('good', 'bad');
     create domain short as text check (length(value) < 9);
     create table part (id bigint generated always as identity, at date not null, m mood default 'good', s short, n int
       generated always as (1 + 1) stored, a_id int references a, check (n > 0), primary key (id, at)) partition by range (at);
     create table part_2026 partition of part for values from ('2026-01-01') to ('2027-01-01');
     create index part_by_m on part (m) where m = 'bad';
     create unlogged table cache (k text collate "C" primary key);
     create function one() returns int language sql as 'select 1';
     create function noop() returns trigger language plpgsql as 'begin return new; end';
     create trigger a_trigger before insert on a for each row execute function noop();
     create view seen as select id from a;`,
  );
  await migrate(database.db, folder);
  const dump = await schemaDump(database.db);
  expect(dump.replace(/ +/g, ' ')).toMatchInlineSnapshot(`
    "-- The schema that the numbered files add up to: compared in tests, not run. Refreshed by
    -- UPDATE=1 npx vitest run core/platform/schema-dump.test.ts

    type mood as enum ('good', 'bad')
    domain short as text CHECK (length(VALUE) < 9)

    table a
     id integer not null
     label text
     constraint a_pkey PRIMARY KEY (id)
     CREATE TRIGGER a_trigger BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION noop()

    unlogged table cache
     k text collate "C" not null
     constraint cache_pkey PRIMARY KEY (k)

    table migration
     number integer not null
     name text not null
     sha256 text not null
     applied_at timestamp with time zone not null default now()
     constraint migration_pkey PRIMARY KEY (number)

    table part partition by RANGE (at)
     id bigint not null generated always as identity
     at date not null
     m mood default 'good'::mood
     s short
     n integer generated always as ((1 + 1)) stored
     a_id integer
     constraint part_pkey PRIMARY KEY (id, at)
     constraint part_a_id_fkey FOREIGN KEY (a_id) REFERENCES a(id)
     constraint part_n_check CHECK (n > 0)
     CREATE INDEX part_by_m ON ONLY public.part USING btree (m) WHERE (m = 'bad'::mood)

    table part_2026 partition of part FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')

    view seen
     SELECT id
     FROM a;
     id integer

    CREATE OR REPLACE FUNCTION public.noop()
     RETURNS trigger
     LANGUAGE plpgsql
    AS $function$begin return new; end$function$

    CREATE OR REPLACE FUNCTION public.one()
     RETURNS integer
     LANGUAGE sql
    AS $function$select 1$function$
    "
  `);
});
