// @apollo/gateway under @apollo/server, as their documentation sets them up: node stock.mjs SUPERGRAPH [--local SUBGRAPHS]
// With --local its subgraphs run in this process: SUBGRAPHS is a module that gives `createMadeUpRunners`.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { ApolloGateway } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';

const [supergraph, local, module] = process.argv.slice(2);

// Only text and plain data cross over: the subgraphs have a graphql of their own.
async function localServices() {
  const { createMadeUpRunners } = await import(pathToFileURL(module).href);
  const runners = createMadeUpRunners();
  return ({ name }) => ({ process: ({ request }) => runners.get(name)(request) });
}

const gateway = new ApolloGateway({
  supergraphSdl: readFileSync(supergraph, 'utf8'),
  ...(local === '--local' && { buildService: await localServices() }),
});
const server = new ApolloServer({ gateway });
const { url } = await startStandaloneServer(server, { listen: { host: '127.0.0.1', port: 0 } });
console.log(`listens at ${new URL('/graphql', url).href}`);
process.once('SIGTERM', () => process.exit(0));
