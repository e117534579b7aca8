import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { composeSupergraph, supergraphFile } from './compose.ts';

it('has a fresh supergraph (otherwise run npx maplebridge compose)', () => {
  expect(readFileSync(supergraphFile, 'utf8')).toBe(composeSupergraph());
});
