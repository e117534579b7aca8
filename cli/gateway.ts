/** `maplebridge gateway --open`: any supergraph over subgraphs elsewhere, for conformance suites and comparisons. */
import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import type { Command } from 'commander';
import { AppError } from '../core/platform/errors.ts';
import { createLog, describeError } from '../core/platform/log.ts';
import { createFederatedGateway } from '../gateway/executor/gateway.ts';
import { createOrigins } from '../gateway/executor/origins.ts';
import { createRemoteDataSource } from '../gateway/executor/remote.ts';
import { createOpenServer } from '../gateway/http/open-server.ts';
import { readKnownOperations } from './known-operations.ts';

interface GatewayOptions {
  readonly supergraph: string;
  readonly port: string;
  readonly host: string;
  readonly open?: boolean;
  readonly share: boolean;
  readonly operations?: string;
}

const LOOK_EVERY_MS = 500;
/** Of any subgraph. */
const TIMEOUT_MS = 30_000;

function readSupergraph(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new AppError('BAD_USER_INPUT', '--supergraph: the file cannot be read.', { cause });
  }
}

async function serve({ supergraph, port, host, open, share, operations }: GatewayOptions): Promise<void> {
  if (open !== true) {
    throw new AppError(
      'BAD_USER_INPUT',
      'This gateway knows no callers and asks nobody who they are: say --open. The county’s own is `maplebridge start`.',
    );
  }
  if (!/^\d{1,5}$/.test(port)) throw new AppError('BAD_USER_INPUT', '--port is a number.');
  const log = createLog({ level: 'warn', out: process.stderr });
  const origins = createOrigins({ connectTimeoutMs: TIMEOUT_MS });
  const gateway = createFederatedGateway({
    supergraphSdl: readSupergraph(supergraph),
    ...(operations !== undefined && { knownOperations: readKnownOperations(operations, '--operations') }),
    dataSources({ name, url }) {
      if (url === undefined) throw new AppError('BAD_USER_INPUT', `The supergraph says no address for ${name}.`);
      return createRemoteDataSource({ name, url, tokens: null, origins, log, timeoutMs: TIMEOUT_MS, share });
    },
    log,
  });
  const server = await createOpenServer({ gateway, host, port: Number(port), log });
  process.stdout.write(`Open gateway at ${server.url}/graphql\n`);
  // Looked at, not listened to: who writes a new file and renames it is seen as well.
  watchFile(supergraph, { interval: LOOK_EVERY_MS }, () => {
    reload().catch((error: unknown) => log.error({ error: describeError(error) }, 'the supergraph stays as it was'));
  });
  const reload = async (): Promise<void> => gateway.reload(readSupergraph(supergraph));
  const stop = (): void => {
    unwatchFile(supergraph);
    void server.close();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

export function addGatewayCommand(program: Command): void {
  program
    .command('gateway')
    .description(
      'serve any supergraph over HTTP subgraphs, to anybody: for conformance suites, never for people’s data',
    )
    .requiredOption(
      '--supergraph <file>',
      'the composed supergraph (SDL); it says where the subgraphs are, and is read again when it changes',
    )
    .option('--port <number>', 'port to listen on; 0 takes a free one', '4000')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--operations <file>', 'a JSON list of queries that are planned before the first request')
    .option('--no-share', 'ask subgraphs anew for what another request is asking them already')
    .option('--open', 'yes, without asking anybody who they are')
    .action((options: GatewayOptions) => serve(options));
}
