// Hive Gateway with its Rust planner, on node:http as its own command runs it: node hive.mjs SUPERGRAPH
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createGatewayRuntime } from '@graphql-hive/gateway';
import { unifiedGraphHandler } from '@graphql-hive/router-runtime';

const runtime = createGatewayRuntime({
  supergraph: readFileSync(process.argv[2], 'utf8'),
  unifiedGraphHandler,
  // Nobody shares requests in this bench.
  transportEntries: { '*.http': { options: { deduplicateInflightRequests: false } } },
  // Nothing is reported to its maker.
  reporting: undefined,
  logging: 'error',
  landingPage: false,
  graphiql: false,
});
const server = createServer(runtime);
server.listen(0, '127.0.0.1', () => console.log(`listens at http://127.0.0.1:${server.address().port}/graphql`));
process.once('SIGTERM', () => process.exit(0));
