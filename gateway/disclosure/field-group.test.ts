import { isAbstractType, isObjectType } from 'graphql';
import type { GraphQLObjectType } from 'graphql';
import { expect, test } from 'vitest';
import { loadApiSchema } from '../../test/kit/api-schema.ts';
import { FIELD_GROUPS, SEARCHES, WITHOUT_PEOPLE } from './field-group.ts';

const schema = loadApiSchema();
const all = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'));
const types = all.filter((type): type is GraphQLObjectType => isObjectType(type));

test('Every type of the API has its fields in the table, or is known to tell nothing of people', () => {
  const unknown = types.filter(
    ({ name }) => !(name in FIELD_GROUPS) && !WITHOUT_PEOPLE.some((pattern) => pattern.test(name)),
  );
  expect(unknown.map(({ name }) => name)).toEqual([]);
});

test('Every field of a type that carries people’s data has a group, or is said to tell nothing', () => {
  const missing = types.flatMap((type) => {
    const groups = FIELD_GROUPS[type.name];
    return groups
      ? Object.keys(type.getFields())
          .filter((field) => !(field in groups))
          .map((field) => `${type.name}.${field}`)
      : [];
  });
  expect(missing).toEqual([]);
});

test('A field by which somebody is found is there', () => {
  for (const [type, fields] of Object.entries(SEARCHES))
    for (const field of Object.keys(fields))
      expect(Object.keys(types.find(({ name }) => name === type)?.getFields() ?? {})).toContain(field);
});

test('No type of the API is abstract: the schema alone says what an object of an answer is', () => {
  expect(all.filter((type) => isAbstractType(type))).toEqual([]);
});
