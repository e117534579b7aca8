/** The gateway as `maplebridge start gateway` wires it, in a process of its own that says what it has used. */
import { createClosing } from '../../cli/start/closing.ts';
import { createDepartmentOpener } from '../../cli/start/departments.ts';
import { layFoundation } from '../../cli/start/foundation.ts';
import { startGateway } from '../../cli/start/gateway.ts';
import { loadConfig } from '../../core/platform/config.ts';
import { createLog } from '../../core/platform/log.ts';
import { answerUsage, type Usage } from './kit/usage.ts';

export interface GatewaySaid {
  readonly ready?: { readonly url: string; readonly token: string };
  readonly usage?: Usage;
}

const config = loadConfig(process.env);
const log = createLog({ level: config.logLevel, out: process.stderr });
const closing = createClosing();
const foundation = await layFoundation({ config, log, closing, withDemo: true, say: () => undefined });
const tell = answerUsage(() => foundation.db.statements);
const open = await createDepartmentOpener(foundation, closing);
// Only here: how much slower an answer is for being written down.
const unwritten = process.env['BENCH_UNDISCLOSED'] ? { writeDisclosure: () => Promise.resolve() } : {};
const url = await startGateway(foundation, open, closing, unwritten);
if (!foundation.demo) throw new Error('The bench runs on the made-up county.');
const identity = { org: 'centre', roles: ['centre.operator'], subject: 'bench', name: 'Bench' };
tell({ ready: { url, token: await foundation.demo.issuer.mintToken(identity) } });
process.once('SIGTERM', () => void closing.close(log).then(() => process.exit(0)));
