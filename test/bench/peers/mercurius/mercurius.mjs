// Mercurius' federation gateway: node mercurius.mjs SERVICES, a JSON file of addresses by subgraph. It composes what they say their schemas are.
import { readFileSync } from 'node:fs';
import mercuriusGateway from '@mercuriusjs/gateway';
import fastify from 'fastify';

const services = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const app = fastify({ logger: false });
await app.register(mercuriusGateway, {
  gateway: {
    services: Object.entries(services).map(([name, url]) => ({ name, url, mandatory: true })),
  },
});
await app.listen({ host: '127.0.0.1', port: 0 });
console.log(`listens at http://127.0.0.1:${app.server.address().port}/graphql`);
process.once('SIGTERM', () => process.exit(0));
