import { ApolloGateway } from '@apollo/gateway';
import { getVariableValues, parse, validate, Kind, type GraphQLSchema } from 'graphql';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { projectRoot } from '../../core/platform/project-root.ts';
import { curlBodyOf, queriesOf, readPage } from './document.ts';

const gateway = new ApolloGateway({
  supergraphSdl: readFileSync(join(projectRoot, 'schema/supergraph.graphql'), 'utf8'),
});
let schema: GraphQLSchema;

beforeAll(async () => {
  gateway.onSchemaLoadOrUpdate(({ apiSchema }) => {
    schema = apiSchema;
  });
  await gateway.load();
});
afterAll(() => gateway.stop());

const readme = readPage('README.md');
const documented = [...queriesOf(readme), ...queriesOf(readPage('docs/client.md'))];
const { query: curled } = JSON.parse(curlBodyOf(readme)) as { query: string };

describe('Every query that the pages show is valid', () => {
  const titled = [...documented, { query: curled, variables: {} }].map((entry) => ({
    ...entry,
    title: entry.query.trim().split('\n')[0] ?? '',
  }));
  test.each(titled)('$title', ({ query, variables }) => {
    const document = parse(query);
    expect(validate(schema, document).map(({ message }) => message)).toEqual([]);
    for (const definition of document.definitions) {
      if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
      const { errors } = getVariableValues(schema, definition.variableDefinitions ?? [], variables);
      expect(errors ?? []).toEqual([]);
    }
  });
});
