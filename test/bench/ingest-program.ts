/** Reads departments in, as `maplebridge ingest` does, and tells its parent how far it is and how long each took. */
import { createClosing } from '../../cli/start/closing.ts';
import { createDepartmentOpener, isDepartmentKey } from '../../cli/start/departments.ts';
import { layFoundation } from '../../cli/start/foundation.ts';
import { openDisputeComparing, openReadIn } from '../../cli/start/worker.ts';
import type { ReadInResult } from '../../core/people/read-in.ts';
import { loadConfig } from '../../core/platform/config.ts';
import { createLog } from '../../core/platform/log.ts';
import { answerUsage, type Usage } from './kit/usage.ts';

export interface DepartmentRead extends ReadInResult {
  readonly source: string;
  readonly ms: number;
}

export interface IngestSaid {
  readonly ready?: true;
  /** Records of a department in the index. */
  readonly progress?: { readonly source: string; readonly done: number };
  readonly read?: { readonly ms: number; readonly departments: readonly DepartmentRead[] };
  readonly compared?: { readonly ms: number; readonly persons: number };
  /** What might be one dispute. */
  readonly linked?: { readonly ms: number; readonly records: number };
  readonly usage?: Usage;
}

const config = loadConfig(process.env);
const log = createLog({ level: config.logLevel, out: process.stderr });
const closing = createClosing();
const foundation = await layFoundation({ config, log, closing, withDemo: false, say: () => undefined });
const tell = answerUsage(() => foundation.db.statements);
const open = await createDepartmentOpener(foundation, closing);
const readIn = openReadIn(foundation, open);
const [name] = process.argv.slice(2);
const sources = name !== undefined && isDepartmentKey(name) ? [open(name).code] : readIn.sources;
tell({ ready: true });
const began = performance.now();
const departments = await Promise.all(
  sources.map(async (source) => ({
    source,
    ...(await readIn.read(source, { onProgress: ({ done }) => tell({ progress: { source, done } }) })),
    ms: performance.now() - began,
  })),
);
tell({ read: { ms: performance.now() - began, departments } });
const read = performance.now();
tell({ compared: { persons: await readIn.compare(), ms: performance.now() - read } });
const compared = performance.now();
tell({ linked: { records: await openDisputeComparing(foundation).compare(), ms: performance.now() - compared } });
// The parent asks what was used, then says that this is all.
process.once('SIGTERM', () => void closing.close(log).then(() => process.exit(0)));
