import { badInput } from '../platform/errors.ts';
import type { Caller } from './caller.ts';

/** Domain rule 2: who reads a person's data says what for. */
export function requirePurpose(caller: Caller): void {
  if (caller.purpose === null)
    throw badInput('x-purpose', 'Say in the header x-purpose what you read people’s data for.');
}
