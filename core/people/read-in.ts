/**
 * Reading in: from a department's change feed into the index, page by page. A page's effects and the cursor behind it are
 * stored in one transaction, so it can stop anywhere and go on from there, here or in another process.
 */
import type { ChangePage, Department, SourceCode } from '../department.ts';
import { isReadingInListenedTo } from '../organisations/listening.ts';
import type { Clock } from '../platform/clock.ts';
import type { Db, Tx } from '../platform/db.ts';
import { AppError } from '../platform/errors.ts';
import { withRoomyHeap } from '../platform/heap.ts';
import type { Keyring } from '../platform/keyring.ts';
import type { Log } from '../platform/log.ts';
import { compareWaiting, type CompareOptions } from './compare-waiting.ts';
import { indexRecords, preparePage, type PreparedPage } from './index-records.ts';
import type { JoinContext } from './store-joining.ts';
import {
  advanceFeed,
  claimFeed,
  ensureFeeds,
  failFeed,
  findDueFeeds,
  finishFeed,
  keepQuarantined,
  type Claim,
} from './source-feed.ts';

export interface ReadInProgress {
  readonly source: SourceCode;
  /** Records of the department in the index. */
  readonly done: number;
  /** Records in its system, where it tells. */
  readonly total: number | null;
}

export interface ReadInOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ReadInProgress) => void;
}

/** READ: to its end. STOPPED: by the signal, to be continued. BUSY: somebody else is at it. */
export interface ReadInResult {
  readonly outcome: 'READ' | 'STOPPED' | 'BUSY';
  readonly pages: number;
  readonly changed: number;
  readonly gone: number;
}

export interface ReadIn {
  readonly sources: readonly SourceCode[];
  /** Reads everything newer than the stored cursor. Rejects when the department or a page fails, after noting it with the feed. */
  read(source: SourceCode, options?: ReadInOptions): Promise<ReadInResult>;
  /** Departments that are to be read now and that nobody is reading. */
  due(): Promise<readonly { readonly source: SourceCode; readonly attempts: number }[]>;
  /** Whether anybody waits to be compared, and no first load is under way that would have them wait again. */
  mustCompare(): Promise<boolean>;
  /** Compares those whom only the exact rule has looked at, until nobody waits: after a first load. How many persons. */
  compare(options?: CompareOptions): Promise<number>;
}

export interface ReadInDeps {
  readonly db: Db;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly departments: readonly Department[];
  readonly log: Log;
  /** Is there a data-sharing agreement in force (网络数据安全管理条例 16)? Without one the department is not read. */
  readonly hasBasis: (source: SourceCode) => Promise<boolean>;
  /** `gatherDisputes` of core/disputes: what a page's records mean for disputes, in the page's transaction. */
  readonly gatherDisputes: (
    tx: Tx,
    context: JoinContext,
    changes: { readonly changed: readonly string[]; readonly gone: readonly string[] },
  ) => Promise<void>;
  /** Milliseconds between the end of one reading and the next; by default a minute, and an hour for petitions. */
  readonly intervals?: Readonly<Record<SourceCode, number>>;
  readonly leaseMs?: number;
}

const MINUTE = 60_000;
/** The bureau's views know no changes: every reading is a scan of all there is. */
const INTERVALS: Readonly<Record<SourceCode, number>> = { PETITIONS: 60 * MINUTE };
const MAX_BACK_OFF = 5 * MINUTE;

export const backOff = (attempts: number): number => Math.min(MAX_BACK_OFF, 1_000 * 2 ** Math.min(attempts, 20));

// A first load outruns autovacuum: plans made for empty tables would scan them for every page. So what they are planned by
// is refreshed whenever the index has grown fourfold; that also has every prepared statement planned again.
const FIRST_ANALYSIS = 1_000;
const GROWTH = 4;
// Without what nothing is planned by and is dear to sample.
const ANALYZE = `analyze record (id, source, key_hash, number_hash, office_id, gone_at),
  mention (id, record_id, person_id, citizen_id_hash, gone_at),
  data_key (id), person, record_reference, dispute (id, survivor_id, opened_at), dispute_record, visible, joining (mention_id),
  identity_review, match_waiting`;

const MUST_COMPARE = `
select exists (select from match_waiting) and not exists (
  select from source_feed where source = any($1) and loaded_at is null and leased_until > $2) as must`;

type Page = Omit<ChangePage, 'changes'> & { readonly prepared: PreparedPage };

export function createReadIn(deps: ReadInDeps): ReadIn {
  const { db, keyring, clock, log, gatherDisputes, hasBasis, leaseMs = 2 * MINUTE } = deps;
  const departments = new Map(deps.departments.map((department) => [department.code, department]));
  const sources = [...departments.keys()];
  const intervalOf = (source: SourceCode): number => deps.intervals?.[source] ?? INTERVALS[source] ?? MINUTE;
  const later = (ms: number): Date => new Date(clock.wall().getTime() + ms);

  let read = 0;
  let analysisAt = FIRST_ANALYSIS;
  /** During first loads only: later on autovacuum keeps up. */
  async function analyse(records: number): Promise<void> {
    read += records;
    if (read < analysisAt) return;
    analysisAt = read * GROWTH;
    await db.query(ANALYZE);
  }

  async function askPage(
    department: Department,
    { cursor, loadedAt }: Pick<Claim, 'cursor' | 'loadedAt'>,
    signal?: AbortSignal,
  ): Promise<Page> {
    const { changes, ...page } = await department.changes(cursor, signal === undefined ? {} : { signal });
    const context = { keyring, compareLater: loadedAt === null };
    return { ...page, prepared: await preparePage(db, context, department.code, changes) };
  }

  async function storePage(
    claim: Claim,
    page: Page,
    quiet: boolean,
  ): Promise<{ done: number; changed: number; gone: number }> {
    const context = { keyring, now: clock.wall(), quiet, compareLater: claim.loadedAt === null };
    return db.tx(async (tx) => {
      const index = await indexRecords(tx, context, page.prepared);
      await gatherDisputes(tx, context, index);
      await keepQuarantined(tx, claim.source, page.quarantined, context.now);
      const { growth, unknownAccused } = index;
      if (unknownAccused > 0)
        log.warn(
          { source: claim.source, count: unknownAccused },
          'accused organisations are not in the tree; those accusations are shown to nobody but their holder',
        );
      const progress = { cursor: page.cursor, growth, total: page.total };
      const done = await advanceFeed(tx, keyring, claim, progress, later(leaseMs));
      return { done, changed: index.changed.length, gone: index.gone.length };
    });
    // Crash here: stored, with its cursor. Crash before: nothing is, and the lease runs out.
  }

  async function readPages(department: Department, claim: Claim, options: ReadInOptions): Promise<ReadInResult> {
    const { signal, onProgress } = options;
    let [pages, changed, gone] = [0, 0, 0];
    // What a first load finds is no news: it would be a message for most of the county.
    const quiet = claim.loadedAt === null || !(await isReadingInListenedTo(db));
    let next = askPage(department, claim, signal);
    for (;;) {
      const page = await next;
      // The next page is asked for and made ready while this one is stored. Never more than one ahead.
      const more = page.more && !signal?.aborted;
      if (more) next = askPage(department, { ...claim, cursor: page.cursor }, signal);
      next.catch(() => undefined);
      const stored = await storePage(claim, page, quiet);
      pages += 1;
      if (claim.loadedAt === null) await analyse(stored.changed);
      changed += stored.changed;
      gone += stored.gone;
      if (page.quarantined.length > 0)
        log.warn(
          { source: claim.source, quarantined: page.quarantined.length },
          'records set aside: they do not parse',
        );
      onProgress?.({ source: claim.source, done: stored.done, total: page.total });
      if (!more) return { outcome: page.more ? 'STOPPED' : 'READ', pages, changed, gone };
    }
  }

  return {
    sources,
    async due() {
      const now = clock.wall();
      await ensureFeeds(db, sources, now);
      return findDueFeeds(db, sources, now);
    },
    async mustCompare() {
      return (await db.one<{ must: boolean }>(MUST_COMPARE, [sources, clock.wall()])).must;
    },
    async compare(options = {}) {
      const done = await withRoomyHeap(() => compareWaiting({ db, keyring, now: () => clock.wall() }, options));
      if (done > 0) log.info({ persons: done }, 'compared');
      return done;
    },
    async read(source, options = {}) {
      const department = departments.get(source);
      if (!department) throw new AppError('NOT_FOUND', 'There is no such department.', { details: { source } });
      await ensureFeeds(db, [source], clock.wall());
      const claim = await claimFeed(db, keyring, source, clock.wall(), leaseMs);
      if (!claim) return { outcome: 'BUSY', pages: 0, changed: 0, gone: 0 };
      try {
        if (!(await hasBasis(source)))
          throw new AppError(
            'FORBIDDEN',
            'Its data-sharing agreement is missing or has expired; renew it in the settings.',
          );
        const pages = () => readPages(department, claim, options);
        const result = await (claim.loadedAt === null ? withRoomyHeap(pages) : pages());
        if (result.outcome === 'READ') await finishFeed(db, claim, clock.wall(), later(intervalOf(source)));
        else await failFeed(db, claim, { error: null, attempts: claim.attempts, dueAt: clock.wall() });
        if (result.changed + result.gone > 0)
          log.info({ source, records: result.changed, page: result.pages }, 'read in');
        return result;
      } catch (error) {
        if (options.signal?.aborted) {
          await failFeed(db, claim, { error: null, attempts: claim.attempts, dueAt: clock.wall() });
          return { outcome: 'STOPPED', pages: 0, changed: 0, gone: 0 };
        }
        const attempts = claim.attempts + 1;
        // Our own words only: a department's or a database's may quote a person's data.
        const said = error instanceof AppError ? `${error.code}: ${error.message}` : 'INTERNAL';
        await failFeed(db, claim, { error: said, attempts, dueAt: later(backOff(attempts)) });
        throw error;
      }
    },
  };
}
