/** One stand-in as a program: `program.js courts --dir DIR --county DIR [--latency-ms N]`. Ends with its parent, or on SIGTERM. */
import { parseArgs } from 'node:util';
import { AppError } from '../../core/platform/errors.ts';
import type { DepartmentName } from '../county/model.ts';
import { openDepartment } from './kit/open.ts';
import { standIns } from './programs.ts';

export async function main(argv: readonly string[]): Promise<void> {
  const { positionals, values } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { dir: { type: 'string' }, county: { type: 'string' }, 'latency-ms': { type: 'string' } },
  });
  const [name = ''] = positionals;
  const load = standIns[name as DepartmentName];
  if (load === undefined || values.dir === undefined || values.county === undefined) {
    throw new AppError('BAD_USER_INPUT', `Usage: program ${Object.keys(standIns).join('|')} --dir DIR --county DIR`);
  }
  const latency = values['latency-ms'];
  const running = await openDepartment(await load(), {
    dir: values.dir,
    countyDir: values.county,
    latencyMs: latency === undefined ? undefined : Number(latency),
  });
  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    void running.stop().finally(() => process.exit(0));
  };
  process.once('SIGTERM', end);
  if (process.send === undefined) {
    process.once('SIGINT', end);
  } else {
    // Ctrl-C reaches the whole group; the parent decides in which order things end.
    process.on('SIGINT', () => undefined);
    process.once('disconnect', end);
    process.send({ ready: true });
  }
}

if (process.argv[1]?.endsWith('program.js')) {
  main(process.argv.slice(2)).catch((error: unknown) => {
    process.stderr.write(`${error instanceof AppError ? error.message : String((error as Error).stack)}\n`);
    process.exit(1);
  });
}
