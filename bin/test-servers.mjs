// Runs the tests on Debian's own PostgreSQL 15 and Redis, started for this run in a folder of their own and stopped after
// it: `npm run test:servers [vitest arguments]`. Says what is missing and fails; nothing is skipped here.
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const postgresBin = '/usr/lib/postgresql/15/bin';
const redisServer = ['/usr/bin/redis-server', '/usr/local/bin/redis-server'].find(existsSync);
const missing = [];
if (!existsSync(join(postgresBin, 'postgres'))) missing.push('postgresql-15');
if (!redisServer) missing.push('redis-server');
if (missing.length > 0) {
  console.error(
    `test:servers needs Debian's ${missing.join(' and ')}: apt-get install -y --no-install-recommends ${missing.join(' ')}`,
  );
  process.exit(1);
}

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

const root = process.getuid() === 0;
const dir = mkdtempSync(join(tmpdir(), 'maplebridge-servers-'));
const data = join(dir, 'postgres');
const password = randomBytes(12).toString('hex');
const passwordFile = join(dir, 'password');
writeFileSync(passwordFile, password, { mode: 0o644 });
// PostgreSQL does not run as root.
const asPostgres = { cwd: '/' };
if (root) {
  asPostgres.uid = Number(execFileSync('id', ['-u', 'postgres']));
  asPostgres.gid = Number(execFileSync('id', ['-g', 'postgres']));
  chownSync(dir, asPostgres.uid, asPostgres.gid);
}
execFileSync(
  join(postgresBin, 'initdb'),
  [
    '-D',
    data,
    '-U',
    'maplebridge',
    '--auth=scram-sha-256',
    `--pwfile=${passwordFile}`,
    '--encoding=UTF8',
    '--locale=C.UTF-8',
    '-N',
  ],
  { ...asPostgres, stdio: ['ignore', 'ignore', 'inherit'] },
);

const [postgresPort, redisPort] = [await freePort(), await freePort()];
const postgresArgs = [
  ...['-D', data, '-p', String(postgresPort), '-k', dir, '-c', 'listen_addresses=127.0.0.1'],
  ...['-c', 'fsync=off', '-c', 'max_connections=500', '-c', 'log_min_messages=fatal'],
];
const servers = [
  spawn(join(postgresBin, 'postgres'), postgresArgs, { ...asPostgres, stdio: 'ignore' }),
  spawn(
    redisServer,
    ['--port', String(redisPort), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', dir],
    { stdio: 'ignore' },
  ),
];

const ready = () => {
  try {
    execFileSync(join(postgresBin, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(postgresPort)], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};
for (const deadline = Date.now() + 20_000; !ready();) {
  if (Date.now() > deadline) throw new Error('PostgreSQL 15 did not start');
  await new Promise((resolve) => setTimeout(resolve, 100));
}

const databaseUrl = `postgresql://maplebridge:${password}@127.0.0.1:${postgresPort}/postgres`;
const redisUrl = `redis://127.0.0.1:${redisPort}`;
const tests = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: {
    ...process.env,
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    // The scenarios start programs of their own, from whose environment settings are kept away.
    TEST_POSTGRES: databaseUrl,
    TEST_REDIS: redisUrl,
  },
});
tests.on('exit', async (code) => {
  for (const server of servers) {
    const gone = new Promise((resolve) => server.on('exit', resolve));
    server.kill('SIGINT');
    await gone;
  }
  rmSync(dir, { recursive: true, force: true });
  process.exitCode = code ?? 1;
});
