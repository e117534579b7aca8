/** One row per department: where its change feed was left, when it is due, and who is reading it now. */
import { randomUUID } from 'node:crypto';
import type { Quarantined, SourceCode } from '../department.ts';
import type { Db, Queryable } from '../platform/db.ts';
import { AppError } from '../platform/errors.ts';
import type { Keyring } from '../platform/keyring.ts';

export interface Claim {
  readonly source: SourceCode;
  readonly holder: string;
  readonly cursor: string | null;
  readonly attempts: number;
  readonly done: number;
  readonly total: number | null;
  /** Null during the first load. */
  readonly loadedAt: Date | null;
}

/** Every department has a row from the first time somebody asks for it, due at once. */
export async function ensureFeeds(q: Queryable, sources: readonly SourceCode[], now: Date): Promise<void> {
  await q.query(
    'insert into source_feed (source, due_at) select unnest($1::text[]), $2 on conflict (source) do nothing',
    [sources, now],
  );
}

/** Those of the sources that are due and that nobody is reading. */
export async function findDueFeeds(
  q: Queryable,
  sources: readonly SourceCode[],
  now: Date,
): Promise<{ readonly source: SourceCode; readonly attempts: number }[]> {
  return q.query(
    `select source, attempts from source_feed
     where source = any($1) and due_at <= $2 and (leased_until is null or leased_until <= $2) order by due_at, source`,
    [sources, now],
  );
}

const CLAIM = `update source_feed f set leased_until = $3, leased_by = $4
from (
  select source from source_feed where source = $1 and (leased_until is null or leased_until <= $2)
  for update skip locked
) free
where f.source = free.source
returning f.cursor_cipher as "cursorCipher", f.attempts, f.done, f.total, f.loaded_at as "loadedAt"`;

/** The lease on a feed, due or not; null while somebody else holds it. */
export async function claimFeed(
  db: Db,
  keyring: Keyring,
  source: SourceCode,
  now: Date,
  leaseMs: number,
): Promise<Claim | null> {
  const holder = randomUUID();
  const row = await db.maybeOne<Omit<Claim, 'source' | 'holder' | 'cursor'> & { cursorCipher: Buffer | null }>(CLAIM, [
    source,
    now,
    new Date(now.getTime() + leaseMs),
    holder,
  ]);
  if (!row) return null;
  const { cursorCipher, ...rest } = row;
  const cursor =
    cursorCipher === null ? null : keyring.open('index.cipher', cursorCipher, `cursor/${source}`).toString();
  return { source, holder, cursor, ...rest };
}

const lost = (): AppError =>
  new AppError('CONFLICT', 'Somebody else has taken over reading this department in.', { retryable: true });

async function held(q: Queryable, text: string, values: readonly unknown[]): Promise<{ done: number }> {
  const row = await q.maybeOne<{ done: number }>(`${text} returning done`, values);
  if (!row) throw lost();
  return row;
}

export interface FeedProgress {
  readonly cursor: string;
  readonly growth: number;
  readonly total: number | null;
}

/**
 * Where a page ends, in the page's own transaction: either both are stored or neither. Rejects when the lease is lost,
 * so that whoever was too slow stores nothing over the one who carried on.
 */
export async function advanceFeed(
  q: Queryable,
  keyring: Keyring,
  { source, holder }: Claim,
  { cursor, growth, total }: FeedProgress,
  leasedUntil: Date,
): Promise<number> {
  const { done } = await held(
    q,
    `update source_feed set cursor_cipher = $3, done = done + $4, total = coalesce($5, total), leased_until = $6
     where source = $1 and leased_by = $2`,
    [source, holder, keyring.seal('index.cipher', cursor, `cursor/${source}`), growth, total, leasedUntil],
  );
  return done;
}

/** The department has nothing newer for now. */
export async function finishFeed(q: Queryable, { source, holder }: Claim, now: Date, dueAt: Date): Promise<void> {
  await held(
    q,
    `update source_feed set due_at = $4, attempts = 0, last_success_at = $3, last_error = null,
       loaded_at = coalesce(loaded_at, $3), leased_until = null, leased_by = null
     where source = $1 and leased_by = $2`,
    [source, holder, now, dueAt],
  );
}

/** Gives the lease back with what went wrong; `error` is a code and holds nobody's data. False when it was lost before. */
export async function failFeed(
  q: Queryable,
  { source, holder }: Claim,
  { error, attempts, dueAt }: { readonly error: string | null; readonly attempts: number; readonly dueAt: Date },
): Promise<boolean> {
  const row = await q.maybeOne(
    `update source_feed set due_at = $4, attempts = $3, last_error = coalesce($5, last_error), leased_until = null, leased_by = null
     where source = $1 and leased_by = $2 returning source`,
    [source, holder, attempts, dueAt, error],
  );
  return row !== null;
}

const QUARANTINE = `insert into quarantined (source, place, field, reason, first_seen_at, last_seen_at)
select distinct on (place, field) $1, place, field, reason, $5::timestamptz, $5::timestamptz
from unnest($2::text[], $3::text[], $4::text[]) as n(place, field, reason)
on conflict (source, place, field) do update set reason = excluded.reason, last_seen_at = excluded.last_seen_at`;

/** What could not be read is kept by where it stands, once however often it is met. */
export async function keepQuarantined(
  q: Queryable,
  source: SourceCode,
  rows: readonly Quarantined[],
  now: Date,
): Promise<void> {
  if (rows.length === 0) return;
  await q.query(QUARANTINE, [
    source,
    rows.map(({ where }) => where),
    rows.map(({ field }) => field),
    rows.map(({ reason }) => reason),
    now,
  ]);
}
