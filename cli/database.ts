import type { Command } from 'commander';
import { emptyErased } from '../core/people/erase-person.ts';
import { backup } from '../core/platform/backup.ts';
import { markRestored } from '../core/audit/publish.ts';
import type { Queryable } from '../core/platform/db.ts';
import { loadConfig } from '../core/platform/config.ts';
import { AppError } from '../core/platform/errors.ts';
import { restore } from '../core/platform/restore.ts';
import { emptyForgotten } from '../core/retention/closed-words.ts';
import { openLog } from './log.ts';
import { createClosing, type Closing } from './start/closing.ts';
import { openDatabase, openServer } from './start/foundation.ts';
import { print } from './with-database.ts';

/** Settings of a database, whatever else is or is not set: a backup must be possible on the worst day. */
export async function withServer<T>(run: (url: string, closing: Closing) => Promise<T>): Promise<T> {
  const config = loadConfig(process.env);
  const { log, close: closeLog } = openLog(config, process.stderr);
  const closing = createClosing();
  try {
    return await run(await openServer(config, log, closing), closing);
  } finally {
    await closing.close(log);
    await closeLog();
  }
}

/** What the keys that came with the backup say is destroyed. */
async function forgetAgain(q: Queryable): Promise<void> {
  await emptyErased(q);
  await emptyForgotten(q);
}

function requireFile(file: string): string {
  if (file.trim() === '') throw new AppError('BAD_USER_INPUT', 'Name the file.');
  return file;
}

export function addMigrateCommand(program: Command): void {
  program
    .command('migrate')
    .description('bring the database to this version’s schema')
    .action(async () => {
      const config = loadConfig(process.env);
      const { log, close: closeLog } = openLog(config, process.stderr);
      const closing = createClosing();
      try {
        const { applied } = await openDatabase(config, log, closing);
        print({ applied });
      } finally {
        await closing.close(log);
        await closeLog();
      }
    });
}

export function addBackupCommand(program: Command): void {
  program
    .command('backup')
    .argument('<file>', 'must not exist yet')
    .description(
      'write the database to a file, as of one moment, and its data keys to <file>.keys beside it: keep the two apart; the master keys are in neither',
    )
    .action((file: string) => withServer(async (url) => print(await backup({ url, file: requireFile(file) }))));
}

/** Before anybody works on it: what was forgotten is again, and the log goes on only where it is known what was published last. */
async function settleRestored(q: Queryable): Promise<void> {
  await forgetAgain(q);
  await markRestored(q);
}

export function addRestoreCommand(program: Command): void {
  program
    .command('restore')
    .argument('<file>', 'made by backup')
    .option('--keys <file>', 'the newest file of data keys (backup, keys export); by default <file>.keys')
    .description(
      'fill an empty database from a backup, all or nothing; who was erased by the time of the keys stays erased',
    )
    .action((file: string, { keys }: { keys?: string }) =>
      withServer(async (url) =>
        print(
          await restore({
            ...{ url, file: requireFile(file), settle: settleRestored },
            ...(keys === undefined ? {} : { keys: requireFile(keys) }),
          }),
        ),
      ),
    );
}
