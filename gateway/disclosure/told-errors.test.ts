import { GraphQLError } from 'graphql';
import { expect, test } from 'vitest';
import { toldOf } from './told-errors.ts';

const at = (path: readonly (string | number)[], message = 'no'): GraphQLError =>
  new GraphQLError(message, { path, extensions: { code: 'BAD_USER_INPUT' } });
const paths = (errors: readonly GraphQLError[]): unknown[] => errors.map(({ path }) => path);

test('An error is told where it stands when the answer goes that far', () => {
  const error = at(['person', 'timeline']);
  expect(toldOf([error], { person: { timeline: null } })).toEqual([error]);
  expect(toldOf([error], { person: { timeline: null } })[0]).toBe(error);
});

test('Within something that is null nothing is told apart: not whether it was found, nor how many there were', () => {
  const within = [0, 1, 2].map((index) => at(['person', 'disputes', 'nodes', index, 'timeline']));
  expect(paths(toldOf(within, { person: { disputes: null } }))).toEqual([['person', 'disputes']]);
  expect(paths(toldOf(within, { person: null }))).toEqual([['person']]);
  expect(paths(toldOf([...within, at(['referrals'])], null))).toEqual([undefined, ['referrals']]);
});

test('Errors that say different things stay two', () => {
  expect(toldOf([at(['a', 'b'], 'no'), at(['a', 'c'], 'nor that')], { a: null })).toHaveLength(2);
});
