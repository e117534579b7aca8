/** One run: referrals that are carried while everything under them is killed, emptied, stopped and told lies. */
import { createRandom } from '../../demo/county/random.ts';
import { createApi } from './api.ts';
import { openDepartments, type Departments } from './departments.ts';
import { createDesk } from './desk.ts';
import { drive } from './driver.ts';
import { openChaosInstallation, type ChaosInstallation } from './installation.ts';
import { judge } from './judge.ts';
import { createMischief } from './mischief.ts';
import { createNotes, type Notes } from './notes.ts';
import type { ChaosOptions } from './options.ts';
import { createPoster } from './post.ts';
import { createWatch } from './watch.ts';

export interface ChaosReport {
  readonly violations: readonly string[];
  readonly counts: ReadonlyMap<string, number>;
  readonly seconds: number;
  /** Where everything still lies, when there are violations. */
  readonly folder: string | null;
}

const DAY_MS = 24 * 60 * 60 * 1_000;
/** After these every clock has said all that it has to say, so that the two looks at the end see the same. */
const LAST_LEAP_DAYS = 30;
const HURRY_MS = 200;
const BETWEEN_LOOKS_MS = 5_000;

async function disturb(
  options: ChaosOptions,
  installation: ChaosInstallation,
  { receivers, secrets, idOf }: Departments,
  notes: Notes,
): Promise<void> {
  const { referrals, atOnce, seed, say } = options;
  const { url, issuer, gateway, worker, postgres, redis, advance } = installation;
  const [api, poster] = [createApi(url, issuer, notes), createPoster(url, notes)];
  const watch = createWatch(api);
  const mischief = createMischief({
    ...{ lot: createRandom(seed), kills: options.kills, empties: options.empties, restarts: options.restarts },
    ...{ gateway, worker, postgres, redis, advance, notes },
  });
  const { disturbWithinMs } = options;
  const began = performance.now();
  const hurry = setInterval(
    () => disturbWithinMs !== null && mischief.progress((performance.now() - began) / disturbWithinMs),
    HURRY_MS,
  );
  let said = 0;
  await drive({
    ...{ stories: referrals, atOnce, seed, notes },
    deskFor: (own) => createDesk({ api, poster, watch, receivers, secrets, idOf, notes, ...own }),
    onProgress(share) {
      mischief.progress(share);
      if (Math.floor(share * 10) > said) say(`  ${(said = Math.floor(share * 10)) * 10} % of all steps are made`);
    },
  });
  clearInterval(hurry);
  await mischief.finish();
  await watch.stop();
  await Promise.all([api.close(), poster.close()]);
}

export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { backend, seed, doubles, quietWithinMs, say } = options;
  const began = performance.now();
  const notes = createNotes();
  const installation = await openChaosInstallation(backend);
  options.onOpen(() => installation.close(false));
  const { gateway, worker } = installation;
  let clean = false;
  try {
    await Promise.all([gateway.ready(), worker.ready()]);
    const api = createApi(installation.url, installation.issuer, notes);
    const departments = await openDepartments(api, notes, { seed, doubles });
    await api.close();
    const receivers = [...departments.receivers.values()];
    try {
      await disturb(options, installation, departments, notes);
      for (const receiver of receivers) receiver.calm();
      installation.advance(LAST_LEAP_DAYS * DAY_MS);
      await Promise.all([gateway.ready(), worker.ready()]);
      say(`  everything was done after ${Math.round((performance.now() - began) / 1_000)} s; now only waiting`);
      notes.violations.push(
        ...(await judge(installation, notes, receivers, { quietWithinMs, betweenMs: BETWEEN_LOOKS_MS, say })),
      );
    } finally {
      await Promise.all(receivers.map((receiver) => receiver.close()));
    }
    notes.counts.set('starts that gave up, the database being away', gateway.gaveUp() + worker.gaveUp());
    notes.violations.push(...gateway.fell, ...worker.fell);
    clean = notes.violations.length === 0;
  } finally {
    await installation.close(!clean);
  }
  return {
    ...{ violations: notes.violations, counts: notes.counts, folder: clean ? null : installation.folder },
    seconds: Math.round((performance.now() - began) / 1_000),
  };
}
