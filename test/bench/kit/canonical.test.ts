import { expect, test } from 'vitest';
import { digestOf, firstDifference } from './canonical.ts';

test('The order of keys is no difference, the order of a list is', () => {
  expect(digestOf({ a: 1, b: [{ c: 2, d: 3 }] })).toBe(digestOf({ b: [{ d: 3, c: 2 }], a: 1 }));
  expect(digestOf({ a: [1, 2] })).not.toBe(digestOf({ a: [2, 1] }));
});

test('A difference is told by where it is', () => {
  expect(firstDifference({ a: { b: [1, { c: null }] } }, { a: { b: [1, { c: 5 }] } })).toBe('data.a.b.1.c: null and 5');
  expect(firstDifference({ a: 1 }, { a: 1, b: 2 })).toBe('data.b: nothing and 2');
  expect(firstDifference({ a: 1 }, { a: 1 })).toBeNull();
});
