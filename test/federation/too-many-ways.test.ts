/** Where subgraphs know members of an interface by many ways, each step multiplies them: a planner that compares all would never end. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openFederation, type Federation } from './kit/federation.ts';
import { plainMarket } from './worlds/market.ts';

let federation: Federation;
beforeAll(async () => {
  federation = await openFederation(plainMarket);
});
afterAll(() => federation.close());

const MANY_WAYS = `{
  best {
    ... on BookStall { owner id }
    rivals { ... on BookStall { ... on Stall { owner ... on TeaStall { teas } } } ...Rivals }
    id
  }
}
fragment Rivals on Stall { rivals { id: rivals { id rivals { debts stars } stars } } }`;

test('An operation with too many ways to plan is refused, and others are answered', async () => {
  const { data, errors = [] } = await federation.askOurs(MANY_WAYS, {});
  expect(data).toBeUndefined();
  expect(errors.map(({ message, extensions }) => [message, extensions?.['code']])).toEqual([
    ['There are too many ways to what this operation asks for; ask for less at once.', 'QUERY_TOO_COMPLEX'],
  ]);
  const less = '{ best { id rivals { id rivals { stars } } } }';
  expect(await federation.askOurs(less, {})).toEqual(await federation.askReference(less, {}));
});
