import type { Check } from './conformance.ts';
import { misbehavingChecks } from './conformance-misbehaving.ts';
import { readingChecks } from './conformance-reading.ts';

/** In order. Those with `needsMisbehaviour` are left out for a system that cannot be told to misbehave. */
export const departmentChecks: readonly Check[] = [...readingChecks, ...misbehavingChecks];
