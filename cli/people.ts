import type { Command } from 'commander';
import { learnFromIndex, listWeights, putBack, putInForce } from '../core/people/learn-weights.ts';
import { loadKeyring } from '../core/platform/key-folder.ts';
import { badInput } from '../core/platform/errors.ts';
import { print, withDatabase } from './with-database.ts';

const comparedLater = (version: string): void =>
  void process.stderr.write(
    `${version} is in force. Everybody is compared anew by the worker, or now by \`maplebridge ingest\`; who holds records hears of what changes.\n`,
  );

/** `people weights`, `people learn`, `people use`. */
export function addPeopleCommand(program: Command): void {
  const people = program.command('people').description('by which weights records become persons (docs/joining.md)');
  people
    .command('weights')
    .description('those there have been, and which are in force')
    .action(() =>
      withDatabase(async ({ db }) => {
        for (const line of await listWeights(db)) print(line);
      }),
    );
  people
    .command('learn')
    .option('--dry-run', 'print what would be learned; changes nothing')
    .description('learn weights from this county’s records, without anybody saying who is who, and put them in force')
    .action(({ dryRun = false }: { dryRun?: boolean }) =>
      withDatabase(async ({ config, db, clock }) => {
        const weights = await learnFromIndex(db, loadKeyring(config.keysFolder, { create: false }));
        if (dryRun) {
          const { names: _, version: __, ...told } = weights;
          print(told);
          return;
        }
        comparedLater(await db.tx((tx) => putInForce(tx, weights, clock.wall())));
      }),
    );
  people
    .command('use')
    .argument('<number>', 'of the weights, as `people weights` lists them')
    .description('put earlier weights in force again, under a new number')
    .action((number: string) => {
      if (!/^\d{1,9}$/.test(number))
        throw badInput('number', 'The number of weights is a number; `maplebridge people weights` lists them.');
      return withDatabase(async ({ db, clock }) => comparedLater(await putBack(db, Number(number), clock.wall())));
    });
}
