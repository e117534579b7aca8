import { Command, CommanderError } from 'commander';
import { AppError } from '../core/platform/errors.ts';
import { AlreadySaid } from './already-said.ts';

type AddCommand = (program: Command) => void;

/** In the order of --help. Each is loaded only when it is called: asking for a token does not load the gateway. */
const COMMANDS: Readonly<Record<string, () => Promise<AddCommand>>> = {
  start: async () => (await import('./start.ts')).addStartCommand,
  token: async () => (await import('./token.ts')).addTokenCommand,
  seed: async () => (await import('./seed.ts')).addSeedCommand,
  ingest: async () => (await import('./ingest.ts')).addIngestCommand,
  people: async () => (await import('./people.ts')).addPeopleCommand,
  demo: async () => (await import('./demo.ts')).addDemoCommand,
  webhook: async () => (await import('./webhook.ts')).addWebhookCommand,
  adapter: async () => (await import('./adapter.ts')).addAdapterCommand,
  disclosures: async () => (await import('./disclosures.ts')).addDisclosuresCommand,
  migrate: async () => (await import('./database.ts')).addMigrateCommand,
  backup: async () => (await import('./database.ts')).addBackupCommand,
  restore: async () => (await import('./database.ts')).addRestoreCommand,
  keys: async () => (await import('./keys.ts')).addKeysCommand,
  retention: async () => (await import('./retention.ts')).addRetentionCommand,
  erase: async () => (await import('./retention.ts')).addEraseCommand,
  compose: async () => (await import('./compose.ts')).addComposeCommand,
  audit: async () => (await import('./audit.ts')).addAuditCommand,
  gateway: async () => (await import('./gateway.ts')).addGatewayCommand,
  doctor: async () => (await import('./doctor.ts')).addDoctorCommand,
};

async function addCommands(program: Command, name: string | undefined): Promise<void> {
  const called = name === undefined ? undefined : COMMANDS[name];
  for (const load of called ? [called] : Object.values(COMMANDS)) (await load())(program);
}

/** Exit code: 0 done, 1 failed, 2 called wrongly. */
export async function runCli(argv: readonly string[]): Promise<number> {
  const program = new Command('maplebridge')
    .description('枫桥 Maplebridge: a federated gateway for a dispute-governance centre')
    .showHelpAfterError('(--help shows what there is)')
    .exitOverride();
  try {
    await addCommands(program, argv[2]);
    await program.parseAsync(argv);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof AppError)) throw error;
    if (!(error instanceof AlreadySaid)) process.stderr.write(`maplebridge: ${error.message}\n`);
    return 1;
  }
}
