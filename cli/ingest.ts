import type { Command } from 'commander';
import { loadConfig } from '../core/platform/config.ts';
import { AppError } from '../core/platform/errors.ts';
import { openLog } from './log.ts';
import { createProgress } from './progress.ts';
import { createClosing } from './start/closing.ts';
import { createDepartmentOpener, DEPARTMENTS, isDepartmentKey } from './start/departments.ts';
import { layFoundation } from './start/foundation.ts';
import { openDisputeComparing, openReadIn } from './start/worker.ts';

async function ingest(name: string | undefined): Promise<void> {
  if (name !== undefined && !isDepartmentKey(name)) {
    throw new AppError('BAD_USER_INPUT', `There is no such department; there are ${DEPARTMENTS.join(', ')}.`);
  }
  const config = loadConfig(process.env);
  const { log, close: closeLog } = openLog(config, process.stderr);
  const closing = createClosing();
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  const progress = createProgress();
  try {
    const say = (line: string): void => void process.stderr.write(`${line}\n`);
    const foundation = await layFoundation({ config, log, closing, withDemo: true, say });
    const open = await createDepartmentOpener(foundation, closing);
    const readIn = openReadIn(foundation, open);
    const wanted = name === undefined ? readIn.sources : [open(name).code];
    const results = await Promise.allSettled(
      wanted.map(async (source) => ({
        source,
        ...(await readIn.read(source, {
          signal: stop.signal,
          onProgress: ({ done, total }) => progress.update(source, done, total),
        })),
      })),
    );
    const comparing = [
      ['people compared', readIn],
      ['disputes compared', openDisputeComparing(foundation)],
    ] as const;
    for (const [title, what] of comparing) {
      if (stop.signal.aborted || !(await what.mustCompare())) continue;
      let total = 0;
      await what.compare({
        signal: stop.signal,
        onProgress(waiting) {
          total = Math.max(total, waiting);
          progress.update(title, total - waiting, total);
        },
      });
    }
    progress.stop();
    for (const result of results) {
      if (result.status === 'fulfilled') process.stdout.write(`${JSON.stringify(result.value)}\n`);
      else
        process.stderr.write(
          `maplebridge: ${result.reason instanceof AppError ? result.reason.message : 'failed; the log says why'}\n`,
        );
    }
    if (results.some(({ status }) => status === 'rejected')) {
      throw new AppError(
        'SOURCE_UNAVAILABLE',
        'Not every department could be read in; what was read is kept, run it again to go on.',
      );
    }
  } finally {
    await closing.close(log);
    await closeLog();
  }
}

export function addIngestCommand(program: Command): void {
  program
    .command('ingest')
    .argument('[department]', `${DEPARTMENTS.join(', ')}; all of them by default`)
    .description('read departments in now: everything newer than the last time')
    .action(ingest);
}
