/** What departments' systems sent, newest first: for the sender, for those above it in its department, and for the centre. */
import type { CallerOrganisation } from '../access/caller.ts';
import { visibleReferral } from '../access/referral-sight.ts';
import type { Queryable } from '../platform/db.ts';

export const INBOX_STATUSES = ['ACCEPTED', 'APPLIED', 'REJECTED'] as const;
export type InboxStatus = (typeof INBOX_STATUSES)[number];

export interface InboxSearch {
  readonly status?: readonly InboxStatus[];
  readonly referralId?: string;
  readonly since?: Date;
  readonly after?: { readonly at: Date; readonly id: string };
  readonly limit: number;
}

export interface InboundDelivery {
  readonly id: string;
  readonly organisationId: string;
  /** `webhook-id`. */
  readonly messageId: string;
  readonly type: string;
  readonly status: InboxStatus;
  /** `ILLEGAL_TRANSITION: …` of what was rejected. */
  readonly reason: string | null;
  readonly attempts: number;
  /** While it waits to be applied. */
  readonly nextAttemptAt: Date | null;
  /** That it names and the reader may see. */
  readonly referralId: string | null;
  readonly at: Date;
}

const SENDERS = `
select o.id from organisation reader join organisation o
  on o.id = reader.id or (reader.kind = 'CENTRE' and reader.level = 'COUNTY')
  or (reader.kind <> 'GOVERNMENT' and starts_with(o.path, reader.path))
where reader.id = $1`;

// Domain rule 1: what concerns an accusation is its sender's alone, or of those who may see the referral. The accused would
// otherwise learn that there is something.
const NOT_HIDDEN = `(i.organisation_id = $1 or (not i.accusation and (r.id is null or ${visibleReferral('r.id', '$1')})))`;

const columns = `
  i.id, i.organisation_id as "organisationId", i.message_id as "messageId", i.type, i.status, i.reason, i.attempts,
  case when i.status = 'ACCEPTED' then i.next_attempt_at end as "nextAttemptAt",
  case when ${visibleReferral('r.id', '$1')} then r.id end as "referralId", i.received_at as at`;

export function listInbox(
  q: Queryable,
  { id: reader }: Pick<CallerOrganisation, 'id'>,
  search: InboxSearch,
): Promise<InboundDelivery[]> {
  const values: unknown[] = [reader];
  const conditions = [`i.organisation_id in (${SENDERS})`, NOT_HIDDEN];
  const parameter = (value: unknown): string => `$${values.push(value)}`;
  const where = (value: unknown, condition: (p: string) => string): void => {
    if (value !== undefined) conditions.push(condition(parameter(value)));
  };
  where(search.status, (p) => `i.status = any (${p})`);
  where(search.since, (p) => `i.received_at >= ${p}`);
  // Only by a referral that the reader may see: otherwise a list that is not empty would say that there is one.
  where(search.referralId, (p) => `i.lane = ${p} and ${visibleReferral('r.id', '$1')}`);
  if (search.after) {
    const [at, id] = [parameter(search.after.at), parameter(search.after.id)];
    conditions.push(`(i.received_at, i.id) < (${at}, ${id})`);
  }
  return q.query<InboundDelivery>(
    `select ${columns} from inbox i left join referral r on r.id = i.lane
     where ${conditions.join(' and ')}
     order by i.received_at desc, i.id desc limit ${parameter(search.limit)}`,
    values,
  );
}
