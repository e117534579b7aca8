import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { gatherExpected } from './read-ahead.ts';

function listening() {
  const told: (readonly [string, readonly string[]])[] = [];
  return { told, ahead: gatherExpected({ expect: (source, keys) => void told.push([source, keys]) }) };
}

it('tells what a turn expects of a department in one piece', async () => {
  const { told, ahead } = listening();
  await Promise.all(
    ['1', '2', '3'].map(async (key) => {
      await Promise.resolve();
      ahead.expect('COURTS', [key]);
      await Promise.resolve();
      ahead.expect('POLICE', [`p${key}`]);
    }),
  );
  await nextTurn();
  expect(told).toEqual([
    ['COURTS', ['1', '2', '3']],
    ['POLICE', ['p1', 'p2', 'p3']],
  ]);
});

it('begins anew with every turn', async () => {
  const { told, ahead } = listening();
  ahead.expect('COURTS', ['1']);
  await nextTurn();
  ahead.expect('COURTS', ['2']);
  await nextTurn();
  expect(told).toEqual([
    ['COURTS', ['1']],
    ['COURTS', ['2']],
  ]);
});

it('keeps a department back when a list does not fit a page: the rest would be a second call', async () => {
  const { told, ahead } = listening();
  ahead.expect('COURTS', ['1']);
  ahead.expect(
    'COURTS',
    Array.from({ length: 21 }, (_, index) => `${index + 2}`),
  );
  ahead.expect('POLICE', []);
  ahead.expect(
    'PETITIONS',
    Array.from({ length: 20 }, (_, index) => `${index}`),
  );
  await nextTurn();
  expect(told.map(([source, keys]) => `${source} ${keys.length}`)).toEqual(['PETITIONS 20']);
});

it('goes nowhere where no other subgraph is in the process', async () => {
  const ahead = gatherExpected(undefined);
  ahead.expect('COURTS', ['1']);
  await nextTurn();
});
