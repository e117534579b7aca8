import { getOperationAST, parse } from 'graphql';
import { expect, test } from 'vitest';
import { loadApiSchema } from '../../test/kit/api-schema.ts';
import { reachesPerson } from './purpose.ts';

const schema = loadApiSchema();
const reaches = (query: string): boolean => {
  const document = parse(query);
  const operation = getOperationAST(document);
  if (!operation) throw new Error('There is no operation.');
  return reachesPerson(schema, document, operation);
};

test.each([
  '{ disputes { nodes { parties { name } } } }',
  '{ referrals { nodes { feedback { partiesInformed { party how } } } } }',
  '{ ...F } fragment F on Query { referrals { nodes { feedback { partiesInformed { at } } } } }',
  'query ($no: Boolean = false) { persons(filter: { name: "王" }) @include(if: $no) { nodes { id } } }',
])('Somebody is reached by %s', (query) => expect(reaches(query)).toBe(true));

test.each(['{ me { subject } }', '{ referrals { nodes { id status feedback { outcome } } } }'])(
  'Nobody is reached by %s',
  (query) => expect(reaches(query)).toBe(false),
);
