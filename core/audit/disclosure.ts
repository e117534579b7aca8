import type { Reader } from './actor.ts';
import { AppError } from '../platform/errors.ts';
import type { Queryable } from '../platform/db.ts';

/** Why the caller may see the person (core/access/predicate.ts). */
export type Link = 'OWN_RECORD' | 'DISPUTE' | 'SUPERVISION';

/** What one request has shown of whom, gathered while it is answered. */
export interface Disclosures {
  note(personId: string, fieldGroup: string, link: Link): void;
  /** Writes what was noted since the last call; one statement. When this throws, the answer must not leave. */
  write(): Promise<void>;
}

const INSERT = `
insert into disclosure (at, request_id, subject, organisation_id, purpose, reason, person_id, field_groups, link)
select $1, $2, $3, $4, $5, $6, d.person_id, string_to_array(d.field_groups, ','), d.link
from unnest($7::text[], $8::text[], $9::text[]) as d(person_id, field_groups, link)`;

export function createDisclosures(db: Queryable, caller: Reader, now: () => Date): Disclosures {
  let noted = new Map<string, { groups: Set<string>; link: Link }>();
  return {
    note(personId, fieldGroup, link) {
      const known = noted.get(personId);
      if (known) known.groups.add(fieldGroup);
      else noted.set(personId, { groups: new Set([fieldGroup]), link });
    },
    async write() {
      if (noted.size === 0) return;
      const rows = [...noted];
      noted = new Map();
      try {
        await db.query(INSERT, [
          now(),
          caller.requestId,
          caller.subject,
          caller.organisation.id,
          caller.purpose,
          caller.reason,
          rows.map(([personId]) => personId),
          rows.map(([, { groups }]) => [...groups].sort().join(',')),
          rows.map(([, { link }]) => link),
        ]);
      } catch (cause) {
        throw new AppError(
          'INTERNAL',
          'What you asked to see could not be written down, so it is not shown. Try again in a moment.',
          {
            retryable: true,
            cause,
          },
        );
      }
    },
  };
}
