import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApolloGateway } from '@apollo/gateway';
import type { GraphQLSchema } from 'graphql';
import { projectRoot } from '../../core/platform/project-root.ts';

/** The API as clients see it, of the supergraph that is committed. */
export async function loadApiSchema(): Promise<GraphQLSchema> {
  const supergraphSdl = readFileSync(join(projectRoot, 'schema', 'supergraph.graphql'), 'utf8');
  const gateway = new ApolloGateway({ supergraphSdl });
  const loaded = new Promise<GraphQLSchema>((resolve) => {
    gateway.onSchemaLoadOrUpdate(({ apiSchema }) => resolve(apiSchema));
  });
  await gateway.load();
  try {
    return await loaded;
  } finally {
    await gateway.stop();
  }
}
