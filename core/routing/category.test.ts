import { expect, it } from 'vitest';
import { categoriesNamed } from '../disputes/category.ts';
import { DISPUTE_CATEGORIES } from './category.ts';

it('routing knows the very categories that disputes have', () => {
  expect([...DISPUTE_CATEGORIES]).toEqual(categoriesNamed(''));
});
