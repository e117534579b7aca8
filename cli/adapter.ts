import { randomBytes } from 'node:crypto';
import { InvalidArgumentError, type Command } from 'commander';
import { checkFacts } from '../adapters/check-facts.ts';
import { departmentChecks } from '../adapters/kit/checks.ts';
import type { Check, ConformanceContext, Misbehaviour } from '../adapters/kit/conformance.ts';
import type { Db } from '../core/platform/db.ts';
import { loadConfig } from '../core/platform/config.ts';
import { AppError } from '../core/platform/errors.ts';
import { createKeyring } from '../core/platform/keyring.ts';
import { describeError, silentLog, type Log } from '../core/platform/log.ts';
import { controlOf } from '../demo/departments/kit/control.ts';
import { AlreadySaid } from './already-said.ts';
import { demoFolders, loadDemoConfig } from './demo-config.ts';
import { openLog } from './log.ts';
import { createClosing } from './start/closing.ts';
import {
  createAdapter,
  DEPARTMENTS,
  isDepartmentKey,
  parseDepartmentSettings,
  type DepartmentKey,
} from './start/departments.ts';
import { layFoundation, type Foundation } from './start/foundation.ts';
import { openScratchDatabase } from './start/scratch-database.ts';

interface CheckOptions {
  readonly misbehave?: true;
  readonly pages: number;
}

function parseDepartment(text: string): DepartmentKey {
  if (!isDepartmentKey(text)) throw new InvalidArgumentError(`The departments are ${DEPARTMENTS.join(', ')}.`);
  return text;
}

function parsePages(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('It must be a whole number of 1 or more.');
  return Number(text);
}

/** The stand-in of a running demo, told to misbehave. */
function misbehaviourOf({ config }: Foundation, name: DepartmentKey): Misbehaviour {
  const control = controlOf(demoFolders(config).departments, name);
  return {
    slow: (ms) => control.behave({ slowMs: ms }),
    refuse: () => control.behave({ mode: 'refuse' }),
    garbage: () => control.behave({ mode: 'garbage' }),
    stop: () => control.behave({ mode: 'stop' }),
    heal: () => control.behave({ mode: 'heal' }),
    resetCounters: () => control.reset(),
    callsByKey: async () => (await control.counters()).byKey,
  };
}

/**
 * Nothing of the installation is used but its settings: keys made for the moment, no shared cache, files read into a
 * database that is dropped again. What is being read in is not disturbed.
 */
function contextFor(
  foundation: Foundation,
  name: DepartmentKey,
  scratch: Db,
  options: CheckOptions,
): ConformanceContext {
  const { clock, departmentSettings } = foundation;
  const settings = parseDepartmentSettings(departmentSettings, name);
  const facts = checkFacts[name];
  // One for all checks: what one of them has imported from files the next one finds.
  const keyring = createKeyring(randomBytes(32));
  return {
    ...facts,
    maxKeysPerCall: 'maxKeysPerCall' in settings ? settings.maxKeysPerCall : facts.maxKeysPerCall,
    policy: settings.policy,
    maxPages: options.pages,
    misbehaviour: options.misbehave ? misbehaviourOf(foundation, name) : null,
    open: (hooks = {}) =>
      createAdapter(departmentSettings, name, {
        kit: { clock, log: silentLog, keyring, shared: null, ...hooks },
        db: scratch,
        scanDb: null,
      }),
  };
}

/** Null when it holds, else why not. */
async function failureOf(check: Check, context: ConformanceContext, log: Log): Promise<string | null> {
  try {
    await check.run(context);
    return null;
  } catch (error) {
    if (error instanceof AppError) return error.message;
    log.error({ error: describeError(error) }, 'a check of an adapter failed inside');
    return 'it failed inside; the log says where.';
  }
}

async function runChecks(
  context: ConformanceContext,
  log: Log,
  stop: AbortSignal,
  say: (line: string) => void,
): Promise<number> {
  const counts = { ok: 0, failed: 0, skipped: 0 };
  for (const check of departmentChecks) {
    if (stop.aborted) throw new AppError('BAD_USER_INPUT', 'Stopped before the end; run it again to check the rest.');
    if (check.needsMisbehaviour && context.misbehaviour === null) {
      counts.skipped += 1;
      say(`skipped  ${check.title} (needs a system that misbehaves on command)`);
      continue;
    }
    const failure = await failureOf(check, context, log);
    if (failure === null) counts.ok += 1;
    else counts.failed += 1;
    say(failure === null ? `ok       ${check.title}` : `FAILED   ${check.title}: ${failure}`);
  }
  say(`${counts.ok} ok, ${counts.failed} failed, ${counts.skipped} skipped`);
  return counts.failed;
}

async function checkAdapter(name: DepartmentKey, options: CheckOptions): Promise<void> {
  const config = options.misbehave ? loadDemoConfig('adapter check --misbehave') : loadConfig(process.env);
  const { log, close: closeLog } = openLog(config, process.stderr);
  const closing = createClosing();
  // The check under way ends first: it heals the system that it made misbehave.
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.once('SIGTERM', () => stop.abort());
  try {
    const say = (line: string): void => void process.stdout.write(`${line}\n`);
    const foundation = await layFoundation({ config, log, closing, withDemo: true, say });
    if (options.misbehave && foundation.demo === null) {
      throw new AppError(
        'BAD_USER_INPUT',
        '--misbehave is for the demo’s stand-ins; these settings name real systems.',
      );
    }
    const scratch = await openScratchDatabase({ url: foundation.databaseUrl, db: foundation.db }, closing);
    const context = contextFor(foundation, name, scratch, options);
    if ((await runChecks(context, log, stop.signal, say)) > 0) throw new AlreadySaid();
  } finally {
    await closing.close(log);
    await closeLog();
  }
}

export function addAdapterCommand(program: Command): void {
  program
    .command('adapter')
    .description('for the authors of adapters')
    .command('check')
    .argument('<department>', DEPARTMENTS.join(', '), parseDepartment)
    .description('check that a department’s adapter, as it is set, keeps what every adapter promises; it only reads')
    .option(
      '--misbehave',
      'also what needs a system that misbehaves on command: the demo’s stand-in does, for some minutes',
    )
    .option('--pages <n>', 'pages of the change feed read at most', parsePages, 50)
    .action(checkAdapter);
}
