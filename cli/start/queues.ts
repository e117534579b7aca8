/** The queues of a process: opened once, when something first needs them. */
import { describeError } from '../../core/platform/log.ts';
import { createQueues, type Queues } from '../../core/platform/queue.ts';
import type { Closing } from './closing.ts';
import type { Foundation } from './foundation.ts';

const opened = new WeakMap<Foundation, Promise<Queues>>();

export function openQueues(foundation: Foundation, closing: Closing): Promise<Queues> {
  let queues = opened.get(foundation);
  if (!queues) {
    const { databaseUrl, config, log } = foundation;
    queues = createQueues({ databaseUrl, redisUrl: config.redisUrl, log });
    opened.set(foundation, queues);
    closing.add(async () => (await queues)?.close());
  }
  return queues;
}

/** Says at once that messages wait in these lanes. Whoever acted does not wait for it: lost, the sweep says it again. */
export const announcer =
  ({ log }: Pick<Foundation, 'log'>, queues: Queues) =>
  (lanes: readonly string[]): void => {
    for (const lane of lanes) {
      queues
        .queue('dispatch')
        .announce(lane, 0)
        .catch((error: unknown) =>
          log.warn({ queue: 'dispatch', error: describeError(error) }, 'could not be said at once; the sweep will'),
        );
    }
  };
