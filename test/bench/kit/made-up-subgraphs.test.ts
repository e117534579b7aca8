import { expect, test } from 'vitest';
import { toFederationOne } from './federation-one.ts';
import { createMadeUpRunners } from './made-up-runners.ts';

const PERSON = `query ($id: ID!) {
  person(id: $id) { name citizenId disputes(first: 3) { nodes { id title place { code name } parties { person { id } } } } }
}`;
const CASES = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) {
    ... on Person { courtCases(first: 2) { nodes { id caseNumber court { __typename } parties { name person { id } } } } }
  }
}`;
const someone = { __typename: 'Person', id: 'person-1', courtGrant: 'any' };

test('What is made up follows from the id alone: twice the same, of another another, and the same in words of Federation 1', async () => {
  const [one, again, older] = [createMadeUpRunners(), createMadeUpRunners(), createMadeUpRunners(toFederationOne)];
  const ask = (runners: typeof one, id: string) => runners.get('registry')?.({ query: PERSON, variables: { id } });
  const [first, other] = [await ask(one, 'person-1'), await ask(one, 'person-2')];
  expect(first?.errors).toBeUndefined();
  expect(await ask(again, 'person-1')).toEqual(first);
  expect(await ask(older, 'person-1')).toEqual(first);
  expect(other).not.toEqual(first);

  const cases = { query: CASES, variables: { representations: [someone] } };
  const known = await one.get('courts')?.(cases);
  expect(known?.errors).toBeUndefined();
  expect(await older.get('courts')?.(cases)).toEqual(known);
});

test('The first of a longer page are the shorter page', async () => {
  const query = '{ three: disputes(first: 3) { nodes { id } } five: disputes(first: 5) { nodes { id } } }';
  const answer = await createMadeUpRunners().get('registry')?.({ query });
  const { three, five } = answer?.data as Record<string, { nodes: { id: string }[] }>;
  expect(five?.nodes).toHaveLength(5);
  expect(five?.nodes.slice(0, 3)).toEqual(three?.nodes);
});
