/** Makes a store large by copying what whole loops have left in it, row by row under other ids. */
import type { Db } from '../../../core/platform/db.ts';

interface Copied {
  readonly table: string;
  /** Columns that get another value in each copy. */
  readonly ids: readonly string[];
  readonly where: string;
}

const OF_REFERRAL = 'referral_id in (select id from template)';
const OF_LANE = 'lane in (select id from template)';
const OF_DISPUTE = 'in (select dispute_id from template)';

/** In this order: what points at something comes after it. */
const COPIED: readonly Copied[] = [
  { table: 'dispute', ids: ['id', 'number'], where: `id ${OF_DISPUTE}` },
  { table: 'visible', ids: ['dispute_id'], where: `dispute_id ${OF_DISPUTE}` },
  { table: 'referral', ids: ['id', 'number', 'dispute_id', 'root_id'], where: 'id in (select id from template)' },
  { table: 'referral_event', ids: ['id', 'referral_id'], where: OF_REFERRAL },
  { table: 'referral_party', ids: ['referral_id'], where: OF_REFERRAL },
  { table: 'referral_sight', ids: ['referral_id'], where: OF_REFERRAL },
  { table: 'outbox', ids: ['id', 'lane', 'referral_id', 'dispute_id'], where: OF_LANE },
  { table: 'webhook_lane', ids: ['lane'], where: OF_LANE },
  { table: 'delivery', ids: ['id', 'message_id', 'lane', 'referral_id', 'dispute_id'], where: OF_LANE },
  {
    table: 'delivery_attempt',
    ids: ['delivery_id'],
    where: `delivery_id in (select id from delivery where ${OF_LANE})`,
  },
  { table: 'inbox', ids: ['id', 'message_id', 'lane'], where: OF_LANE },
];

const COLUMNS = `
select column_name as name from information_schema.columns
where table_schema = current_schema and table_name = $1 and is_identity = 'NO' and is_generated = 'NEVER' order by ordinal_position`;

/** Until so many referrals are stored; with none to copy from, nothing. */
export async function growTo(db: Db, stored: number): Promise<void> {
  const { count } = await db.one<{ count: number }>('select count(*) from referral');
  if (count === 0 || count >= stored) return;
  const copies = Math.ceil((stored - count) / count);
  await db.tx(async (tx) => {
    await tx.query(
      `create temporary table template on commit drop as select id, dispute_id from referral limit ${stored - count}`,
    );
    for (const { table, ids, where } of COPIED) {
      const columns = (await tx.query<{ name: string }>(COLUMNS, [table])).map(({ name }) => name);
      // Another suffix than that of an earlier growth: its copies are copied too.
      const values = columns.map((name) => (ids.includes(name) ? `t.${name} || '_${count}_' || copy` : `t.${name}`));
      await tx.query(
        `insert into ${table} (${columns.join(', ')}) select ${values.join(', ')} from (select * from ${table} where ${where}) t, generate_series(1, ${copies}) copy`,
      );
    }
  });
}
