/** Citizen IDs: equal, a slip of the pen apart, or others. */
import { isValidCitizenId } from '../../platform/citizen-id.ts';
import { normaliseCitizenId } from '../normal-form.ts';

export interface CitizenNumber {
  /** 18 characters where it can be made so. */
  readonly text: string;
  /** It passes its check digit. */
  readonly valid: boolean;
}

/** NEAR: one of them fails its check digit and is one digit, or two swapped ones, away. UNCLEAR: so, and further away. */
export type CitizenIdAgreement = 'EQUAL' | 'NEAR' | 'UNCLEAR' | 'DIFFERENT' | 'MISSING';

export function readCitizenNumber(written: string | null): CitizenNumber | null {
  if (written === null) return null;
  const text = normaliseCitizenId(written);
  return text === '' ? null : { text, valid: isValidCitizenId(text) };
}

function isSlip(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  const at: number[] = [];
  for (let index = 0; index < a.length && at.length < 3; index++) if (a[index] !== b[index]) at.push(index);
  const [first = 0, second = 0] = at;
  if (at.length === 1) return true;
  return at.length === 2 && second === first + 1 && a[first] === b[second] && a[second] === b[first];
}

/** Two that fail their check digit and are the same were copied from one another: that is a slip too, not an equal number. */
export function compareCitizenNumbers(a: CitizenNumber | null, b: CitizenNumber | null): CitizenIdAgreement {
  if (a === null || b === null) return 'MISSING';
  if (a.valid && b.valid) return a.text === b.text ? 'EQUAL' : 'DIFFERENT';
  return a.text === b.text || isSlip(a.text, b.text) ? 'NEAR' : 'UNCLEAR';
}
