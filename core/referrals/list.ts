/** Lists of referrals: pages by the index of `referral_sight` in the order asked for. */
import type { Queryable } from '../platform/db.ts';
import type { Light } from './state.ts';

export type ListOrder = 'DUE_ASC' | 'OPENED_DESC' | 'OPENED_ASC';

export interface ReferralSearch {
  readonly status?: readonly string[];
  readonly kind?: readonly string[];
  readonly organisation?: { readonly id: string; readonly as: 'FROM' | 'LEAD' | 'PARTICIPANT' | 'RESPONSIBLE' | 'ANY' };
  readonly light?: Light;
  readonly disputeIds?: readonly string[];
  readonly openedFrom?: Date;
  readonly openedTo?: Date;
  readonly order: ListOrder;
  readonly after?: { readonly sort: string; readonly id: string };
  readonly limit: number;
}

export interface ListedReferral {
  readonly id: string;
  /** What it is sorted by, as text. */
  readonly sort: string;
}

const SIDES = {
  FROM: (p: string) => `r.from_id = ${p}`,
  LEAD: (p: string) => `r.lead_id = ${p}`,
  RESPONSIBLE: (p: string) => `r.responsible_id = ${p}`,
  PARTICIPANT: (p: string) =>
    `exists (select from referral_party q where q.referral_id = r.id and q.organisation_id = ${p}
      and q.role in ('UNDERTAKING', 'ASSISTING', 'GUIDING'))`,
  ANY: (p: string) => `exists (select from referral_party q where q.referral_id = r.id and q.organisation_id = ${p})`,
} as const;

/** Only what the caller's organisation may see. */
export function listReferrals(q: Queryable, organisationId: string, search: ReferralSearch): Promise<ListedReferral[]> {
  const values: unknown[] = [organisationId];
  const conditions = ['s.organisation_id = $1'];
  const parameter = (value: unknown): string => `$${values.push(value)}`;
  const where = (value: unknown, condition: (p: string) => string): void => {
    if (value !== undefined) conditions.push(condition(parameter(value)));
  };
  where(search.status, (p) => `r.status = any (${p})`);
  where(search.kind, (p) => `r.kind = any (${p})`);
  where(search.organisation?.id, SIDES[search.organisation?.as ?? 'ANY']);
  where(search.light, (p) => `r.light = ${p}`);
  where(
    search.disputeIds,
    (p) =>
      `r.dispute_id in (
      select coalesce(asked.survivor_id, asked.id) from dispute asked where asked.id = any (${p})
      union
      select joined.id from dispute asked join dispute joined on joined.survivor_id = coalesce(asked.survivor_id, asked.id)
      where asked.id = any (${p}))`,
  );
  where(search.openedFrom, (p) => `s.opened_at >= ${p}`);
  where(search.openedTo, (p) => `s.opened_at <= ${p}`);
  const [column, direction] =
    search.order === 'DUE_ASC' ? ['s.due_at', 'asc'] : ['s.opened_at', search.order === 'OPENED_ASC' ? 'asc' : 'desc'];
  if (search.after) {
    const [sort, id] = [parameter(search.after.sort), parameter(search.after.id)];
    conditions.push(`(${column}, s.referral_id) ${direction === 'asc' ? '>' : '<'} (${sort}::timestamptz, ${id})`);
  }
  return q.query<ListedReferral>(
    `select r.id, ${column}::text as sort from referral_sight s join referral r on r.id = s.referral_id
     where ${conditions.join(' and ')}
     order by ${column} ${direction}, s.referral_id ${direction} limit ${parameter(search.limit)}`,
    values,
  );
}
