import type { Tx } from '../platform/db.ts';

const WAIT = 'insert into dispute_link_waiting (record_id) select unnest($1::text[]) on conflict do nothing';

/** What these records may be one dispute with is worked out anew, soon: in the transaction of what has changed. */
export async function waitForComparing(tx: Tx, recordIds: readonly string[]): Promise<void> {
  if (recordIds.length > 0) await tx.query(WAIT, [recordIds]);
}
