import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { AppError } from '../core/platform/errors.ts';

/** A JSON list of queries, to be planned before the first request. `setting` names what gave the file, for messages. */
export function readKnownOperations(file: string, setting: string): readonly string[] {
  try {
    return z.array(z.string()).parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new AppError('BAD_USER_INPUT', `${setting}: the file must be a JSON list of queries.`, { cause });
  }
}
