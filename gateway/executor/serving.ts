/** Which supergraph is served, and with which subgraphs; changed without dropping a request. */
import { createHash } from 'node:crypto';
import { setImmediate as othersTurn } from 'node:timers/promises';
import { Kind, parse, validate } from 'graphql';
import type { GraphQLSchema } from 'graphql';
import type { Link } from '../../core/audit/disclosure.ts';
import { AppError } from '../../core/platform/errors.ts';
import { describeError } from '../../core/platform/log.ts';
import type { Log } from '../../core/platform/log.ts';
import type { GatewayContext, SubgraphDataSource } from './data-source.ts';
import { createExecutor, type Executor, type Preparing } from './executor.ts';
import type { GatewayHooks } from './gateway-hooks.ts';
import { loadSupergraph } from './supergraph/supergraph.ts';

export type ServiceOf = (service: { readonly name: string; readonly url: string | undefined }) => SubgraphDataSource;

export interface ServingOptions {
  readonly dataSources: ServiceOf;
  readonly hooks: GatewayHooks;
  readonly log: Log;
}

/** A supergraph as one request uses it: until `leave`, its subgraphs stay open. */
export interface Served {
  readonly executor: Executor;
  /** Why the caller may see whom, of all who were resolved for this request. */
  links(context: GatewayContext): ReadonlyMap<string, Link>;
  leave(): void;
}

export interface Serving {
  /** Null before the first. */
  apiSchema(): GraphQLSchema | null;
  /** By the schema that a request was found valid for. */
  enter(schema: GraphQLSchema): Served;
  /**
   * Plans the operations, and of those that were asked of the one before the most used; then serves it. Throws BAD_USER_INPUT,
   * and changes nothing, when it cannot be served.
   */
  replace(supergraphSdl: string, knownOperations: readonly string[]): Promise<{ readonly apiSchema: GraphQLSchema }>;
  close(): Promise<void>;
}

interface Generation {
  readonly apiSchema: GraphQLSchema;
  readonly executor: Executor;
  /** By name and address. */
  readonly sources: ReadonlyMap<string, SubgraphDataSource>;
  running: number;
  /** Nobody comes any more. */
  isOver: boolean;
}

/** Of the operations of the supergraph before. */
const WARMED = 200;
/** A request that was found valid for the schema before may come here a moment after another is served. */
const GRACE_MS = 30_000;

export function createServing({ dataSources, hooks, log }: ServingOptions): Serving {
  const bySchema = new WeakMap<GraphQLSchema, Generation>();
  const alive = new Set<Generation>();
  let current: Generation | null = null;
  let isClosed = false;
  let replacing: Promise<unknown> = Promise.resolve();

  /** One that was there before keeps its connections, and what was learned of it. */
  function sourcesFor(services: readonly { readonly name: string; readonly url: string | undefined }[]) {
    const sources = new Map<string, SubgraphDataSource>();
    try {
      for (const service of services) {
        const key = `${service.name} ${service.url ?? ''}`;
        sources.set(key, current?.sources.get(key) ?? dataSources(service));
      }
    } catch (error) {
      void closeNew(sources.values()).catch(logged);
      throw error;
    }
    return sources;
  }

  /** Of a supergraph that will not be served: those that the one before has not. */
  async function closeNew(sources: Iterable<SubgraphDataSource>): Promise<void> {
    const kept = new Set(current?.sources.values());
    await Promise.all([...sources].filter((source) => !kept.has(source)).map((source) => source.close()));
  }

  const logged = (error: unknown): void => log.error({ error: describeError(error) }, 'a subgraph did not close');

  function load(sdl: string): Generation {
    const supergraph = loadSupergraph(sdl);
    const { apiSchema } = supergraph;
    const sources = sourcesFor(supergraph.subgraphs);
    const byName = new Map(
      supergraph.subgraphs.map(({ name, url }) => {
        const source = sources.get(`${name} ${url ?? ''}`) as SubgraphDataSource;
        return [name, telling(source)] as const;
      }),
    );
    const { prepareDocument } = hooks;
    const executor = createExecutor({
      supergraph,
      source(service) {
        const source = byName.get(service);
        if (!source) throw new AppError('INTERNAL', `A plan names a subgraph ${service} that is not there.`);
        return source;
      },
      ...(prepareDocument && { prepareDocument: (document) => prepareDocument(document, apiSchema) }),
    });
    return { apiSchema, executor, sources, running: 0, isOver: false };
  }

  /** Who was found is told before the answer is ready. */
  const telling = (source: SubgraphDataSource): SubgraphDataSource => {
    const { personsFound } = hooks;
    if (!personsFound) return source;
    return {
      ...source,
      async fetch(request) {
        const answer = await source.fetch(request);
        const links = source.links(request.context);
        if (links.size > 0) personsFound([...links.keys()]);
        return answer;
      },
    };
  };

  async function warm({ apiSchema, executor }: Generation, operations: readonly Preparing[]): Promise<void> {
    for (const request of operations) {
      try {
        if (validate(apiSchema, request.document).length > 0)
          throw new AppError('BAD_USER_INPUT', 'It is not valid any more.');
        executor.prepare(request);
      } catch (error) {
        log.warn({ error: describeError(error) }, 'a known operation is not planned');
      }
      // Planning takes milliseconds; requests go on in between.
      await othersTurn();
    }
  }

  async function closeIdle(): Promise<void> {
    const idle = [...alive].filter(({ running, isOver }) => isOver && running === 0);
    for (const generation of idle) alive.delete(generation);
    const used = new Set([...alive].flatMap(({ sources }) => [...sources.values()]));
    const closing = new Set(idle.flatMap(({ sources }) => [...sources.values()].filter((source) => !used.has(source))));
    await Promise.all([...closing].map((source) => source.close()));
  }

  const closeIdleLogged = (): void => void closeIdle().catch(logged);

  function retire(generation: Generation): void {
    setTimeout(() => {
      generation.isOver = true;
      closeIdleLogged();
    }, GRACE_MS).unref();
  }

  async function replace(
    sdl: string,
    knownOperations: readonly string[],
  ): Promise<{ readonly apiSchema: GraphQLSchema }> {
    const before = current;
    const generation = load(sdl);
    const used = before?.executor.mostUsed(WARMED) ?? [];
    await warm(generation, [...knownOperations.flatMap((text) => parseKnown(text, log)), ...used]);
    if (isClosed) {
      await closeNew(generation.sources.values());
      throw new AppError('INTERNAL', 'The gateway is closed.');
    }
    bySchema.set(generation.apiSchema, generation);
    alive.add(generation);
    current = generation;
    if (before) retire(before);
    return { apiSchema: generation.apiSchema };
  }

  return {
    apiSchema: () => current?.apiSchema ?? null,
    enter(schema) {
      const generation = bySchema.get(schema) ?? current;
      if (!generation) throw new AppError('INTERNAL', 'No supergraph is loaded.');
      generation.running += 1;
      return {
        executor: generation.executor,
        links: (context) => new Map([...generation.sources.values()].flatMap((source) => [...source.links(context)])),
        leave() {
          generation.running -= 1;
          if (generation.isOver && generation.running === 0) closeIdleLogged();
        },
      };
    },
    replace(sdl, knownOperations) {
      // One after another: of two, the later is served in the end.
      const replaced = replacing.catch(() => undefined).then(() => replace(sdl, knownOperations));
      replacing = replaced;
      return replaced;
    },
    async close() {
      isClosed = true;
      const sources = new Set([...alive].flatMap(({ sources: own }) => [...own.values()]));
      alive.clear();
      await Promise.all([...sources].map((source) => source.close()));
    },
  };
}

/** Every operation of the text, under the key that a request for it has. */
function parseKnown(text: string, log: Log): Preparing[] {
  try {
    const document = parse(text);
    const hash = createHash('sha256').update(text).digest('hex');
    return document.definitions.flatMap((definition) =>
      definition.kind === Kind.OPERATION_DEFINITION
        ? [{ key: `${hash} ${definition.name?.value ?? ''}`, document, operation: definition, variables: {} }]
        : [],
    );
  } catch (error) {
    log.warn({ error: describeError(error) }, 'a known operation cannot be read');
    return [];
  }
}
