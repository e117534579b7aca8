import type { Db } from '../platform/db.ts';
import { createDataKeys } from '../platform/data-keys.ts';
import { AppError } from '../platform/errors.ts';
import { gatherWrites } from '../platform/gather-writes.ts';
import type { Keyring } from '../platform/keyring.ts';
import { writeDisclosures, type Disclosure } from './disclosure.ts';
import { disclosureMonth, makeDisclosureMonth } from './disclosure-month.ts';

/** Resolves when it is stored for good. When it rejects, the answer must not leave. */
export type WriteDisclosure = (disclosure: Disclosure) => Promise<void>;

/** Of a process: what several requests in flight disclose is stored in one transaction. */
export function createDisclosureWriter({
  db,
  keyring,
}: {
  readonly db: Db;
  readonly keyring: Keyring;
}): WriteDisclosure {
  const dataKeys = createDataKeys(keyring);
  const made = new Set<string>();
  const write = gatherWrites<Disclosure>(async (disclosures) => {
    for (const { at } of disclosures) {
      const month = disclosureMonth(at);
      if (made.has(month)) continue;
      await makeDisclosureMonth(db, at);
      made.add(month);
    }
    // Crash here: stored or not, no answer has left. What is stored then says more than was shown, never less.
    await db.tx((tx) => writeDisclosures(tx, { keyring, dataKeys }, disclosures));
  });
  return async (disclosure) => {
    try {
      await write(disclosure);
    } catch (cause) {
      throw new AppError(
        'INTERNAL',
        'What you asked to see could not be written down, so it is not shown. Try again in a moment.',
        { retryable: true, cause },
      );
    }
  };
}
