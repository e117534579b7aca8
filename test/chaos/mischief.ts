/** What is done to the installation while the stories are played: each thing at a share of the way drawn by lot. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../demo/county/random.ts';
import type { Notes } from './notes.ts';
import type { ShakenPostgres } from './postgres.ts';
import type { KeptProgram } from './program.ts';
import type { ShakenRedis } from './redis.ts';

export interface MischiefOptions {
  readonly lot: Random;
  readonly kills: number;
  readonly empties: number;
  readonly restarts: number;
  readonly gateway: KeptProgram;
  readonly worker: KeptProgram;
  readonly postgres: ShakenPostgres;
  readonly redis: ShakenRedis | null;
  /** Business time goes on by so many milliseconds at once. */
  readonly advance: (ms: number) => void;
  readonly notes: Notes;
}

export interface Mischief {
  /** 0 to 1. */
  progress(share: number): void;
  /** Resolves when all has been done that was to be done. */
  finish(): Promise<void>;
}

type Trick = () => Promise<unknown>;

/** At one moment and not before: an instant of its own, not one that an answer has just come at. */
const WITHIN_MS = 700;
const HOUR_MS = 60 * 60 * 1_000;
const ADVANCES = 12;
/** The last of the way is left for what was disturbed to show itself. */
const WHOLE_WAY = 0.95;

export function createMischief(options: MischiefOptions): Mischief {
  const { lot, kills, empties, restarts, gateway, worker, postgres, redis, advance, notes } = options;

  const kill: Trick = async () => {
    const [program, name] = lot.chance(0.5) ? ([gateway, 'gateway'] as const) : ([worker, 'worker'] as const);
    // Now and then the next blow falls while it is still starting.
    if (lot.chance(0.8)) await program.ready();
    await delay(lot.int(WITHIN_MS));
    await program.kill();
    notes.count(`${name} killed with -9`);
  };
  let restarted = 0;
  const restart: Trick = async () => {
    const how = (restarted += 1) % 2 === 1 ? 'stopped' : 'killed';
    await delay(lot.int(WITHIN_MS));
    await postgres.restart(how);
    notes.count(`PostgreSQL ${how === 'stopped' ? 'stopped' : 'killed with -9'} and started again`);
  };
  const empty: Trick = async () => {
    await delay(lot.int(WITHIN_MS));
    await redis?.empty();
    notes.count('Redis emptied');
  };
  const goOn: Trick = async () => {
    const hours = lot.between(1, 6);
    advance(hours * HOUR_MS);
    notes.count('business hours that passed in leaps', hours);
    return Promise.resolve();
  };

  const times = (count: number, trick: Trick) => Array.from({ length: count }, () => ({ at: lot.next(), trick }));
  const plan = [
    ...times(kills, kill),
    ...times(restarts, restart),
    ...times(redis ? empties : 0, empty),
    ...times(ADVANCES, goOn),
  ].sort((one, next) => one.at - next.at);

  let share = 0;
  let isOver = false;
  let go: () => void = () => undefined;

  async function play(): Promise<void> {
    for (const { at, trick } of plan) {
      while (share < at * WHOLE_WAY && !isOver) await new Promise<void>((resolve) => (go = resolve));
      await trick();
    }
  }
  const playing = play();

  return {
    progress(now) {
      share = Math.max(share, now);
      go();
    },
    async finish() {
      isOver = true;
      go();
      await playing;
    },
  };
}
