/** Errors of subgraphs, with their places in the client's answer. */
import type { GraphQLFormattedError } from 'graphql';
import { AppError } from '../../../core/platform/errors.ts';
import type { ClientNames } from '../plan/client-alias.ts';
import type { PlannedFetch } from '../plan/planned-fetch.ts';
import type { FetchedObject } from './fetched.ts';
import { placesOf, type Path } from './place.ts';

export interface Fault {
  readonly service: string;
  readonly message: string;
  readonly extensions: Readonly<Record<string, unknown>>;
  /** Null where nobody can say. */
  readonly path: Path | null;
}

/** Of one fetch; a list of a thousand entities does not need a thousand errors. */
const MAX_FAULTS = 100;

export interface Faults {
  /** At most a hundred of each fetch. */
  readonly told: readonly Fault[];
  /** Does an error say why this field of this object, which is to stand at `path`, is not there? */
  explains(object: FetchedObject, name: string, path: Path): boolean;
}

export interface EntityPlace {
  readonly fetch: PlannedFetch;
  readonly object: FetchedObject;
}

export interface FaultLog extends Faults {
  /** Of a fetch at the root of its subgraph, whose answer goes to these objects. */
  ofRoot(fetch: PlannedFetch, objects: readonly FetchedObject[], errors: readonly GraphQLFormattedError[]): void;
  /** Of an entity; `rest` is the path within it. */
  ofEntity(places: readonly EntityPlace[], error: GraphQLFormattedError, rest: Path): void;
  /** Nothing of what was asked for these objects is there. */
  ofAll(fetch: PlannedFetch, objects: readonly FetchedObject[], error: GraphQLFormattedError): void;
  /** Beside an answer, of no field in particular. */
  ofNone(fetch: PlannedFetch, error: GraphQLFormattedError): void;
}

export function createFaultLog(data: FetchedObject, clientNames: ClientNames): FaultLog {
  const told: Fault[] = [];
  const explained = new Map<FetchedObject, Set<string>>();
  const counts = new Map<PlannedFetch, number>();

  function explain(object: FetchedObject, names: readonly string[]): void {
    const known = explained.get(object) ?? new Set<string>();
    for (const name of names) known.add(name);
    explained.set(object, known);
  }

  function tell(fetch: PlannedFetch, { message, extensions }: GraphQLFormattedError, path: Path | null): void {
    const count = counts.get(fetch) ?? 0;
    counts.set(fetch, count + 1);
    if (count >= MAX_FAULTS) return;
    const { service } = fetch;
    const text = message || `The service ${service} gave an error without words.`;
    told.push({ service, message: text, extensions: extensions ?? {}, path: path && path.map(asCalled) });
  }

  const asCalled = (step: string | number): string | number =>
    typeof step === 'string' ? (clientNames.get(step) ?? step) : step;

  const typeOf = ({ __typename: type }: FetchedObject): string | undefined =>
    typeof type === 'string' ? type : undefined;

  /** Then nobody need look for more places. */
  const isFull = (fetch: PlannedFetch): boolean => (counts.get(fetch) ?? 0) >= MAX_FAULTS;

  /** Every place of theirs. */
  const standing = (fetch: PlannedFetch, objects: readonly FetchedObject[]): readonly Path[] =>
    fetch.path.length === 0 ? [[]] : [...placesOf(data, fetch.path, new Set(objects)).values()].flat();

  const asTold = (fetch: PlannedFetch, path: Path): Path =>
    fetch.renamed.size === 0
      ? path
      : path.map((step) => (typeof step === 'string' ? (fetch.renamed.get(step) ?? step) : step));

  return {
    told,
    explains: (object, name, path) =>
      (explained.get(object)?.has(name) ?? false) ||
      told.some((fault) => path.every((step, depth) => fault.path?.[depth] === step)),
    ofRoot(fetch, objects, errors) {
      for (const error of errors) {
        const path = error.path && error.path.length > 0 ? asTold(fetch, error.path) : null;
        const names = path ? [String(path[0])] : fetch.namesFor(undefined);
        for (const object of objects) explain(object, names);
        if (path === null) tell(fetch, error, null);
        else for (const place of standing(fetch, objects)) tell(fetch, error, [...place, ...path]);
      }
    },
    ofEntity(places, error, rest) {
      for (const { fetch, object } of places) {
        const within = asTold(fetch, rest);
        explain(object, within.length > 0 ? [String(within[0])] : fetch.namesFor(typeOf(object)));
        if (isFull(fetch)) continue;
        for (const place of standing(fetch, [object])) tell(fetch, error, [...place, ...within]);
      }
    },
    ofAll(fetch, objects, error) {
      for (const object of new Set(objects)) {
        const names = fetch.namesFor(typeOf(object));
        explain(object, names);
        if (isFull(fetch)) continue;
        for (const place of standing(fetch, [object])) for (const name of names) tell(fetch, error, [...place, name]);
      }
    },
    ofNone: (fetch, error) => tell(fetch, error, null),
  };
}

/** Why a fetch has no answer, in words that may be told. */
export function unavailable(service: string, cause: unknown): GraphQLFormattedError {
  const isOurs = cause instanceof AppError && cause.code !== 'SOURCE_UNAVAILABLE';
  return {
    message: isOurs
      ? cause.message
      : `The service ${service} does not answer at the moment; what it holds is missing here.`,
    extensions: { code: isOurs ? cause.code : 'SOURCE_UNAVAILABLE' },
  };
}
