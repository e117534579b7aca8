/** Connections to other services, by origin: those that live at one share them. */
import { Pool, type Dispatcher } from 'undici';

export interface Origin {
  readonly dispatcher: Dispatcher;
  /** The last to leave closes the connections, and what is under way on them fails. */
  leave(): Promise<void>;
}

export interface Origins {
  enter(origin: string): Origin;
}

export interface OriginsOptions {
  readonly connectTimeoutMs: number;
}

/** As many connections as there are requests under way: how many those are is up to who asks, so that no service is in another's way. */
export function createOrigins({ connectTimeoutMs }: OriginsOptions): Origins {
  const open = new Map<string, { readonly pool: Pool; users: number }>();
  return {
    enter(origin) {
      const known = open.get(origin) ?? {
        pool: new Pool(origin, { connect: { timeout: connectTimeoutMs } }),
        users: 0,
      };
      known.users += 1;
      open.set(origin, known);
      let isIn = true;
      return {
        dispatcher: known.pool,
        async leave() {
          if (!isIn) return;
          isIn = false;
          known.users -= 1;
          if (known.users > 0) return;
          open.delete(origin);
          await known.pool.destroy();
        },
      };
    },
  };
}
