/** `maplebridge audit`: a chain of referrals with its proof, and checking one without trusting us. */
import { Option, type Command } from 'commander';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { ChainFault, chainText } from '../core/audit/log/parse-chain.ts';
import { NoteFault, parseVerifierKey, type NoteVerifier } from '../core/audit/log/note.ts';
import { verifyChain, type VerifiedChain } from '../core/audit/log/verify-chain.ts';
import type { Sequencer } from '../core/audit/sequencer.ts';
import { defaultAuditLog, loadCountyConfig } from '../core/platform/county-config.ts';
import type { Db } from '../core/platform/db.ts';
import { AppError } from '../core/platform/errors.ts';
import { loadKeyring } from '../core/platform/key-folder.ts';
import { exportChain } from '../core/referrals/export-chain.ts';
import { AUDIT_LOCK } from '../worker/audit.ts';
import { createLogSequencer } from './start/audit-log.ts';
import { withDatabase } from './with-database.ts';

const POLL_MS = 100;
const PATIENCE_MS = 30_000;

/** Where a worker runs it has the log; where none does, this goes on with it. */
const createUntilPublished =
  (db: Db, sequencer: Sequencer) =>
  async (isPublished: () => Promise<boolean>): Promise<void> => {
    for (let waited = 0; !(await isPublished()); waited += POLL_MS) {
      if (waited >= PATIENCE_MS)
        throw new AppError('INTERNAL', 'The audit log does not go on; the worker’s log says why.');
      const held = await db.tryWithAdvisoryLock(AUDIT_LOCK, () => sequencer.run());
      if (held === null) await delay(POLL_MS);
    }
  };

const exportToOutput = (referralId: string): Promise<void> =>
  withDatabase(async ({ config, db, clock, log, closing }) => {
    const keyring = loadKeyring(config.keysFolder, { create: false });
    const auditLog =
      config.countyFile === null ? defaultAuditLog : loadCountyConfig(config.countyFile, process.env).audit;
    const sequencer = createLogSequencer({ config, db, keyring, clock, auditLog, log }, closing);
    const { file } = await exportChain(
      { db, keyring, wall: () => clock.wall(), untilPublished: createUntilPublished(db, sequencer) },
      { referralId, organisation: null, actor: null, mayOpen: () => true },
    );
    process.stdout.write(file);
  });

function readBytes(file: string, what: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new AppError('BAD_USER_INPUT', `The ${what} cannot be read: give the path of a file.`, { cause });
  }
}

function keyIn(file: string): NoteVerifier {
  try {
    return parseVerifierKey(readBytes(file, 'key').toString());
  } catch (error) {
    if (error instanceof NoteFault) throw new AppError('BAD_USER_INPUT', `The key file: ${error.message}`);
    throw error;
  }
}

export const summaryOf = (chain: VerifiedChain): string => {
  const cosigned = chain.witnesses.length > 0 ? `, co-signed by ${chain.witnesses.join(', ')}` : '';
  const erased =
    chain.erased > 0 ? `; words of ${chain.erased} events are not in it: erased, or not for whoever asked` : '';
  const partial = chain.complete ? 'complete' : 'as far as whoever asked for it may see it';
  return (
    `OK: the chain of ${chain.root}, ${partial} at ${chain.at}: ${chain.referrals} referrals, ${chain.events} events unchanged` +
    `${erased}; as of the checkpoint of ${chain.origin} over ${chain.size} entries${cosigned}.`
  );
};

function requiredOf(text: string): number {
  if (!/^\d{1,3}$/.test(text)) throw new AppError('BAD_USER_INPUT', '--required is a number of witnesses.');
  return Number(text);
}

interface VerifyOptions {
  readonly key: string;
  readonly witness: readonly string[];
  readonly required?: string;
}

function verifyFile(file: string, { key, witness, required }: VerifyOptions): void {
  const keys = {
    ...{ log: keyIn(key), witnesses: witness.map(keyIn) },
    ...(required !== undefined && { required: requiredOf(required) }),
  };
  try {
    process.stdout.write(`${summaryOf(verifyChain(chainText(readBytes(file, 'chain')), keys))}\n`);
  } catch (error) {
    if (error instanceof ChainFault) throw new AppError('BAD_USER_INPUT', `NOT PROVED: ${error.message}`);
    throw error;
  }
}

export function addAuditCommand(program: Command): void {
  const command = program
    .command('audit')
    .description('a chain of referrals with its proof, and checking one off line');
  command
    .command('export')
    .argument('<referral>', 'id of any referral of the chain')
    .description('write the whole chain, canonical JSON, to the standard output; it is noted in the audit log')
    .action(exportToOutput);
  command
    .command('verify')
    .argument('<file>', 'what `audit export` wrote')
    .description('say what the file proves; needs neither database nor network; exit code 1 when it proves nothing')
    .requiredOption('--key <file>', 'the log’s public key, as /audit/vkey gives it')
    .addOption(new Option('--witness <file...>', 'public keys of departments that co-sign').default([], 'none'))
    .option('--required <number>', 'how many of these must have signed; by default all')
    .action(verifyFile);
}
