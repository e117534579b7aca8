/** A supervisor who looks at somebody without a link (rule 2) is put before the auditors, before the answer leaves. */
import { audit } from '../audit/audit.ts';
import { AppError } from '../platform/errors.ts';
import type { Queryable } from '../platform/db.ts';
import type { Caller } from './caller.ts';
import type { VisiblePerson } from './visible-person.ts';

export interface BrokenGlass {
  /** Of these, those who were come to by supervision alone. */
  note(persons: Iterable<VisiblePerson>): void;
  /** Writes what was noted since the last call; one statement, none when nothing was. When it throws, the answer must not leave. */
  write(): Promise<void>;
}

export function createBrokenGlass(db: Queryable, caller: Caller, now: () => Date): BrokenGlass {
  let seen = new Set<string>();
  return {
    note(persons) {
      for (const { id, link } of persons) if (link === 'SUPERVISION') seen.add(id);
    },
    async write() {
      if (seen.size === 0) return;
      const persons = [...seen];
      seen = new Set();
      const { purpose, reason, requestId } = caller;
      try {
        // Crash here: the look is written down and was not had. The other way round it would be had and not written down.
        await audit.append(
          db,
          ...persons.map((subject) => ({
            kind: 'access.broken-glass',
            subject,
            actor: caller,
            at: now(),
            body: { purpose, reason, request: requestId },
          })),
        );
      } catch (cause) {
        throw new AppError(
          'INTERNAL',
          'That you look without a link could not be put before the auditors, so nothing is shown. Try again in a moment.',
          { retryable: true, cause },
        );
      }
    },
  };
}
