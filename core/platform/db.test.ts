import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/kit/database.ts';
import { createDb, type Db, type Tx } from './db.ts';
import { AppError } from './errors.ts';
import { freePort } from './free-port.ts';
import { sqlState, violatedConstraint } from './sql-fault.ts';

let database: TestDatabase;
let db: Db;
beforeAll(async () => {
  database = await createTestDatabase({ empty: true });
  db = database.db;
  await db.query('create table item (id int primary key, label text not null)');
});
afterAll(() => database.drop());

/** Resolves when `count` callers have arrived. */
const meeting = (count: number): (() => Promise<void>) => {
  let arrived = 0;
  let open: () => void = () => undefined;
  const all = new Promise<void>((resolve) => (open = resolve));
  return () => {
    if (++arrived >= count) open();
    return all;
  };
};

const faultOf = async (work: Promise<unknown>): Promise<AppError> => {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(AppError);
  return error as AppError;
};

it('gives numbers for int8, dates as text and instants as Date', async () => {
  const row = await db.one(
    `select 5::int8 as n, 9007199254740993 as big, array[1::int8, null] as ns, date '2026-03-01' as d,
    array[date '2026-03-01'] as ds, timestamptz '2026-03-01 08:00+08' as at where $1 = 1`,
    [1],
  );
  expect(row).toEqual({
    n: 5,
    big: '9007199254740993',
    ns: [1, null],
    d: '2026-03-01',
    ds: ['2026-03-01'],
    at: new Date('2026-03-01T00:00:00Z'),
  });
});

it('tells no row, one row and several apart', async () => {
  expect(await db.maybeOne('select 1 as x where false')).toBeNull();
  expect((await faultOf(db.one('select 1 as x where false'))).code).toBe('INTERNAL');
  expect((await faultOf(db.maybeOne('select generate_series(1, 2)'))).code).toBe('INTERNAL');
});

it('stores a whole transaction or nothing of it', async () => {
  await faultOf(
    db.tx(async (tx) => {
      await tx.query('insert into item values ($1, $2)', [1, 'a']);
      throw new AppError('CONFLICT', 'no');
    }),
  );
  expect(await db.query('select * from item')).toEqual([]);
});

it('does not pretend to have stored a transaction that went on after a failed statement', async () => {
  const fault = await faultOf(
    db.tx(async (tx) => {
      await tx.query('insert into item values (1, $1)', [null]).catch(() => undefined);
    }),
  );
  expect(fault.message).toContain('refused a statement');
  expect(await db.query('select * from item where id = 1')).toEqual([]);
});

it('sends in order what nobody waits for, and stores it with the rest', async () => {
  await db.tx(async (tx) => {
    tx.send('insert into item values ($1, $2)', [20, 'sent']);
    tx.send('update item set label = label || $2 where id = $1', [20, ' twice']);
    expect(await tx.one('select label from item where id = 20')).toEqual({ label: 'sent twice' });
    tx.send('update item set label = $2 where id = $1', [20, 'last']);
  });
  expect(await db.one('select label from item where id = 20')).toEqual({ label: 'last' });
});

it.each([
  ['with the next statement', async (tx: Tx) => void (await tx.query('select 1 as x'))],
  ['with the commit', async () => undefined],
])('names what went wrong with it, and stores nothing: %s', async (_, andThen) => {
  await db.query("insert into item values (21, 'x') on conflict do nothing");
  const fault = await faultOf(
    db.tx(async (tx) => {
      await tx.query('insert into item values ($1, $2)', [22, 'y']);
      tx.send('insert into item values ($1, $2)', [21, 'z']);
      await andThen(tx);
    }),
  );
  expect([sqlState(fault), violatedConstraint(fault)]).toEqual(['23505', 'item_pkey']);
  expect(await db.query('select from item where id = 22')).toEqual([]);
});

it('asks in turn over one connection, and a statement that fails takes no other with it', async () => {
  const ask = (q: Pick<Db, 'query'>, text: string): Promise<object[]> =>
    q.query(`select pg_backend_pid() as pid, (${text}) as x`, []);
  const several = await db.inTurn((q) =>
    Promise.allSettled([ask(q, 'select 1'), ask(q, 'select 1 / 0'), ask(q, 'select 3')]),
  );
  expect(several).toMatchObject([
    { status: 'fulfilled', value: [{ x: 1 }] },
    { status: 'rejected' },
    { status: 'fulfilled', value: [{ x: 3 }] },
  ]);
  const pids = new Set(
    several.flatMap((one) => (one.status === 'fulfilled' ? one.value : [])).map((row) => (row as { pid: number }).pid),
  );
  expect(pids.size).toBe(1);
  // The first failure ends the wait, not the others: the next caller finds a connection that is free.
  const slow: Promise<object[]>[] = [];
  await faultOf(
    db.inTurn(async (q) => {
      slow.push(ask(q, 'select 2 from pg_sleep(0.05)'));
      await Promise.all([slow[0], ask(q, 'select 1 / 0')]);
    }),
  );
  expect(await slow[0]).toMatchObject([{ x: 2 }]);
  expect(await db.one('select 5 as x', [])).toEqual({ x: 5 });
});

it('names state and constraint of a refusal, and repeats nothing of what was submitted', async () => {
  await db.query("insert into item values (7, 'x')");
  const twice = await faultOf(db.query('insert into item values ($1, $2)', [7, 'geheim']));
  expect([sqlState(twice), violatedConstraint(twice)]).toEqual(['23505', 'item_pkey']);
  const mistyped = await faultOf(db.query('select $1::text::int', ['440524188001010014']));
  expect(`${mistyped.message} ${String(mistyped.cause)} ${JSON.stringify(mistyped.cause)}`).not.toContain('4405');
  expect(sqlState(mistyped)).toBe('22003');
});

it('runs a transaction again that lost against another', async () => {
  await db.query("insert into item values (10, '0') on conflict (id) do update set label = '0'");
  const together = meeting(2);
  let runs = 0;
  const increment = (): Promise<void> =>
    db.tx(
      async (tx) => {
        runs += 1;
        const { label } = await tx.one<{ label: string }>('select label from item where id = 10');
        if (runs <= 2) await together();
        await tx.query('update item set label = $1 where id = 10', [String(Number(label) + 1)]);
      },
      { isolation: 'repeatable read' },
    );
  await Promise.all([increment(), increment()]);
  expect(await db.one('select label from item where id = 10')).toEqual({ label: '2' });
  expect(runs).toBe(3);
});

it('holds a named lock while the function runs, and says when it cannot have it', async () => {
  const inside = await db.withAdvisoryLock('one', () => db.tryWithAdvisoryLock('one', () => Promise.resolve(1)));
  expect(inside).toBeNull();
  expect(await db.tryWithAdvisoryLock('one', () => Promise.resolve(2))).toEqual({ value: 2 });
});

it('keeps others waiting for a lock to the end of the transaction', async () => {
  const order: string[] = [];
  const second = await db.tx(async (tx) => {
    await tx.lock('two');
    const other = db.tx(async (waiting) => {
      await waiting.lock('two');
      order.push('second');
    });
    while ((await tx.query("select 1 from pg_locks where locktype = 'advisory' and not granted")).length === 0);
    order.push('first');
    return { other };
  });
  await second.other;
  expect(order).toEqual(['first', 'second']);
});

it('fires the signal of a lock whose connection is gone', async () => {
  await db.withAdvisoryLock('three', async (signal) => {
    const gone = new Promise((resolve) => signal.addEventListener('abort', resolve));
    await db.query(`select pg_terminate_backend(l.pid) from pg_locks l where l.locktype = 'advisory' and l.granted
                      and l.database = (select oid from pg_database where datname = current_database())`);
    await gone;
    expect(signal.aborted).toBe(true);
  });
});

it('survives the loss of a connection that is in use', async () => {
  const alone = createDb({ url: database.url, max: 1 });
  const fault = await faultOf(alone.query('select pg_terminate_backend(pg_backend_pid())'));
  expect(fault.retryable).toBe(true);
  expect(await alone.one('select 1 as x')).toEqual({ x: 1 });
  await alone.close();
});

it('survives the loss of one that rests, once it has heard of it', async () => {
  let hear: () => void = () => undefined;
  const heard = new Promise<void>((resolve) => {
    hear = resolve;
  });
  const alone = createDb({ url: database.url, max: 1, log: { warn: () => hear() } });
  const { pid } = await alone.one<{ pid: number }>('select pg_backend_pid() as pid');
  await db.query('select pg_terminate_backend($1)', [pid]);
  await heard;
  expect(await alone.one('select 1 as x')).toEqual({ x: 1 });
  await alone.close();
});

it('counts statements and prepares those with values', async () => {
  const alone = createDb({ url: database.url, max: 1 });
  const before = alone.statements;
  await alone.tx((tx) => tx.query('select $1::int', [1]));
  expect(alone.statements - before).toBe(3);
  expect(await alone.query('select statement from pg_prepared_statements order by prepare_time')).toEqual([
    { statement: 'begin' },
    { statement: 'select $1::int' },
    { statement: 'commit' },
  ]);
  await alone.close();
});

it('says plainly that a server does not answer or refuses, without the password', async () => {
  const url = new URL(database.url);
  const dead = createDb({ url: `postgres://me:geheim@127.0.0.1:${await freePort()}/x` });
  const silent = await faultOf(dead.query('select 1'));
  expect(silent.message).toMatch(/^The database at 127\.0\.0\.1:\d+ does not answer \(ECONNREFUSED\)\.$/);
  expect(silent.retryable).toBe(true);
  url.password = 'geheim';
  const stranger = createDb({ url: url.href });
  const refused = await faultOf(stranger.query('select 1'));
  expect(refused.message).toContain('refuses this user or password');
  expect(JSON.stringify([silent, refused, String(silent.cause), String(refused.cause)])).not.toContain('geheim');
  expect(refused.retryable).toBe(false);
  await Promise.all([dead.close(), stranger.close()]);
});

/** A message of PostgreSQL's protocol. */
const said = (type: string, body: Buffer): Buffer => {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, body]);
};

it('survives a server that goes down in the same breath as it lets us in', async () => {
  const goingDown = 'SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0';
  const server = createServer((socket) =>
    socket.once('data', () =>
      socket.end(
        Buffer.concat([said('R', Buffer.alloc(4)), said('Z', Buffer.from('I')), said('E', Buffer.from(goingDown))]),
      ),
    ),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const away = createDb({ url: `postgres://me:pw@127.0.0.1:${(server.address() as AddressInfo).port}/x`, max: 1 });
  expect((await faultOf(away.query('select 1', [1]))).retryable).toBe(true);
  expect((await faultOf(away.tx((tx) => tx.query('select 1')))).retryable).toBe(true);
  await away.close();
  await new Promise((resolve) => server.close(resolve));
});
