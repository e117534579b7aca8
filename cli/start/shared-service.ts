/**
 * Something of which one is enough for all processes on a folder: the first runs it, the others use it, and when it goes
 * with its process one of them takes over.
 */
import type { Log } from '../../core/platform/log.ts';

export interface SharedService {
  close(): Promise<void>;
}

export interface SharedServiceOptions {
  readonly name: string;
  /** Does anybody's answer? */
  readonly answers: () => Promise<boolean>;
  readonly start: () => Promise<SharedService>;
  readonly log: Log;
}

const LOOK_EVERY_MS = 2_000;

export async function shareService({ name, answers, start, log }: SharedServiceOptions): Promise<SharedService> {
  let own: SharedService | null = (await answers()) ? null : await start();
  let looking: Promise<void> = Promise.resolve();
  const look = async (): Promise<void> => {
    if (own !== null || (await answers())) return;
    try {
      own = await start();
      log.info({ service: name }, 'taken over from a process that has gone');
    } catch (error) {
      // Another process was quicker, or it is not to be had yet: the next look tells.
      log.warn({ service: name, code: (error as { code?: unknown }).code }, 'could not be taken over yet');
    }
  };
  const timer = setInterval(() => {
    looking = looking.then(look);
  }, LOOK_EVERY_MS);
  timer.unref();
  return {
    async close() {
      clearInterval(timer);
      await looking;
      await own?.close();
    },
  };
}
