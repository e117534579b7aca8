/** A Maplebridge process for tests: starts the server of a folder, tells of it on one line, stops it when its input ends. */
import { AppError } from '../../core/platform/errors.ts';
import { startEmbeddedPostgres } from '../../core/platform/embedded-postgres/embedded-postgres.ts';

const dir = process.argv[2];
if (dir === undefined) throw new Error('which folder?');
try {
  const server = await startEmbeddedPostgres({ dir, settings: { fsync: 'off' } });
  process.stdout.write(
    `${JSON.stringify({ url: server.url, pid: server.pid, port: server.port, adopted: server.adopted })}\n`,
  );
  process.stdin.on('end', () => void server.stop()).resume();
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  process.stdout.write(`${JSON.stringify({ fault: error.message })}\n`);
}
