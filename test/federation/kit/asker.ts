/** A gateway behind Apollo Server, as a client meets it. */
import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer, type ApolloServerOptionsWithGateway } from '@apollo/server';
import { silentLog } from '../../../core/platform/log.ts';
import type { GatewayContext } from '../../../gateway/executor/data-source.ts';
import { createFederatedGateway } from '../../../gateway/executor/gateway.ts';
import { createOrigins } from '../../../gateway/executor/origins.ts';
import { createRemoteDataSource } from '../../../gateway/executor/remote.ts';
import { QUIET, quietPlugins } from '../../../gateway/http/quiet-apollo.ts';
import type { Answer } from './answer.ts';
import type { Args } from './world.ts';

export interface Asker {
  ask(query: string, variables?: Args): Promise<Answer>;
  close(): Promise<void>;
}

export interface AskerOptions {
  readonly supergraphSdl: string;
  readonly urlOf: (subgraph: string) => string;
}

/** Long enough for a busy machine; only a test of silence waits for it. */
const TIMEOUT_MS = 10_000;

export function openOurs({ supergraphSdl, urlOf, timeoutMs = TIMEOUT_MS }: AskerOptions & { timeoutMs?: number }) {
  const origins = createOrigins({ connectTimeoutMs: timeoutMs });
  return openAsker(
    createFederatedGateway({
      supergraphSdl,
      dataSources: ({ name }) =>
        createRemoteDataSource({ name, url: urlOf(name), tokens: null, origins, log: silentLog, timeoutMs }),
      log: silentLog,
    }),
  );
}

export const openStock = ({ supergraphSdl, urlOf }: AskerOptions) =>
  openAsker(
    new ApolloGateway({
      supergraphSdl,
      buildService: ({ name }) => new RemoteGraphQLDataSource({ url: urlOf(name) }),
      logger: quiet,
    }),
  );

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

async function openAsker(gateway: ApolloServerOptionsWithGateway<GatewayContext>['gateway']): Promise<Asker> {
  const server = new ApolloServer<GatewayContext>({
    gateway,
    ...QUIET,
    logger: quiet,
    plugins: quietPlugins(),
  });
  await server.start();
  return {
    async ask(query, variables = {}) {
      const contextValue = { caller: null, requestId: 'req_1' };
      const { body } = await server.executeOperation({ query, variables }, { contextValue });
      if (body.kind !== 'single') throw new Error('an answer in parts');
      return JSON.parse(JSON.stringify(body.singleResult)) as Answer;
    },
    close: () => server.stop(),
  };
}
