import { createWriteStream, mkdirSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import { join } from 'node:path';
import type { Config } from '../core/platform/config.ts';
import { createLog, type Log } from '../core/platform/log.ts';

export interface OpenLog {
  readonly log: Log;
  readonly close: () => Promise<void>;
}

/**
 * JSON lines: to standard output, where whatever runs us collects them, or to where a command that answers there itself
 * says; in the demo to a file, because there a person looks at the screen.
 */
export function openLog(config: Config, out: NodeJS.WritableStream = process.stdout): OpenLog {
  if (!config.demo) return { log: createLog({ level: config.logLevel, out }), close: () => Promise.resolve() };
  mkdirSync(config.dataFolder, { recursive: true, mode: 0o700 });
  const file = createWriteStream(join(config.dataFolder, 'maplebridge.log'), { flags: 'a', mode: 0o600 });
  return {
    log: createLog({ level: config.logLevel, out: file }),
    async close() {
      file.end();
      await finished(file);
    },
  };
}
