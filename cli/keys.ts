import { resolve } from 'node:path';
import type { Command } from 'commander';
import { exportKeys } from '../core/platform/backup.ts';
import { readMasters } from '../core/platform/key-folder.ts';
import { carried, countByMaster, rotateKeys, type Rotation } from '../core/platform/rotate-keys.ts';
import { withServer } from './database.ts';
import { createProgress } from './progress.ts';
import { print, withDatabase } from './with-database.ts';

function tell({ number, retired }: Rotation): void {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  say(
    `Everything is wrapped by master key ${number}. Copy ${carried(number).join(' and ')} to every machine that runs Maplebridge.`,
  );
  if (retired.length > 0)
    say(
      `When that is done: make a new copy of the keys (maplebridge keys export), then ${retired.join(', ')} may be destroyed, with older copies.`,
    );
}

/** `keys rotate`, `keys export`, `keys status`. */
export function addKeysCommand(program: Command): void {
  const keys = program.command('keys').description('the master keys, and the data keys that they wrap');
  keys
    .command('rotate')
    .description(
      'have a new master key wrap everything; may be ended and begun again, says which file may be destroyed',
    )
    .action(() =>
      withDatabase(async ({ config, db }) => {
        const progress = createProgress();
        try {
          const rotation = await rotateKeys(db, config.keysFolder, {
            onProgress: (done, total) => progress.update('keys', done, total),
          });
          progress.stop();
          print(rotation);
          tell(rotation);
        } finally {
          progress.stop();
        }
      }),
    );
  keys
    .command('export')
    .argument('<file>', 'must not exist yet')
    .description(
      'write the data keys as they are now to a file: with it, every older backup forgets who was erased since',
    )
    .action((file: string) => withServer(async (url) => print(await exportKeys({ url, file: resolve(file) }))));
  keys
    .command('status')
    .description('which master keys there are, and how many data keys each of them wraps')
    .action(() =>
      withDatabase(async ({ config, db }) =>
        print({ masters: [...readMasters(config.keysFolder).keys()], wrapped: await countByMaster(db) }),
      ),
    );
}
