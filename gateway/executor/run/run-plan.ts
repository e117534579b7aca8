/**
 * Runs a plan: every fetch as soon as what it needs is there; those of one service that are ready together in one request.
 * What fails costs its own part.
 */
import { AppError } from '../../../core/platform/errors.ts';
import type { CompiledPlan } from '../plan/compile-plan.ts';
import type { PlannedFetch } from '../plan/planned-fetch.ts';
import type { Question } from '../plan/join-fetches.ts';
import type { GatewayContext, SubgraphAnswer, SubgraphDataSource } from '../data-source.ts';
import { createFaultLog, unavailable, type Faults } from './fault.ts';
import { collectEntities, mergeEntities, representAll, type Entities, type Represented } from './entities.ts';
import { isRecord, type Fetched, type FetchedObject } from './fetched.ts';
import { copyOf, merge } from './merge.ts';

export interface Run {
  readonly plan: CompiledPlan;
  /** As the client sent them: subgraphs coerce them themselves. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: GatewayContext;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal?: AbortSignal;
  readonly source: (service: string) => SubgraphDataSource;
  readonly observe?: ObserveFetch;
}

/** Told when a request goes out; what it returns, when its answer has been merged. */
export type ObserveFetch = (fetches: readonly PlannedFetch[]) => (outcome: { readonly errors: number }) => void;

export interface Gathered {
  readonly data: FetchedObject;
  readonly faults: Faults;
}

/** A fetch that is ready: for whom. */
interface Asking {
  readonly fetch: PlannedFetch;
  readonly objects: readonly FetchedObject[];
  /** Null where it asks at the root. */
  readonly represented: readonly Represented[] | null;
}

/** In the order in which they stand. */
function objectsOf({ objects, represented }: Asking): readonly FetchedObject[] {
  if (represented === null) return objects;
  const asked = new Set(represented.flatMap((alike) => alike.objects));
  return objects.filter((object) => asked.has(object));
}

const answersAll = (answered: Fetched | undefined, { representations }: Entities): boolean =>
  Array.isArray(answered) &&
  answered.length === representations.length &&
  answered.every((one) => one === null || isRecord(one));

/** Rejects only when the client has gone, or for a fault of our own. */
export function runPlan({ plan, variables, context, signal, source, observe }: Run): Promise<Gathered> {
  const { fetches, join, clientNames, types } = plan;
  const data: FetchedObject = {};
  const faults = createFaultLog(data, clientNames);
  const waiting = fetches.map(({ waitsFor }) => waitsFor);
  let ready = fetches.filter(({ waitsFor }) => waitsFor === 0);
  let underWay = 0;
  let isPlanned = false;
  let isOver = false;
  /** Does one object stand in several places? Then it is asked about once. */
  let areShared = false;

  return new Promise((resolve, reject) => {
    function settle(fetch: PlannedFetch): void {
      for (const index of fetch.heldBy) {
        const left = (waiting[index] as number) - 1;
        waiting[index] = left;
        if (left === 0) ready.push(fetches[index] as PlannedFetch);
      }
    }

    /**
     * At the end of this turn of the event loop: what has come by then and makes others ready goes along, and nobody has waited.
     * At once when nothing is under way that could come.
     */
    function launchSoon(): void {
      if (underWay === 0) return launch();
      if (isPlanned) return;
      isPlanned = true;
      setImmediate(() => {
        isPlanned = false;
        guard(launch);
      });
    }

    function launch(): void {
      while (ready.length > 0) {
        if (signal?.aborted) throw new AppError('INTERNAL', 'Nobody waits for the answer any more.');
        const now = ready;
        ready = [];
        for (const group of readyTogether(now)) send(group);
      }
      if (underWay === 0) resolve({ data, faults });
    }

    /** In groups that go out as one; those with nothing to ask are settled. */
    function readyTogether(now: readonly PlannedFetch[]): Asking[][] {
      const groups = new Map<string, Asking[]>();
      for (const fetch of now) {
        const objects = fetch.objectsIn(data);
        const represented = fetch.entities ? representAll(fetch, areShared ? new Set(objects) : objects) : null;
        if ((represented ?? objects).length === 0) settle(fetch);
        else {
          const key = fetch.entities?.canBeJoined ? fetch.service : `#${fetch.index}`;
          const group = groups.get(key);
          if (group) group.push({ fetch, objects, represented });
          else groups.set(key, [{ fetch, objects, represented }]);
        }
      }
      return [...groups.values()];
    }

    function send(group: readonly Asking[]): void {
      const asked = group.map(({ fetch }) => fetch);
      const [{ fetch, objects }] = group as [Asking];
      const { operation, variables: names, questions } = join(asked);
      const given: Record<string, unknown> = {};
      for (const name of names) if (Object.hasOwn(variables, name)) given[name] = variables[name];
      const representedOf = new Map(group.map((one) => [one.fetch, one.represented ?? []]));
      const entities = new Map(
        questions?.map((question) => [question, collectEntities(question, (one) => representedOf.get(one) ?? [])]),
      );
      for (const [{ variable }, { representations }] of entities) given[variable] = representations;
      const noted = observe?.(asked);
      const done = (errors: number): void => {
        noted?.({ errors });
        underWay -= 1;
        asked.forEach(settle);
        launchSoon();
      };
      const take = (answer: SubgraphAnswer): void => {
        if (questions === null) takeRoot(fetch, objects, answer);
        else takeEntities(group, entities, answer);
        done(answer.errors?.length ?? 0);
      };
      const miss = (cause: unknown): void => {
        for (const one of group) faults.ofAll(one.fetch, objectsOf(one), unavailable(one.fetch.service, cause));
        done(1);
      };
      underWay += 1;
      source(fetch.service)
        .fetch({ operation, context, ...(signal && { signal }), variables: given })
        .then(
          (answer) => guard(() => take(answer)),
          (cause: unknown) => guard(() => miss(cause)),
        );
    }

    function takeRoot(
      fetch: PlannedFetch,
      objects: readonly FetchedObject[],
      { data: brought, errors = [] }: SubgraphAnswer,
    ): void {
      if (errors.length > 0) faults.ofRoot(fetch, objects, errors);
      if (brought === null) return;
      fetch.rewriteAnswer(brought);
      const last = objects.length - 1;
      objects.forEach((object, index) =>
        merge(object, index === last ? brought : (copyOf(brought) as FetchedObject), types),
      );
    }

    function takeEntities(
      group: readonly Asking[],
      entities: ReadonlyMap<Question, Entities>,
      { data: brought, errors = [] }: SubgraphAnswer,
    ): void {
      const byName = new Map([...entities].map(([question, asked]) => [question.name, asked]));
      for (const error of errors) {
        const [name, index, ...rest] = error.path ?? [];
        const places = typeof index === 'number' ? byName.get(String(name))?.placesOf(index) : undefined;
        if (places) faults.ofEntity(places, error, rest);
        else if (brought !== null) faults.ofNone((group[0] as Asking).fetch, error);
        else for (const one of group) faults.ofAll(one.fetch, objectsOf(one), error);
      }
      if (brought === null) return;
      // By their order alone they are told apart: an answer of another length would be somebody else's from the first gap on.
      if ([...entities].some(([{ name }, asked]) => !answersAll(brought[name], asked))) {
        for (const one of group) faults.ofAll(one.fetch, objectsOf(one), unavailable(one.fetch.service, null));
        return;
      }
      for (const [{ name }, asked] of entities)
        areShared = mergeEntities(asked, brought[name] as Fetched[], types).areShared || areShared;
    }

    function guard(work: () => void): void {
      if (isOver) return;
      try {
        work();
      } catch (error) {
        isOver = true;
        reject(error instanceof Error ? error : new AppError('INTERNAL', 'A plan stopped.', { cause: error }));
      }
    }

    guard(launch);
  });
}
