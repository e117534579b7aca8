import { expect, it } from 'vitest';
import { parseCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { EMPTY_ROOT } from './tree.ts';

const ROOT = EMPTY_ROOT.toString('base64');

it('is read as it was written', () => {
  const checkpoint = { origin: 'maplebridge.example/log', size: 20_852_163, root: EMPTY_ROOT };
  const text = writeCheckpoint(checkpoint);
  expect(text).toBe(`maplebridge.example/log\n20852163\n${ROOT}\n`);
  expect(parseCheckpoint(text)).toEqual(checkpoint);
  expect(parseCheckpoint(`${text}an extension\n`)).toEqual(checkpoint);
});

it.each([
  ['no origin', `\n1\n${ROOT}\n`],
  ['a size with a sign', `a\n-1\n${ROOT}\n`],
  ['a size with leading zeros', `a\n01\n${ROOT}\n`],
  ['a size beyond counting', `a\n99999999999999999\n${ROOT}\n`],
  ['no root', 'a\n1\n\n'],
  ['a root of another length', 'a\n1\nAAAA\n'],
  ['a root written another way', `a\n1\n${ROOT.replace(/=+$/, '')}\n`],
  ['no last newline', `a\n1\n${ROOT}`],
  ['an empty extension', `a\n1\n${ROOT}\n\n`],
])('is none with %s', (_, text) => {
  expect(() => parseCheckpoint(text)).toThrow('This is no checkpoint');
});
