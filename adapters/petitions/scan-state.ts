/**
 * What the last scan told of every petition: its key, and a keyed hash of what it was. In our own database, so that it is
 * backed up and restored at the same instant as the index that was built from it.
 *
 * The reader stores a page's effects after we have handed it over, in a transaction of its own. So what we note of a page is
 * in doubt at first, under the page's own id, and settled when a later cursor proves that the page was stored. In doubt
 * means: told again. Noted before the page is handed over, never after: a row told, stored and then gone before we had
 * noted it would stay in the index for ever.
 */
import type { Db } from '../../core/platform/db.ts';

export interface Told {
  /** Null: that it is gone. */
  readonly hash: Buffer | null;
  /** The page that told it; null when it is known that this page was stored. */
  readonly page: string | null;
}

export interface ScanState {
  /** The reader has stored this page. */
  settle(page: string): Promise<void>;
  /** What was told of keys in (after, until], by the bytes of the keys; null: no limit. */
  recall(after: string | null, until: string | null): Promise<ReadonlyMap<string, Told>>;
  /** In doubt until `settle`. Durable when it resolves. */
  note(page: string, told: ReadonlyMap<string, Buffer | null>): Promise<void>;
}

const SETTLE = `with forgotten as (delete from petition_scan where page = $1 and row_hash is null)
update petition_scan set page = null where page = $1 and row_hash is not null`;

const RECALL = 'select key, row_hash as hash, page from petition_scan where key > $1';
const RECALL_RANGE = `${RECALL} and key <= $2`;

const NOTE = `insert into petition_scan (key, row_hash, page)
select key, row_hash, $3 from unnest($1::text[], $2::bytea[]) as n(key, row_hash)
on conflict (key) do update set row_hash = excluded.row_hash, page = excluded.page`;

export const createScanState = (db: Db): ScanState => ({
  async settle(page) {
    await db.query(SETTLE, [page]);
  },
  async recall(after, until) {
    const from = after ?? '';
    const rows = await (until === null
      ? db.query<Told & { readonly key: string }>(RECALL, [from])
      : db.query<Told & { readonly key: string }>(RECALL_RANGE, [from, until]));
    return new Map(rows.map(({ key, hash, page }) => [key, { hash, page }]));
  },
  async note(page, told) {
    if (told.size > 0) await db.query(NOTE, [[...told.keys()], [...told.values()], page]);
  },
});

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** For looking at a system without reading it in (`adapter check`): forgotten with the process. */
export function createPassingScanState(): ScanState {
  const state = new Map<string, Told>();
  return {
    async settle(page) {
      for (const [key, told] of state) {
        if (told.page !== page) continue;
        if (told.hash === null) state.delete(key);
        else state.set(key, { ...told, page: null });
      }
    },
    recall: async (after, until) =>
      new Map(
        [...state].filter(
          ([key]) => (after === null || byBytes(key, after) > 0) && (until === null || byBytes(key, until) <= 0),
        ),
      ),
    async note(page, told) {
      for (const [key, hash] of told) state.set(key, { hash, page });
    },
  };
}
