import { getVariableValues, parse, validate, Kind } from 'graphql';
import { describe, expect, test } from 'vitest';
import { loadApiSchema } from '../kit/api-schema.ts';
import { curlBodyOf, queriesOf, readPage } from './document.ts';

const schema = loadApiSchema();
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
