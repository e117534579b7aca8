import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GraphQLSchema } from 'graphql';
import { projectRoot } from '../../core/platform/project-root.ts';
import { loadSupergraph } from '../../gateway/executor/supergraph/supergraph.ts';

/** The API as clients see it, of the supergraph that is committed. */
export const loadApiSchema = (): GraphQLSchema =>
  loadSupergraph(readFileSync(join(projectRoot, 'schema', 'supergraph.graphql'), 'utf8')).apiSchema;
