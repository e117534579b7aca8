/** Queues that are none: what is said is done at once, in this process. Beside them it shows what BullMQ costs. */
import type { JobHandler, Queues } from '../../../core/platform/queue.ts';

interface Lane {
  readonly waiting: string[];
  /** Waiting or running: said again meanwhile it is left out, as BullMQ leaves it out. */
  readonly known: Set<string>;
  handler: JobHandler | null;
  concurrency: number;
  running: number;
}

export function createDirectQueues(failed: (error: unknown) => void): Queues {
  const lanes = new Map<string, Lane>();
  const running = new Set<Promise<void>>();
  let closed = false;

  const laneOf = (name: string): Lane => {
    let lane = lanes.get(name);
    if (!lane) {
      lane = { waiting: [], known: new Set(), handler: null, concurrency: 1, running: 0 };
      lanes.set(name, lane);
    }
    return lane;
  };

  function next(lane: Lane): void {
    const { handler } = lane;
    if (handler === null || closed) return;
    while (lane.running < lane.concurrency) {
      const key = lane.waiting.shift();
      if (key === undefined) return;
      lane.running += 1;
      const work = handler({ id: key.slice(0, key.lastIndexOf('-')) })
        .catch(failed)
        .finally(() => {
          lane.running -= 1;
          lane.known.delete(key);
          running.delete(work);
          next(lane);
        });
      running.add(work);
    }
  }

  const say = async (name: string, id: string, attempt: number): Promise<void> => {
    const lane = laneOf(name);
    const key = `${id}-${attempt}`;
    if (lane.known.has(key)) return;
    lane.known.add(key);
    lane.waiting.push(key);
    next(lane);
  };

  return {
    queue: (name) => ({
      look: (id, attempt) => say(name, id, attempt),
      announce: (id, attempt) => say(name, id, attempt),
    }),
    inspect: (name) => {
      throw new Error(`Nothing of ${name} is kept.`);
    },
    work(name, handler, { concurrency = 1 } = {}) {
      Object.assign(laneOf(name), { handler, concurrency });
      next(laneOf(name));
    },
    async close() {
      closed = true;
      await Promise.all(running);
    },
  };
}
