/** Plays all stories, so many at once; one that waits long for what others do makes room for another. */
import { setTimeout as delay } from 'node:timers/promises';
import { createRandom } from '../../demo/county/random.ts';
import type { Desk, DeskDeps } from './desk.ts';
import type { Notes } from './notes.ts';
import { drawStory } from './stories.ts';

export interface DriverOptions {
  readonly stories: number;
  readonly atOnce: number;
  readonly seed: number;
  /** A desk for one story. */
  readonly deskFor: (own: Pick<DeskDeps, 'lot' | 'onStep' | 'aside'>) => Desk;
  readonly notes: Notes;
  /** 0 to 1: what of all steps has been made. */
  readonly onProgress: (share: number) => void;
}

const LONG_MS = 2_000;
const LOOK_MS = 20;
/** Apart from the streams by which the others draw. */
const FIRST_STREAM = 1_000;

/** A story's waiting is counted from where it began; null while it acts, also when nobody answers it. */
interface Playing {
  waitsSince: number | null;
}

export async function drive({ stories, atOnce, seed, deskFor, notes, onProgress }: DriverOptions): Promise<void> {
  const drawn = Array.from({ length: stories }, (_, index) => {
    const lot = createRandom(seed, FIRST_STREAM + index);
    return { lot, story: drawStory(lot) };
  });
  const steps = drawn.reduce((sum, { story }) => sum + story.steps, 0);
  const playing = new Map<Playing, Promise<void>>();
  let made = 0;
  const onStep = (): void => {
    made += 1;
    onProgress(Math.min(1, made / steps));
  };

  const isFull = (): boolean => {
    const long = performance.now() - LONG_MS;
    return [...playing.keys()].filter(({ waitsSince }) => waitsSince === null || waitsSince > long).length >= atOnce;
  };

  for (const { lot, story } of drawn) {
    while (isFull()) await delay(LOOK_MS);
    const one: Playing = { waitsSince: null };
    const aside = <T>(wait: Promise<T>): Promise<T> => {
      one.waitsSince = performance.now();
      return wait.finally(() => {
        one.waitsSince = null;
      });
    };
    playing.set(
      one,
      story.play(deskFor({ lot, onStep, aside }), notes).finally(() => playing.delete(one)),
    );
  }
  await Promise.all(playing.values());
}
