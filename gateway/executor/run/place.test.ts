import { expect, test } from 'vitest';
import type { Step } from '../plan/flatten-plan.ts';
import type { FetchedObject } from './fetched.ts';
import { compilePath } from './place.ts';

const person = (id: string): FetchedObject => ({ __typename: 'Person', id });
const office = (id: string): FetchedObject => ({ __typename: 'Office', id });

const DATA: FetchedObject = {
  one: person('1'),
  none: null,
  text: 'a text',
  list: [person('2'), null, office('3'), 'a text', [person('4')]],
  lists: [[person('5'), office('6')], null, [{ id: 'without a type' }]],
  deep: [{ constructor: person('7') }, { other: person('8') }],
};

const only = (...types: string[]): Step => ({ types: new Set(types) });

test.each<[readonly Step[], readonly string[]]>([
  [['one'], ['1']],
  [['none'], []],
  [['nothing'], []],
  [['text'], []],
  [['text', 'length'], []],
  [['one', '@'], []],
  // A list at the end of a path need not be named; elements of elements are.
  [['list'], ['2', '3', '4']],
  [
    ['list', '@'],
    ['2', '3', '4'],
  ],
  [
    ['lists', '@', '@'],
    ['5', '6', 'without a type'],
  ],
  [
    ['list', only('Person')],
    ['2', '4'],
  ],
  [
    ['lists', '@', only('Person')],
    ['5', 'without a type'],
  ],
  [['one', only('Office')], []],
  // What every object has by that name is not a value.
  [['deep', '@', 'constructor'], ['7']],
  [['one', 'toString'], []],
])('At %j stand %j', (path, ids) => {
  expect(compilePath(path)(DATA).map(({ id }) => id)).toEqual(ids);
});
