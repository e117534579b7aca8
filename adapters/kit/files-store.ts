/**
 * What has been imported from a department's files: rows by key, encrypted, each with the delivery that spoke of it last,
 * in the order in which they changed. The order is a sequence drawn under one lock per department, so that nothing is ever
 * committed behind a number that somebody has already read past.
 */
import type { Quarantined, SourceCode } from '../../core/department.ts';
import type { DepartmentRecord } from '../../core/department-record.ts';
import type { Db, Tx } from '../../core/platform/db.ts';
import type { Keyring } from '../../core/platform/keyring.ts';
import type { DropItem, DropManifest } from './files-format.ts';

export interface DeliveryId {
  readonly day: string;
  readonly sendNumber: number;
}

export const isNewer = (a: DeliveryId, b: DeliveryId): boolean =>
  a.day > b.day || (a.day === b.day && a.sendNumber > b.sendNumber);

/** Where an import is. Behind the last file: what a full day leaves out goes, what a re-sent day takes back goes back. */
export interface ImportProgress {
  readonly file: number;
  readonly offset: number;
  readonly lines: number;
  readonly rows: number;
  /** Rows whose key could not be read: some row of ours is in the file, and nobody knows which. */
  readonly keyless: number;
  /** Times of the files when they were verified. */
  readonly modifiedAt: readonly number[];
}

export interface Delivery extends DeliveryId {
  readonly status: 'WAITING' | 'IMPORTING' | 'IMPORTED';
  readonly manifest: DropManifest | null;
  readonly progress: ImportProgress | null;
  readonly noticedAt: Date;
  readonly reportedAt: Date | null;
}

export interface Importing extends Delivery {
  readonly manifest: DropManifest;
  readonly progress: ImportProgress;
}

export interface Stored<R> {
  readonly records: ReadonlyMap<string, R>;
  /** The newest delivery that was imported whole; null: none ever was. */
  readonly newest: (DeliveryId & { readonly madeAt: string }) | null;
  /** Newest deliveries that are there but cannot be imported, such as half-written ones. */
  readonly waiting: readonly DeliveryId[];
}

export interface StoredChanges<R> {
  readonly changed: readonly { readonly key: string; readonly record: R | null }[];
  readonly faults: readonly Quarantined[];
  readonly until: number;
  readonly more: boolean;
}

export interface DropStore<R extends DepartmentRecord> {
  /** One statement. */
  find(keys: readonly string[]): Promise<Stored<R>>;
  changesAfter(seq: number, limit: number): Promise<StoredChanges<R>>;
  /** Records in the department's system, as its newest manifest says. */
  total(): Promise<number | null>;
  importing(): Promise<Importing | null>;
  /** Deliveries since the newest imported full day, which stands for all before it. */
  current(): Promise<{ readonly base: string | null; readonly deliveries: readonly Delivery[] }>;
  /** Not to be imported as it is; tells since when, and whether somebody has been told. */
  wait(id: DeliveryId, now: Date): Promise<{ readonly noticedAt: Date; readonly reportedAt: Date | null }>;
  report(id: DeliveryId, fault: Quarantined, now: Date): Promise<void>;
  begin(manifest: DropManifest, progress: ImportProgress, now: Date): Promise<void>;
  /** Its files are not what was verified: from the beginning, when they are. */
  giveUp(delivery: Importing): Promise<void>;
  /** A piece's rows and the place behind it, or neither. False when somebody else has stored that piece. */
  storePiece(delivery: Importing, items: readonly DropItem<R>[], place: string, next: ImportProgress): Promise<boolean>;
  /** After the last file, in steps; true when nothing remains. */
  settle(delivery: Importing, limit: number): Promise<boolean>;
  finish(delivery: Importing, faults: readonly Quarantined[], now: Date): Promise<void>;
}

export interface DropStoreDeps {
  readonly db: Db;
  readonly keyring: Keyring;
  readonly source: SourceCode;
}

const FIND = `
with newest as (
  select day, send_number, made_at from drop_delivery where source = $1 and status = 'IMPORTED'
   order by day desc, send_number desc limit 1
), waiting as (
  select day, send_number from drop_delivery where source = $1 and status = 'WAITING' order by day desc limit 20
)
select n.day, n.send_number as "sendNumber", n.made_at as "madeAt",
       (select json_agg(json_build_object('day', w.day, 'sendNumber', w.send_number)) from waiting w) as waiting,
       r.key_hash as "keyHash", r.cipher
  from (select) one left join newest n on true
  left join drop_row r on r.source = $1 and r.key_hash = any($2::bytea[]) and r.cipher is not null`;

const DELIVERY = `day, send_number as "sendNumber", status, manifest, progress, noticed_at as "noticedAt",
  reported_at as "reportedAt"`;

// A delta keeps what a row was before its day. The same content again is no change, but the delivery has spoken of it.
const UPSERT = `
insert into drop_row as r (source, key_hash, key_cipher, cipher, digest, day, send_number, changed_seq)
select $1, key_hash, key_cipher, cipher, digest, $2, $3, nextval('drop_change')
  from unnest($5::bytea[], $6::bytea[], $7::bytea[], $8::bytea[]) with ordinality
    as t (key_hash, key_cipher, cipher, digest, place) order by place
on conflict (source, key_hash) do update set
  cipher = case when r.digest is not distinct from excluded.digest then r.cipher else excluded.cipher end,
  digest = excluded.digest, day = excluded.day, send_number = excluded.send_number,
  changed_seq = case when r.digest is not distinct from excluded.digest then r.changed_seq else excluded.changed_seq end,
  before_cipher = case when $4 and r.day < excluded.day then r.cipher when $4 then r.before_cipher end,
  before_digest = case when $4 and r.day < excluded.day then r.digest when $4 then r.before_digest end,
  before_day = case when $4 and r.day < excluded.day then r.day when $4 then r.before_day end,
  before_send_number = case when $4 and r.day < excluded.day then r.send_number when $4 then r.before_send_number end
where (r.day, r.send_number) <= (excluded.day, excluded.send_number)`;

const SPOKEN_OF = `update drop_row set day = $2, send_number = $3
where source = $1 and key_hash = any($4::bytea[]) and (day, send_number) <= ($2, $3)`;

const REMOVE = `
with left_out as (
  select key_hash from drop_row where source = $1 and (day, send_number) < ($2, $3) and cipher is not null
   order by day, send_number limit $4
)
update drop_row r set cipher = null, digest = null, day = $2, send_number = $3, changed_seq = nextval('drop_change'),
  before_cipher = null, before_digest = null, before_day = null, before_send_number = null
from left_out l where r.source = $1 and r.key_hash = l.key_hash returning 1`;

const TAKE_BACK = `
with left_out as (
  select key_hash from drop_row where source = $1 and day = $2 and send_number < $3 order by send_number limit $4
)
update drop_row r set cipher = before_cipher, digest = before_digest,
  day = coalesce(before_day, $2), send_number = coalesce(before_send_number, $3),
  changed_seq = case when digest is distinct from before_digest then nextval('drop_change') else changed_seq end,
  before_cipher = null, before_digest = null, before_day = null, before_send_number = null
from left_out l where r.source = $1 and r.key_hash = l.key_hash returning 1`;

const FAULTS = `insert into drop_fault (source, place, field, reason, changed_seq)
select distinct on (place, field) $1, place, field, reason, nextval('drop_change')
  from unnest($2::text[], $3::text[], $4::text[]) as t (place, field, reason)
on conflict (source, place, field) do update set reason = excluded.reason, changed_seq = excluded.changed_seq`;

export function createDropStore<R extends DepartmentRecord>({ db, keyring, source }: DropStoreDeps): DropStore<R> {
  const hashOf = (key: string): Buffer => keyring.hash('drop', 'key', source, key);
  const contextOf = (part: 'key' | 'row', hash: Buffer): string => `${source}/${part}/${hash.toString('base64url')}`;
  const seal = (part: 'key' | 'row', hash: Buffer, text: string): Buffer =>
    keyring.seal('drop', text, contextOf(part, hash));
  const unseal = (part: 'key' | 'row', hash: Buffer, cipher: Buffer): string =>
    keyring.open('drop', cipher, contextOf(part, hash)).toString('utf8');

  /** Everything that draws a number of the sequence. */
  const inOrder = <T>(work: (tx: Tx) => Promise<T>): Promise<T> =>
    db.tx(async (tx) => {
      await tx.lock(`drop/${source}`);
      return work(tx);
    });

  const noteFaults = async (tx: Tx, faults: readonly Quarantined[]): Promise<void> => {
    if (faults.length === 0) return;
    const column = (of: keyof Quarantined): string[] => faults.map((fault) => fault[of]);
    await tx.query(FAULTS, [source, column('where'), column('field'), column('reason')]);
  };

  const upsert = async (tx: Tx, { day, sendNumber, kind }: DropManifest, items: readonly DropItem<R>[]) => {
    // Once per key, the last word counts: one statement cannot write a row twice.
    const byKey = new Map<string, Extract<DropItem<R>, { type: 'upsert' | 'delete' }>>();
    for (const item of items) if (item.type !== 'bad') byKey.set(item.key, item);
    if (byKey.size === 0) return;
    const hashes: Buffer[] = [];
    const keys: Buffer[] = [];
    const rows: (Buffer | null)[] = [];
    const digests: (Buffer | null)[] = [];
    for (const [key, item] of byKey) {
      const hash = hashOf(key);
      const json = item.type === 'upsert' ? JSON.stringify(item.record) : null;
      hashes.push(hash);
      keys.push(seal('key', hash, key));
      rows.push(json === null ? null : seal('row', hash, json));
      digests.push(json === null ? null : keyring.hash('drop', 'row', json));
    }
    await tx.query(UPSERT, [source, day, sendNumber, kind === 'DELTA', hashes, keys, rows, digests]);
  };

  return {
    async find(keys) {
      const keyOf = new Map(keys.map((key) => [hashOf(key).toString('base64url'), key]));
      const hashes = [...keyOf.keys()].map((hash) => Buffer.from(hash, 'base64url'));
      const rows = await db.query<{
        day: string | null;
        sendNumber: number;
        madeAt: Date;
        waiting: DeliveryId[] | null;
        keyHash: Buffer | null;
        cipher: Buffer;
      }>(FIND, [source, hashes]);
      const records = new Map<string, R>();
      for (const { keyHash, cipher } of rows) {
        const key = keyHash === null ? undefined : keyOf.get(keyHash.toString('base64url'));
        if (keyHash !== null && key !== undefined) records.set(key, JSON.parse(unseal('row', keyHash, cipher)) as R);
      }
      const [first] = rows;
      const newest =
        first === undefined || first.day === null
          ? null
          : { day: first.day, sendNumber: first.sendNumber, madeAt: first.madeAt.toISOString() };
      return { records, newest, waiting: first?.waiting ?? [] };
    },

    async changesAfter(seq, limit) {
      const { end } = await db.one<{ end: number }>(
        `select greatest(coalesce((select max(changed_seq) from drop_row where source = $1), 0),
                         coalesce((select max(changed_seq) from drop_fault where source = $1), 0))::bigint as end`,
        [source],
      );
      if (end <= seq) return { changed: [], faults: [], until: seq, more: false };
      const rows = await db.query<{ keyHash: Buffer; keyCipher: Buffer; cipher: Buffer | null; seq: number }>(
        `select key_hash as "keyHash", key_cipher as "keyCipher", cipher, changed_seq as seq from drop_row
          where source = $1 and changed_seq > $2 and changed_seq <= $3 order by changed_seq limit $4`,
        [source, seq, end, limit],
      );
      const more = rows.length === limit;
      const until = more ? (rows.at(-1)?.seq ?? end) : end;
      const faults = await db.query<Quarantined>(
        `select place as where, field, reason from drop_fault
          where source = $1 and changed_seq > $2 and changed_seq <= $3 order by changed_seq`,
        [source, seq, until],
      );
      const changed = rows.map(({ keyHash, keyCipher, cipher }) => ({
        key: unseal('key', keyHash, keyCipher),
        record: cipher === null ? null : (JSON.parse(unseal('row', keyHash, cipher)) as R),
      }));
      return { changed, faults, until, more };
    },

    async total() {
      const [first] = await db.query<{ total: number }>(
        `select (manifest ->> 'total')::bigint as total from drop_delivery where source = $1 and manifest is not null
          order by day desc, send_number desc limit 1`,
        [source],
      );
      return first?.total ?? null;
    },

    async importing() {
      const [first] = await db.query<Importing>(
        `select ${DELIVERY} from drop_delivery where source = $1 and status = 'IMPORTING' order by day limit 1`,
        [source],
      );
      return first ?? null;
    },

    async current() {
      const { base } = await db.one<{ base: string | null }>(
        `select max(day) as base from drop_delivery
          where source = $1 and status = 'IMPORTED' and manifest ->> 'kind' = 'FULL'`,
        [source],
      );
      const deliveries = await db.query<Delivery>(
        `select ${DELIVERY} from drop_delivery where source = $1 and day >= coalesce($2, day)`,
        [source, base],
      );
      return { base, deliveries };
    },

    wait: ({ day, sendNumber }, now) =>
      db.one(
        `insert into drop_delivery as d (source, day, send_number, status, noticed_at) values ($1, $2, $3, 'WAITING', $4)
         on conflict (source, day, send_number) do update set status = d.status
         returning noticed_at as "noticedAt", reported_at as "reportedAt"`,
        [source, day, sendNumber, now],
      ),

    report: ({ day, sendNumber }, fault, now) =>
      inOrder(async (tx) => {
        await noteFaults(tx, [fault]);
        await tx.query(
          'update drop_delivery set reported_at = $4 where source = $1 and day = $2 and send_number = $3',
          [source, day, sendNumber, now],
        );
      }),

    async begin(manifest, progress, now) {
      await db.query(
        `insert into drop_delivery as d (source, day, send_number, status, manifest, progress, made_at, noticed_at)
         values ($1, $2, $3, 'IMPORTING', $4, $5, $6, $7)
         on conflict (source, day, send_number) do update set
           status = excluded.status, manifest = excluded.manifest, progress = excluded.progress, made_at = excluded.made_at
         where d.status = 'WAITING'`,
        [source, manifest.day, manifest.sendNumber, manifest, progress, manifest.madeAt, now],
      );
    },

    async giveUp({ day, sendNumber }) {
      await db.query(
        `update drop_delivery set status = 'WAITING', progress = null
          where source = $1 and day = $2 and send_number = $3 and status = 'IMPORTING'`,
        [source, day, sendNumber],
      );
    },

    storePiece: (delivery, items, place, next) =>
      inOrder(async (tx) => {
        const { day, sendNumber, manifest, progress } = delivery;
        const mine = await tx.query(
          `update drop_delivery set progress = $4
            where source = $1 and day = $2 and send_number = $3 and status = 'IMPORTING' and progress = $5::jsonb
           returning 1`,
          [source, day, sendNumber, next, progress],
        );
        if (mine.length === 0) return false;
        await upsert(tx, manifest, items);
        const bad = items.filter((item) => item.type === 'bad');
        const known = bad.flatMap(({ key }) => (key === null ? [] : [hashOf(key)]));
        if (known.length > 0) await tx.query(SPOKEN_OF, [source, day, sendNumber, known]);
        await noteFaults(
          tx,
          bad.map(({ line, field, reason }) => ({ where: `${place} 第 ${line} 行`, field, reason })),
        );
        return true;
        // Crash here: stored, with the place behind it. Crash before: nothing is, and the piece is read again.
      }),

    settle: ({ day, sendNumber, manifest }, limit) =>
      inOrder(async (tx) => {
        const moved = await tx.query(manifest.kind === 'FULL' ? REMOVE : TAKE_BACK, [source, day, sendNumber, limit]);
        return moved.length < limit;
      }),

    finish: ({ day, sendNumber, manifest }, faults, now) =>
      inOrder(async (tx) => {
        await noteFaults(tx, faults);
        await tx.query(
          `update drop_delivery set status = 'IMPORTED', progress = null, imported_at = $4
            where source = $1 and day = $2 and send_number = $3`,
          [source, day, sendNumber, now],
        );
        // What waited is overtaken: earlier sends of the day, and behind a full day everything older.
        await tx.query(
          `delete from drop_delivery where source = $1 and status = 'WAITING'
             and ((day = $2 and send_number < $3) or ($4 and day < $2))`,
          [source, day, sendNumber, manifest.kind === 'FULL'],
        );
      }),
  };
}
