/** `maplebridge gateway --open`: any supergraph over subgraphs elsewhere, for conformance suites and comparisons. */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { AppError } from '../core/platform/errors.ts';
import { createLog } from '../core/platform/log.ts';
import { createFederatedGateway } from '../gateway/executor/gateway.ts';
import { createRemoteDataSource } from '../gateway/executor/remote.ts';
import { createOpenServer } from '../gateway/http/open-server.ts';

interface GatewayOptions {
  readonly supergraph: string;
  readonly port: string;
  readonly host: string;
  readonly open?: boolean;
}

function readSupergraph(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new AppError('BAD_USER_INPUT', 'The supergraph cannot be read: give --supergraph the path of a file.', {
      cause,
    });
  }
}

async function serve({ supergraph, port, host, open }: GatewayOptions): Promise<void> {
  if (open !== true) {
    throw new AppError(
      'BAD_USER_INPUT',
      'This gateway knows no callers and asks nobody who they are: say --open. The county’s own is `maplebridge start`.',
    );
  }
  if (!/^\d{1,5}$/.test(port)) throw new AppError('BAD_USER_INPUT', '--port is a number.');
  const log = createLog({ level: 'warn', out: process.stderr });
  const gateway = createFederatedGateway({
    supergraphSdl: readSupergraph(supergraph),
    dataSources({ name, url }) {
      if (url === undefined) throw new AppError('BAD_USER_INPUT', `The supergraph says no address for ${name}.`);
      return createRemoteDataSource({ name, url, tokens: null, log, timeoutMs: 30_000 });
    },
    log,
  });
  const server = await createOpenServer({ gateway, host, port: Number(port), log });
  process.stdout.write(`Open gateway at ${server.url}/graphql\n`);
  const stop = (): void => void server.close();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

export function addGatewayCommand(program: Command): void {
  program
    .command('gateway')
    .description(
      'serve any supergraph over HTTP subgraphs, to anybody: for conformance suites, never for people’s data',
    )
    .requiredOption('--supergraph <file>', 'the composed supergraph (SDL); it says where the subgraphs are')
    .option('--port <number>', 'port to listen on; 0 takes a free one', '4000')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--open', 'yes, without asking anybody who they are')
    .action((options: GatewayOptions) => serve(options));
}
