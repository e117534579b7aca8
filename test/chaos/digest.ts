/** One hash over everything stored that waiting must not change. */
import { createHash } from 'node:crypto';
import type { Queryable } from '../../core/platform/db.ts';

const PARTS = [
  `select string_agg(concat_ws('|', id, status, version, lead_id, responsible_id, tick_at, md5(state::text)), ',' order by id) as text from referral`,
  `select string_agg(concat_ws('|', id, referral_id, sequence, type, at), ',' order by id) as text from referral_event`,
  `select string_agg(concat_ws('|', id, lane, type), ',' order by id) as text from outbox`,
  `select string_agg(concat_ws('|', id, message_id, sequence, status, attempts), ',' order by id) as text from delivery`,
  `select string_agg(concat_ws('|', id, message_id, status, reason), ',' order by id) as text from inbox`,
  `select concat_ws('|', (select count(*) from audit_trail), (select count(*) from dispute), (select count(*) from idempotency),
     (select count(*) from desk_task), (select count(*) from delivery_attempt)) as text`,
];

export async function digestOf(db: Queryable, received: readonly number[]): Promise<string> {
  const hash = createHash('sha256').update(received.join());
  for (const part of PARTS) hash.update((await db.one<{ text: string | null }>(part)).text ?? '');
  return hash.digest('hex');
}
