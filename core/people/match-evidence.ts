/** Evidence as it is kept with a join or a question: how each field agreed and what that weighed; no values. */
import { FIELDS, type Comparison, type Field } from './matching/comparison.ts';
import type { Name } from './matching/name.ts';
import { weigh, type Weights } from './matching/weight.ts';

export interface FieldEvidence {
  readonly field: Field;
  /** One of its levels; `core/people/matching` says what they mean. */
  readonly agreement: string;
  /** In bits: above 0 for one person, below for two. */
  readonly weight: number;
}

export function toFields(comparison: Comparison, name: Name, weights: Weights): FieldEvidence[] {
  const bits = weigh(comparison, name, weights);
  return FIELDS.map((field) => ({
    field,
    agreement: comparison[field],
    weight: Math.round(bits[field] * 100) / 100,
  }));
}
