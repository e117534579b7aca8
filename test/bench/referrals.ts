/** Whole loops of referrals, with queues and without them, in a small store and in a large one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createReport,
  load,
  milliseconds,
  percentile,
  say,
  takenByHost,
  watchHost,
  whole,
  type Report,
} from './kit/figures.ts';
import { startProgram } from './kit/measured-program.ts';
import { openOfficeSystems } from './kit/office-systems.ts';
import { redisMissing, startRedis } from '../kit/redis-program.ts';
import { createLoops } from './kit/referral-loops.ts';
import type { ReferralsCommand, ReferralsSaid } from './referrals-program.ts';

export interface ReferralsBench {
  readonly stored: readonly number[];
  readonly loops: number;
  /**
   * How often each is measured, by turns: the fastest counts, for what disturbs a machine only ever makes it slower.
   */
  readonly rounds: number;
  /** Only these; without queues among them, as all is compared with that. */
  readonly kinds: readonly string[];
  readonly profile: string | undefined;
}

type Kind = 'direct' | 'postgres' | 'redis';

const LEAST_A_SECOND: Readonly<Record<Kind, number>> = { direct: 0, postgres: 20, redis: 60 };
const NAMES: Readonly<Record<Kind, string>> = {
  direct: 'without queues',
  postgres: 'queues on PostgreSQL',
  redis: 'queues on Redis',
};
const LEAST_SHARE = 0.6;
const MOST_P99_MS = 1_000;
const LEAST_OF_SMALL = 0.85;
/** Loops under way at once. */
const AT_ONCE = 64;
const WARM_UP = 300;
const EVEN_SECONDS = 10;
/** Nobody answers these: a store is not full of finished things only. */
const LEFT_OPEN = 10;

interface Measured {
  readonly rate: number;
  /** Of the whole program, a loop. */
  readonly statements: number;
  /** At half that rate from commit to receipt, milliseconds; not of every round. */
  readonly receipts: readonly number[];
}

const NOTHING: Measured = { rate: 0, statements: 0, receipts: [] };

interface Circumstances {
  readonly kind: Kind;
  readonly stored: number;
  readonly loops: number;
  /** Of the rounds so far; null when receipts are not to be timed now. */
  readonly bestRate: number | null;
  readonly env: Readonly<Record<string, string>>;
  readonly profile: string | undefined;
}

async function measure({ kind, stored, loops: count, bestRate, env, profile }: Circumstances): Promise<Measured> {
  const program = startProgram<ReferralsSaid>({ name: 'referrals-program', args: [kind], env, profile });
  const gone = program.ended.then((code): never => {
    throw new Error(`The program ended (${code}) before its loops were over.`);
  });
  gone.catch(() => undefined);
  const tell = (command: ReferralsCommand): void => program.tell(command);
  await program.hear(({ ready }) => ready);
  let hear: Parameters<typeof openOfficeSystems>[0] = () => undefined;
  const systems = await openOfficeSystems((heard) => hear(heard));
  try {
    const needed = WARM_UP + count + LEFT_OPEN + 60 * EVEN_SECONDS;
    tell({ prepare: { stored, loops: needed, receiver: systems.url } });
    const { url, offices } = await program.hear(({ prepared }) => prepared);
    systems.connect(url, offices);
    const idOf = new Map(offices.map(({ code, id }) => [code, id]));
    const loops = createLoops({
      offices: offices.map(({ code }) => code),
      open: (office) => tell({ open: { office: idOf.get(office) ?? '' } }),
      close: (referral) => tell({ close: { referral } }),
      send: (office, type, data) => systems.send(office, type, data),
    });
    hear = (heard) => loops.hear(heard);
    program.listen(({ opened, closed }) => {
      if (opened) loops.opened(opened.referral, opened.at);
      if (closed) loops.closed();
    });
    const alive = <T>(work: Promise<T>): Promise<T> => Promise.race([work, gone]);
    await alive(loops.asFastAs(WARM_UP, AT_ONCE));
    if (stored === 0) {
      await alive(loops.leave(LEFT_OPEN));
      return { rate: 0, statements: 0, receipts: [] };
    }
    const before = await program.usage();
    const host = watchHost();
    const ms = await alive(loops.asFastAs(count, AT_ONCE));
    const used = await program.usage();
    const rate = (count * 1_000) / ms;
    const statements = (used.statements - before.statements) / count;
    const even = bestRate === null || kind === 'direct' ? null : Math.max(rate, bestRate) / 2;
    const receipts = even === null ? [] : await alive(loops.evenly(Math.round(even * EVEN_SECONDS), even));
    say(
      `${whole(stored)} stored, ${NAMES[kind]}: ${rate.toFixed(1)} loops/s, ${statements.toFixed(1)} statements and ` +
        `${milliseconds((used.cpuMs - before.cpuMs) / count)} of its CPU a loop${even === null ? '' : `; ${timesOf(receipts, even)}`}; ${load()}, ${takenByHost(host())}`,
    );
    return { rate, statements, receipts };
  } finally {
    await program.end();
    await systems.close();
  }
}

const timesOf = (receipts: readonly number[], rate: number): string =>
  `at ${rate.toFixed(1)} a second from commit to receipt p50 ${milliseconds(percentile(receipts, 0.5))}, p99 ${milliseconds(percentile(receipts, 0.99))} of ${receipts.length}`;

/** True when every target is met. */
export async function benchReferrals({
  stored,
  loops,
  rounds,
  kinds: asked,
  profile,
}: ReferralsBench): Promise<boolean> {
  const report = createReport();
  const folder = mkdtempSync(join(tmpdir(), 'maplebridge-bench-'));
  const redis = redisMissing === null ? await startRedis() : null;
  if (redis === null) say('REDIS IS NOT HERE: its part is left out (apt-get install redis-server).');
  const env = {
    ...{ MAPLEBRIDGE_DATA: folder, MAPLEBRIDGE_DEMO: redis ? 'force' : 'on', PORT: '0', LOG_LEVEL: 'warn' },
    ...(redis ? { REDIS_URL: redis.url } : {}),
  };
  const here: readonly Kind[] = redis ? ['direct', 'postgres', 'redis'] : ['direct', 'postgres'];
  const kinds = here.filter((kind) => asked.includes(kind));
  const found = new Map<string, Measured>();
  try {
    // What is copied to make the store large.
    await measure({ kind: 'direct', stored: 0, loops: 0, bestRate: null, env, profile: undefined });
    for (const size of stored) {
      for (let round = 1; round <= rounds; round++) {
        for (const kind of kinds) {
          const best = found.get(`${kind} ${size}`) ?? NOTHING;
          const bestRate = round === rounds ? best.rate : null;
          const now = await measure({ kind, stored: size, loops, bestRate, env, profile });
          found.set(`${kind} ${size}`, { ...(now.rate > best.rate ? now : best), receipts: now.receipts });
        }
      }
    }
    compare(found, stored, kinds, report);
  } finally {
    await redis?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return report.finish();
}

function compare(
  found: ReadonlyMap<string, Measured>,
  stored: readonly number[],
  kinds: readonly Kind[],
  report: Report,
): void {
  const of = (kind: Kind, size: number | undefined): Measured => found.get(`${kind} ${size}`) ?? NOTHING;
  for (const kind of kinds) {
    for (const size of kind === 'direct' ? [] : stored) {
      const at = `${whole(size)} stored, ${NAMES[kind]}`;
      const { rate, receipts } = of(kind, size);
      report.check({
        name: `${at}: loops`,
        value: `${rate.toFixed(1)}/s`,
        wanted: `at least ${LEAST_A_SECOND[kind]}/s`,
        met: rate >= LEAST_A_SECOND[kind],
      });
      const share = rate / of('direct', size).rate;
      report.check({
        name: `${at}: share of the rate without queues`,
        value: share.toFixed(2),
        wanted: `at least ${LEAST_SHARE}`,
        met: share >= LEAST_SHARE,
      });
      const p99 = percentile(receipts, 0.99);
      report.check({
        name: `${at}: p99 from commit to receipt at half that rate`,
        value: milliseconds(p99),
        wanted: `under ${milliseconds(MOST_P99_MS)}`,
        met: p99 < MOST_P99_MS,
      });
    }
    const [small, large] = [of(kind, stored[0]), of(kind, stored.at(-1))];
    const growth = large.rate / small.rate;
    report.check({
      name: `${NAMES[kind]}: rate in the largest store over that in the smallest`,
      value: `${growth.toFixed(2)} (statements a loop ${small.statements.toFixed(1)} and ${large.statements.toFixed(1)})`,
      wanted: `at least ${LEAST_OF_SMALL}`,
      met: growth >= LEAST_OF_SMALL && Math.abs(large.statements / small.statements - 1) < 0.1,
    });
  }
}
