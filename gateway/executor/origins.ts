/** Connections to other services, by origin: those that live at one share them. */
import { Pool, type Dispatcher } from 'undici';

export interface Origin {
  readonly dispatcher: Dispatcher;
  /** To be called once; the last one closes the connections, and what is under way on them fails. */
  leave(): Promise<void>;
}

export interface Origins {
  enter(origin: string): Origin;
}

export interface OriginsOptions {
  /** To one origin, at most. */
  readonly connections?: number;
  readonly connectTimeoutMs: number;
}

export function createOrigins({ connections = 64, connectTimeoutMs }: OriginsOptions): Origins {
  const open = new Map<string, { readonly pool: Pool; users: number }>();
  return {
    enter(origin) {
      const known = open.get(origin) ?? {
        pool: new Pool(origin, { connections, connect: { timeout: connectTimeoutMs } }),
        users: 0,
      };
      known.users += 1;
      open.set(origin, known);
      return {
        dispatcher: known.pool,
        async leave() {
          known.users -= 1;
          if (known.users > 0) return;
          open.delete(origin);
          await known.pool.destroy();
        },
      };
    },
  };
}
