import { Command, CommanderError } from 'commander';
import { AppError } from '../core/platform/errors.ts';
import { addComposeCommand } from './compose.ts';
import { addDatabaseCommands } from './database.ts';
import { addDemoCommand } from './demo.ts';
import { addIngestCommand } from './ingest.ts';
import { addSeedCommand } from './seed.ts';
import { addStartCommand } from './start.ts';
import { addTokenCommand } from './token.ts';

/** Exit code: 0 done, 1 failed, 2 called wrongly. */
export async function runCli(argv: readonly string[]): Promise<number> {
  const program = new Command('maplebridge')
    .description('枫桥 Maplebridge: a federated gateway for a dispute-governance centre')
    .showHelpAfterError('(--help shows what there is)')
    .exitOverride();
  addStartCommand(program);
  addTokenCommand(program);
  addSeedCommand(program);
  addIngestCommand(program);
  addDemoCommand(program);
  addDatabaseCommands(program);
  addComposeCommand(program);
  try {
    await program.parseAsync(argv);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof AppError)) throw error;
    process.stderr.write(`maplebridge: ${error.message}\n`);
    return 1;
  }
}
