import { InvalidArgumentError, type Command } from 'commander';
import { AppError } from '../core/platform/errors.ts';
import { findOrWriteCounty } from '../demo/county/write-county.ts';
import { DEMO_PEOPLE, DEMO_SEED, demoFolders, loadDemoConfig } from './demo-config.ts';
import { createProgress } from './progress.ts';

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError('It must be a whole number.');
  return value;
}

export function addSeedCommand(program: Command): void {
  program
    .command('seed')
    .description('make up a county: people, organisations and what four offices wrote of them')
    .option('--people <n>', 'how many people', wholeNumber, DEMO_PEOPLE)
    .option('--seed <n>', 'equal seeds make equal counties', wholeNumber, DEMO_SEED)
    .action(async ({ people, seed }: { people: number; seed: number }) => {
      const config = loadDemoConfig('seed');
      const dir = demoFolders(config).county;
      const progress = createProgress();
      const onProgress = (done: number, total: number): void => progress.update('county', done, total);
      const county = await findOrWriteCounty({ people, seed, dir, onProgress });
      progress.stop();
      if (county.people !== people || county.seed !== seed) {
        throw new AppError(
          'BAD_USER_INPUT',
          `There is a county of ${county.people} people (seed ${county.seed}) already, which may have been read in; name another folder by MAPLEBRIDGE_DATA, or delete this one.`,
        );
      }
      process.stdout.write(`${JSON.stringify(county, null, 2)}\n`);
    });
}
