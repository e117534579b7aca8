/**
 * Queues on paper: they keep what was said, hand it over when told, and lose it or hand it over twice where the port breaks.
 * A job that fails is gone, as with the real ones: it comes back when somebody looks again.
 */
import type { JobHandler, Queues } from '../../core/platform/queue.ts';
import type { FaultyPort } from './faulty-port.ts';

export interface FaultyQueues extends Queues {
  /** Hands over until nothing waits, in this queue or in any. Returns how many jobs that were. */
  handOver(name?: string): Promise<number>;
  forgetAll(): void;
}

interface Job {
  readonly queue: string;
  readonly id: string;
}

export function createFaultyQueues(port: FaultyPort): FaultyQueues {
  const waiting = new Map<string, Job>();
  const handlers = new Map<string, JobHandler>();

  const say = (queue: string, how: string, id: string, attempt: number): Promise<void> =>
    port.call(`${queue} ${how}`, async () => {
      const key = `${queue} ${id}-${attempt}`;
      if (!waiting.has(key)) waiting.set(key, { queue, id });
    });

  async function handle({ queue, id }: Job): Promise<void> {
    const mode = port.take(`${queue} work`);
    if (mode === 'failed') return;
    const run = async (): Promise<void> => handlers.get(queue)?.({ id });
    // A worker's job that rejects is marked as failed, and nobody hears of it: the sweep looks again.
    await run().catch(() => undefined);
    if (mode === 'failed but stored') await run().catch(() => undefined);
  }

  return {
    queue: (name) => ({
      look: (id, attempt) => say(name, 'look', id, attempt),
      announce: (id, attempt) => say(name, 'announce', id, attempt),
    }),
    inspect() {
      throw new Error('Nobody looks at these.');
    },
    work: (name, handler) => void handlers.set(name, handler),
    async handOver(name) {
      const next = (): [string, Job] | undefined =>
        [...waiting].find(([, { queue }]) => name === undefined || queue === name);
      let count = 0;
      for (let found = next(); found; found = next()) {
        waiting.delete(found[0]);
        await handle(found[1]);
        count += 1;
      }
      return count;
    },
    forgetAll: () => waiting.clear(),
    close: async () => undefined,
  };
}
