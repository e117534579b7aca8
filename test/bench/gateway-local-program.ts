/** Ours with the made-up subgraphs in its own process: SUPERGRAPH is the only argument. */
import { readFileSync } from 'node:fs';
import type { Caller } from '../../core/access/caller.ts';
import { AppError } from '../../core/platform/errors.ts';
import { createLog } from '../../core/platform/log.ts';
import type { GatewayContext, SubgraphDataSource } from '../../gateway/executor/data-source.ts';
import { createFederatedGateway } from '../../gateway/executor/gateway.ts';
import { createLocalDataSource } from '../../gateway/executor/local.ts';
import { createOpenServer } from '../../gateway/http/open-server.ts';
import { createMadeUpSubgraphs } from './kit/made-up-subgraphs.ts';

const BENCH: Caller = {
  subject: 'bench',
  name: null,
  organisation: { id: 'bench', code: 'bench', kind: 'CENTRE', path: 'bench', selfAndAbove: [], sources: [] },
  ...{ roles: [], purpose: 'mediation', reason: null, requestId: 'bench' },
};

/** The open gateway knows no callers, and a subgraph of this process answers nobody without one. */
function forAnybody(source: SubgraphDataSource): SubgraphDataSource {
  const admitted = new WeakMap<GatewayContext, GatewayContext>();
  const admit = (context: GatewayContext): GatewayContext => {
    const known = admitted.get(context) ?? { ...context, caller: BENCH };
    admitted.set(context, known);
    return known;
  };
  return {
    ...source,
    fetch: (request) => source.fetch({ ...request, context: admit(request.context) }),
  };
}

const log = createLog({ level: 'warn', out: process.stderr });
const subgraphs = new Map(createMadeUpSubgraphs().map((subgraph) => [subgraph.name, subgraph]));
const readers = new Map();
const gateway = createFederatedGateway({
  supergraphSdl: readFileSync(process.argv[2] ?? '', 'utf8'),
  dataSources({ name }) {
    const subgraph = subgraphs.get(name);
    if (!subgraph) throw new AppError('BAD_USER_INPUT', `There is no made-up ${name}.`);
    return forAnybody(createLocalDataSource({ subgraph, readers, log }));
  },
  log,
});
const server = await createOpenServer({ gateway, host: '127.0.0.1', port: 0, log });
process.stdout.write(`Open gateway at ${server.url}/graphql\n`);
process.once('SIGTERM', () => void server.close().then(() => process.exit(0)));
