import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { forOnePerson } from './read-ahead.ts';

function listening() {
  const told: (readonly [string, readonly string[]])[] = [];
  return { told, ahead: forOnePerson({ expect: (source, keys) => void told.push([source, keys]) }) };
}
const keys = (count: number): string[] => Array.from({ length: count }, (_, index) => `${index + 1}`);

it('tells each department the records of one person', async () => {
  const { told, ahead } = listening();
  ahead.expect('COURTS', keys(20));
  ahead.expect('POLICE', ['p1']);
  ahead.expect('PETITIONS', []);
  await nextTurn();
  expect(told).toEqual([
    ['COURTS', keys(20)],
    ['POLICE', ['p1']],
  ]);
});

it('tells nothing of a page of people: that is one call as it is', async () => {
  const { told, ahead } = listening();
  await Promise.all(
    keys(3).map(async (key) => {
      await Promise.resolve();
      ahead.expect('COURTS', [key]);
    }),
  );
  await nextTurn();
  expect(told).toEqual([]);
});

it('tells nothing of a list that is read in pages', async () => {
  const { told, ahead } = listening();
  ahead.expect('COURTS', keys(21));
  await nextTurn();
  expect(told).toEqual([]);
});

it('tells a department once a request', async () => {
  const { told, ahead } = listening();
  ahead.expect('COURTS', ['1']);
  await nextTurn();
  ahead.expect('COURTS', ['2']);
  ahead.expect('POLICE', ['p1']);
  await nextTurn();
  expect(told).toEqual([
    ['COURTS', ['1']],
    ['POLICE', ['p1']],
  ]);
});
