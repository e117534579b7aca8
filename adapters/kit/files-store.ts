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
import { DELIVERY, FAULTS, FIND, REMOVE, SPOKEN_OF, TAKE_BACK, UPSERT } from './files-statements.ts';

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
