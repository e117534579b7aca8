import type { Db } from '../platform/db.ts';
import { AppError } from '../platform/errors.ts';
import { gatherWrites } from '../platform/gather-writes.ts';
import type { Keyring } from '../platform/keyring.ts';
import { personsShown, writeDisclosures, type Disclosure } from './disclosure.ts';
import { disclosureMonth, makeDisclosureMonth } from './disclosure-month.ts';
import { createPersonKeys, type PersonKeys } from './person-keys.ts';

/** Resolves when it is stored for good. When it rejects, the answer must not leave. */
export type WriteDisclosure = (disclosure: Disclosure) => Promise<void>;

export interface DisclosureWriterDeps {
  readonly db: Db;
  readonly keyring: Keyring;
  readonly keys?: PersonKeys;
}

/** Of a process: what several requests in flight disclose is stored in one statement. */
export function createDisclosureWriter({
  db,
  keyring,
  keys = createPersonKeys({ db, keyring }),
}: DisclosureWriterDeps): WriteDisclosure {
  const made = new Set<string>();
  const write = gatherWrites<Disclosure>(async (disclosures) => {
    for (const { at } of disclosures) {
      const month = disclosureMonth(at);
      if (made.has(month)) continue;
      await makeDisclosureMonth(db, at);
      made.add(month);
    }
    const personKeys = await keys.of(personsShown(disclosures));
    // Crash here: stored or not, no answer has left. What is stored then says more than was shown, never less.
    await writeDisclosures(db, { keyring, keys: personKeys }, disclosures);
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
