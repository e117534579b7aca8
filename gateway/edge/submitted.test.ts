import { getOperationAST, parse } from 'graphql';
import { expect, test } from 'vitest';
import { submittedValues, withoutSubmitted } from './submitted.ts';

const asked = (query: string, variables: unknown = {}) => {
  const document = parse(query);
  return { document, operation: getOperationAST(document) ?? undefined, variables };
};

test('A path leads no further than what was asked for, through fragments and aliases', () => {
  const request = asked(
    '{ p: person(id: "1") { ...F } } fragment F on Person { ... on Person { cases: courtCases { nodes { id } } } }',
  );
  const error = (path: (string | number)[]) => ({ message: 'm', path, extensions: { code: 'SOURCE_UNAVAILABLE' } });
  const paths = withoutSubmitted(
    [
      error(['p', 'cases', 'nodes', 3, 'id']),
      error(['p', 'courtGrant']),
      error(['p', 'policeGrant']),
      error(['p', 'cases', 'nodes', 3, 'grant']),
    ],
    request,
  ).map(({ path }) => path);
  expect(paths).toEqual([
    ['p', 'cases', 'nodes', 3, 'id'],
    // Two grants that could not be had are one loss to the caller.
    ['p'],
    ['p', 'cases', 'nodes', 3],
  ]);
});

test('A message that repeats a submitted value gives way to a general one; code and field stay', () => {
  const request = asked('query ($f: F) { a(n: 11010519491231002) { b(s: "张三") } }', {
    f: { deep: ['secret-value'] },
  });
  const error = (message: string) => ({ message, extensions: { code: 'CONFLICT', field: 'f' } });
  const clean = withoutSubmitted(
    [error('no 11010519491231002'), error('张三 is not known'), error('secret-value'), error('fine')],
    request,
  );
  expect(clean.map(({ message }) => message)).toEqual([
    ...Array.from({ length: 3 }, () => 'Somebody else has changed it meanwhile; read it again.'),
    'fine',
  ]);
  expect(clean[0]?.extensions).toEqual({ code: 'CONFLICT', field: 'f' });
});

test('What is too short to be anybody’s is not looked for', () => {
  expect([...submittedValues(parse('{ a(n: 12, s: "x", t: "王") }'), { first: 20 })]).toEqual([]);
});
