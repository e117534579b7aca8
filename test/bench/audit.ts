/** The audit log: how fast entries get their places, and how long proofs take. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isIncluded } from '../../core/audit/log/proof.ts';
import { nodesFrom } from '../../core/audit/log/tile.ts';
import { rootOf } from '../../core/audit/log/tree.ts';
import { verifyChain } from '../../core/audit/log/verify-chain.ts';
import { inclusionOf, logLag } from '../../core/audit/read-log.ts';
import { storedTiles } from '../../core/audit/tile-store.ts';
import { createDb, type Db } from '../../core/platform/db.ts';
import { startEmbeddedPostgres } from '../../core/platform/embedded-postgres/embedded-postgres.ts';
import { migrate } from '../../core/platform/migrate.ts';
import { exportChain } from '../../core/referrals/export-chain.ts';
import { withDatabase } from '../kit/database-url.ts';
import { appendSome, logVerifier, memoryAnchor, testSequencer } from '../kit/log-rig.ts';
import {
  createReport,
  load,
  median,
  milliseconds,
  percentile,
  say,
  seconds,
  whole,
  type Report,
} from './kit/figures.ts';
import { benchDisclosures } from './disclosures.ts';
import { chainKeyring, storeLongChain } from './kit/long-chain.ts';
import { storeSyntheticLog } from './kit/synthetic-log.ts';

export interface AuditBench {
  readonly entries: number;
  /** Leaves of the log in which proofs are looked for. */
  readonly size: number;
  readonly seed: number;
  /** Views measured with one client; eight share four times as many. */
  readonly views: number;
  readonly keep: string | undefined;
}

const LEAST_A_SECOND = 2_000;
const MOST_LAG_MS = 1_000;
const MOST_VERIFY_MS = 1_000;
const MOST_PROOF_MS = 20;
const CHAIN = 100;
const PROOFS = 200;
/** Entries of one act, more or less. */
const OF_AN_ACT = 4;

async function benchSequencing(db: Db, entries: number, report: Report): Promise<void> {
  const sequencer = testSequencer(db, memoryAnchor());
  for (let done = 0; done < entries; done += 1_000) await appendSome(db, 1_000);
  let began = performance.now();
  await sequencer.run();
  const rate = entries / ((performance.now() - began) / 1_000);
  report.check({
    name: `${whole(entries)} waiting entries: places given`,
    value: `${whole(rate)} a second`,
    wanted: `at least ${whole(LEAST_A_SECOND)}`,
    met: rate >= LEAST_A_SECOND,
  });

  // While others append: an act's entries in a transaction of their own, eight at once, as fast as asked and no faster.
  let appended = 0;
  let isOver = false;
  const lags: number[] = [];
  began = performance.now();
  const behind = (): boolean => appended < ((performance.now() - began) / 1_000) * LEAST_A_SECOND * 1.1;
  const writers = Array.from({ length: 8 }, async () => {
    while (appended < entries) {
      if (behind()) {
        appended += OF_AN_ACT;
        await appendSome(db, OF_AN_ACT);
      } else await new Promise((resolve) => setTimeout(resolve, 1));
    }
  });
  const sequencing = (async () => {
    while (!isOver) {
      lags.push((await logLag(db)).lagMs);
      await sequencer.run();
    }
  })();
  await Promise.all(writers);
  const elapsed = performance.now() - began;
  isOver = true;
  await sequencing;
  await sequencer.run();
  say(
    `  while others append: ${whole(appended / (elapsed / 1_000))} entries a second for ${seconds(elapsed)}; ${load()}`,
  );
  report.check({
    name: 'longest wait of an entry for its place meanwhile',
    value: milliseconds(percentile(lags, 1)),
    wanted: `under ${whole(MOST_LAG_MS)} ms`,
    met: percentile(lags, 1) < MOST_LAG_MS,
  });
}

async function benchChain(db: Db, report: Report): Promise<void> {
  const sequencer = testSequencer(db, memoryAnchor());
  const root = await storeLongChain(db, CHAIN);
  const began = performance.now();
  const { file } = await exportChain(
    { db, keyring: chainKeyring, wall: () => new Date(), untilPublished: () => sequencer.run() },
    { referralId: root, organisation: null, actor: null, mayOpen: () => true },
  );
  say(
    `  chain of ${CHAIN} referrals: exported in ${milliseconds(performance.now() - began)}, ${whole(file.length / 1_024)} kB`,
  );
  const times: number[] = [];
  for (let time = 0; time < 5; time++) {
    const from = performance.now();
    const { referrals, events } = verifyChain(file, { log: logVerifier, witnesses: [] });
    times.push(performance.now() - from);
    if (time === 0) say(`  ${referrals} referrals, ${events} events`);
  }
  report.check({
    name: `verifying the chain of ${CHAIN} referrals`,
    value: milliseconds(times[0] ?? Infinity),
    wanted: `under ${whole(MOST_VERIFY_MS)} ms, the first time`,
    met: (times[0] ?? Infinity) < MOST_VERIFY_MS,
  });
}

async function benchProofs(db: Db, size: number, report: Report): Promise<void> {
  const began = performance.now();
  await storeSyntheticLog(db, size);
  say(`  log of ${whole(size)} leaves made in ${seconds(performance.now() - began)}`);
  const root = await rootOf(size, nodesFrom(storedTiles(db)));
  const times: number[] = [];
  for (let number = 0; number < PROOFS; number++) {
    const index = Math.floor((size * (number + 0.5)) / PROOFS);
    const from = performance.now();
    const { leaf, hashes } = await inclusionOf(db, index, size);
    times.push(performance.now() - from);
    if (!isIncluded({ leaf, index, size, root, proof: hashes }))
      throw new Error(`The proof of ${index} does not hold.`);
  }
  report.check({
    name: `proof in a log of ${whole(size)} entries`,
    value: `p50 ${milliseconds(median(times))}, p99 ${milliseconds(percentile(times, 0.99))}`,
    wanted: `p99 under ${MOST_PROOF_MS} ms`,
    met: percentile(times, 0.99) < MOST_PROOF_MS,
  });
}

/** On the embedded PostgreSQL as it is shipped. True when every target is met. */
export async function benchAudit({ entries, size, ...views }: AuditBench): Promise<boolean> {
  const report = createReport();
  const dir = mkdtempSync(join(tmpdir(), 'maplebridge-bench-'));
  const server = await startEmbeddedPostgres({ dir });
  const inDatabase = async (name: string, run: (db: Db) => Promise<void>): Promise<void> => {
    const administrator = createDb({ url: server.url, max: 1 });
    await administrator.query(`create database ${name} template template0 encoding 'UTF8'`);
    await administrator.close();
    const db = createDb({ url: withDatabase(server.url, name) });
    try {
      await migrate(db);
      await run(db);
    } finally {
      await db.close();
    }
  };
  try {
    await inDatabase('sequencing', (db) => benchSequencing(db, entries, report));
    await inDatabase('chain', (db) => benchChain(db, report));
    await inDatabase('proofs', (db) => benchProofs(db, size, report));
  } finally {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
  await benchDisclosures(views, report);
  return report.finish();
}
