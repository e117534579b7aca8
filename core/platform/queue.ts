/**
 * Queues that only say "look at this id". What is to be done stands in PostgreSQL, so a queue may be emptied at any moment:
 * a sweep finds what is due and says it again. BullMQ on PostgreSQL, or on Redis where there is one.
 */
import { createPostgresBackend, Queue, runMigrations, Worker, type BackendFactory } from 'bullmq';
import pg from 'pg';
import { z } from 'zod';
import { createBatches } from './batch.ts';
import { AppError } from './errors.ts';
import type { Log } from './log.ts';
import { closeRedisClient, createRedisClient } from './redis-client.ts';

export interface JobQueue {
  /** Once per (id, attempt) while that job waits or runs; says it again afterwards, and some time after it has failed. */
  look(id: string, attempt: number): Promise<void>;
  /**
   * At less cost, for who has just stored what is to be done: what is said while a job is being added goes into one job, which
   * does not ask whether others name the same. After a failure it is left to the next `look`.
   */
  announce(id: string, attempt: number): Promise<void>;
}

/** What a job carries: an id, or several that were announced together. What is to be done with them stands in PostgreSQL. */
export const QueueJob = z.union([
  z.object({ id: z.string().min(1) }).transform(({ id }) => [id]),
  z.object({ ids: z.array(z.string().min(1)).min(1) }).transform(({ ids }) => ids),
]);

/** May run twice for one job, at once or in turn. `data` is what came out of the queue: parse it. */
export type JobHandler = (data: unknown) => Promise<void>;

export interface Queues {
  queue(name: string): JobQueue;
  /** What BullMQ has of it, for the supervisors' page. */
  inspect(name: string): Queue;
  work(name: string, handler: JobHandler, options?: { readonly concurrency?: number }): void;
  /** Takes no more jobs, waits for those that run, and lets go of every connection. */
  close(): Promise<void>;
}

export interface QueuesOptions {
  readonly databaseUrl: string;
  /** Null: the queues live in PostgreSQL. */
  readonly redisUrl: string | null;
  readonly log: Log;
  /** Milliseconds before a failed job is tried again when somebody looks; 10 s by default. */
  readonly failedRestsMs?: number;
}

const SCHEMA = 'maplebridge_queue';

/** Every queue and every worker has connections of its own: BullMQ waits for ever on a shared pool that is too small. */
const QUEUE_CONNECTIONS = 2;
const WORKER_CONNECTIONS = 3;

/** Failed jobs are kept this long, so that people see why; what they stood for is done again all the same. */
const KEPT = { removeOnComplete: true, removeOnFail: { age: 7 * 24 * 60 * 60, count: 1_000 } };
const FAILED_RESTS_MS = 10_000;

/** Announced in one job, and jobs that are being added to one queue. */
const TOGETHER = { most: 100, atOnce: 1 };

/**
 * A worker that was killed leaves its job marked as running, and what it stood for is not said again meanwhile. Another takes
 * it over within these two. One that was only busy for so long sees its job run twice, which is harmless.
 */
const TAKEN_OVER = { lockDuration: 10_000, stalledInterval: 5_000 };

/** Milliseconds that a worker rests after a fault of its server, before it asks again. */
const FAULT_RESTS_MS = 1_000;

const reasonOf = (error: unknown): string =>
  error instanceof AppError
    ? `${error.code}: ${error.message}`
    : `INTERNAL: ${error instanceof Error ? error.name : 'unknown'}`;

interface Said {
  readonly id: string;
  readonly attempt: number;
}

interface Engine {
  name(queue: string): string;
  connection(connections: number): object;
  readonly backend: BackendFactory | undefined;
  close(): Promise<void>;
}

/** BullMQ listens to a connection only once it has it; a fault before that, which nobody hears, would end the process. */
function HeardClient(config: pg.ClientConfig): pg.Client {
  const client = new pg.Client(config);
  client.on('error', () => undefined);
  return client;
}

/** What BullMQ 6.7 keeps to itself: the outcome of its first connection, remembered whatever it was. */
interface Connecting {
  readyPromise: Promise<void> | undefined;
  waitUntilReady(): Promise<void>;
  /** What it makes its connection for listening with, and listens to only once it has it. */
  pgModule: object | undefined;
}

/** A queue that first connects while the server is away would be of no use ever after: a failure is forgotten, and tried again. */
const patientBackend: BackendFactory = (name, options, more) => {
  const backend = createPostgresBackend(name, options as never, more);
  const whole = backend as unknown as Connecting & { readonly connection: Connecting };
  const { connection } = whole;
  connection.pgModule = { ...connection.pgModule, Client: HeardClient };
  const connect = connection.waitUntilReady.bind(connection);
  connection.waitUntilReady = () =>
    connect().catch((error: unknown) => {
      connection.readyPromise = undefined;
      whole.readyPromise = undefined;
      throw error;
    });
  return backend;
};

async function postgresEngine(databaseUrl: string): Promise<Engine> {
  const client = HeardClient({ connectionString: databaseUrl });
  await client.connect();
  try {
    await runMigrations(client, SCHEMA);
  } finally {
    await client.end();
  }
  return {
    name: (queue) => queue,
    connection: (max) => ({ connectionString: databaseUrl, schema: SCHEMA, max, Client: HeardClient }),
    backend: patientBackend,
    close: async () => undefined,
  };
}

function redisEngine(redisUrl: string, lost: (error: Error) => void): Engine {
  const client = createRedisClient(redisUrl);
  client.on('error', lost);
  return {
    // In a cluster all keys of a queue must lie in one slot: what stands in braces decides.
    name: (queue) => `{${queue}}`,
    connection: () => client,
    backend: undefined,
    close: () => closeRedisClient(client),
  };
}

export async function createQueues(options: QueuesOptions): Promise<Queues> {
  const { databaseUrl, redisUrl, log, failedRestsMs = FAILED_RESTS_MS } = options;
  const fault =
    (queue: string) =>
    (error: Error): void =>
      // Code and kind only: a job's or a statement's text is not for the log.
      log.warn({ queue, code: (error as NodeJS.ErrnoException).code ?? error.name }, 'a queue is in trouble');
  const engine = redisUrl === null ? await postgresEngine(databaseUrl) : redisEngine(redisUrl, fault('redis'));
  const queues = new Map<string, Queue>();
  const workers: Worker[] = [];

  const open = (name: string): Queue => {
    let queue = queues.get(name);
    if (!queue) {
      queue = new Queue(
        engine.name(name),
        { connection: engine.connection(QUEUE_CONNECTIONS), prefix: 'maplebridge' },
        engine.backend as never,
      );
      queue.on('error', fault(name));
      queues.set(name, queue);
    }
    return queue;
  };

  async function add(name: string, { id, attempt }: Said): Promise<void> {
    if (id.includes(':')) throw new AppError('INTERNAL', 'An id with a colon cannot be queued.');
    await open(name).add(name, { id }, { jobId: `${id}-${attempt}`, ...KEPT });
  }

  async function addAll(name: string, said: readonly Said[]): Promise<void[]> {
    const [first] = said;
    if (first && said.length === 1) await add(name, first);
    else await open(name).add(name, { ids: said.map(({ id }) => id) }, KEPT);
    return said.map(() => undefined);
  }

  const makeQueue = (name: string): JobQueue => {
    const announce = createBatches((said: readonly Said[]) => addAll(name, said), TOGETHER);
    return {
      announce: (id, attempt) => announce({ id, attempt }),
      async look(id, attempt) {
        await add(name, { id, attempt });
        // A failed job is kept so that people can see why, and BullMQ ignores an id that it still knows.
        const job = await open(name).getJob(`${id}-${attempt}`);
        if (!job || (job.finishedOn ?? Date.now()) > Date.now() - failedRestsMs) return;
        if (await job.isFailed()) await job.retry('failed');
      },
    };
  };
  const made = new Map<string, JobQueue>();

  return {
    queue(name) {
      const queue = made.get(name) ?? makeQueue(name);
      made.set(name, queue);
      return queue;
    },
    inspect: open,
    work(name, handler, { concurrency = 1 } = {}) {
      const worker = new Worker(
        engine.name(name),
        async (job) => {
          try {
            await handler(job.data);
          } catch (error) {
            // What is kept of it is shown on a page: what went wrong, and nothing of anybody's data.
            throw new Error(reasonOf(error), { cause: error });
          }
        },
        {
          connection: engine.connection(WORKER_CONNECTIONS),
          prefix: 'maplebridge',
          concurrency,
          runRetryDelay: FAULT_RESTS_MS,
          ...TAKEN_OVER,
        },
        engine.backend as never,
      );
      worker.on('error', fault(name));
      worker.on('failed', (job, error) => {
        const code = error.cause instanceof AppError ? error.cause.code : 'INTERNAL';
        log.warn({ queue: name, job: job?.id ?? null, code }, 'a job failed; the sweep will look at it again');
      });
      workers.push(worker);
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.close()));
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      await engine.close();
    },
  };
}
