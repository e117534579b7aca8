import { z } from 'zod';

/** A repeated element: absent or empty is none, one is a list of one. */
export const many = <S extends z.ZodType>(schema: S) =>
  z.preprocess((value): unknown => {
    if (value === undefined || value === null || value === '') return [];
    return Array.isArray(value) ? value : [value];
  }, z.array(schema));
