/**
 * A query of a subgraph in this process, compiled: what graphql-js finds out at every field of every object (which fields are asked,
 * with what arguments, how a value is completed) is found out once. What it does, and in which order, is the same.
 */
import { inspect } from 'node:util';
import {
  defaultFieldResolver,
  defaultTypeResolver,
  getArgumentValues,
  type GraphQLError,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  locatedError,
  responsePathAsArray,
  type ExecutionResult,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLAbstractType,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { collectFields } from '../answer/collect-fields.ts';
import { Nothing, type FieldOfObject, type MakeObject, type Making } from '../answer/object-fields.ts';
import { createObjectMaker } from '../answer/object-maker.ts';
import { usualOf } from '../answer/usual.ts';
import { compileVariables } from './coerce-variables.ts';
import { createEntitiesResolver } from './resolve-entities.ts';
import { compileSerialized } from './serialized.ts';
import { abandon, isThenable } from './thenable.ts';

export type RunQuery = (variables: Variables, context: unknown) => ExecutionResult | Promise<ExecutionResult>;

export interface CompileQuery {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
}

type Variables = Readonly<Record<string, unknown>>;
type Args = Readonly<Record<string, unknown>>;
type Path = GraphQLResolveInfo['path'];
type Resolve = GraphQLFieldResolver<unknown, unknown>;

/** One query under way. */
interface Run {
  readonly context: unknown;
  readonly variables: Variables;
  /** By the number of the field: the same for all objects of a list. */
  readonly args: (Args | undefined)[];
  readonly errors: GraphQLError[];
  /** Where something failed that took all with it; what fails below later is not told. */
  readonly nulled: Set<Path | undefined>;
}

/** What failed. Told where null may stand for it: of several that take the same with them, the first. */
type Failed = Nothing<GraphQLError>;

/** Gives what is to stand at `path`: a value, null, Failed, or a promise of one of them that is never rejected. */
type Complete = (value: unknown, run: Run, path: Path) => unknown;
type MakeSelected = MakeObject<object, Run, Path | undefined>;
type FieldOfSelected = FieldOfObject<object, Run, Path | undefined>;

/** One field of one selection. */
interface Place {
  readonly type: GraphQLObjectType;
  readonly definition: GraphQLField<unknown, unknown>;
  readonly nodes: readonly FieldNode[];
  readonly infoAt: (run: Run, path: Path) => GraphQLResolveInfo;
  /** Of the objects that may stand there. */
  readonly makers: Map<GraphQLObjectType, MakeSelected>;
}

/** Conditions, introspection and `isTypeOf` are not known here: they are graphql-js's. */
export function compileQuery({ schema, operation, fragments }: CompileQuery): RunQuery {
  const selecting = { schema, fragments, variables: {}, clientNames: new Map<string, string>() };
  const root = schema.getQueryType() as GraphQLObjectType;
  const fragmentsByName = Object.fromEntries(fragments);
  let fieldsWithArguments = 0;

  function compileObject(type: GraphQLObjectType, sets: readonly SelectionSetNode[]): MakeSelected {
    const fields = [...collectFields(selecting, type, sets)].flatMap(([name, nodes]) => {
      const [node] = nodes as readonly [FieldNode];
      if (node.name.value === '__typename') return [{ name, from: null, usual: null, complete: () => type.name }];
      const definition = type.getFields()[node.name.value];
      // Of a newer gateway's fields an older subgraph leaves out those that it does not know.
      return definition ? [compileField(type, definition, name, nodes)] : [];
    });
    return createObjectMaker(fields, makingOf(type));
  }

  function compileField(
    type: GraphQLObjectType,
    definition: Place['definition'],
    name: string,
    nodes: readonly FieldNode[],
  ): FieldOfSelected {
    const infoAt = compileInfo(type, definition, nodes);
    const place: Place = { type, definition, nodes, infoAt, makers: new Map() };
    const compiled = compileAwaited(definition.type, place);
    const argsOf = compileArgs(definition, nodes[0] as FieldNode);
    const at = (parent: Path | undefined): Path => ({ prev: parent, key: name, typename: type.name });
    const call = (resolve: Resolve, holder: object, run: Run, parent: Path | undefined): unknown => {
      try {
        const source = type === root ? undefined : holder;
        return resolve(source, argsOf(run), run.context, place.infoAt(run, at(parent)));
      } catch (error) {
        return asError(error);
      }
    };
    const resolve = resolverOf(type, definition);
    const usual = usualOf<Run, Path | undefined>(definition.type, {
      fitsOf: compileSerialized,
      makerOf: (object) => makerOf(object, place),
      // Elements stand somewhere, unlike the root.
      compile: (element) => compileAwaited(element, place) as FieldOfSelected['complete'],
    });
    const complete: FieldOfSelected['complete'] = (value, run, parent) => compiled(value, run, at(parent));
    if (resolve)
      return {
        ...{ name, from: null, usual, complete },
        resolve: (holder, run, parent) => call(resolve, holder, run, parent),
      };
    return {
      ...{ name, from: definition.name, usual },
      complete(value: unknown, run, parent, holder) {
        const read = typeof value === 'function' ? call(defaultFieldResolver, holder, run, parent) : value;
        return compiled(read, run, at(parent));
      },
    };
  }

  /** Undefined where a property is read; the root is nothing that one could be read of. */
  function resolverOf(type: GraphQLObjectType, { name, resolve }: Place['definition']): Resolve | undefined {
    if (type !== root) return resolve;
    return resolve && name === '_entities' ? createEntitiesResolver(resolve) : (resolve ?? defaultFieldResolver);
  }

  /** Of one field of one selection and type the same, whether its objects come at once or later. */
  function makerOf(type: GraphQLObjectType, { makers, nodes }: Place): MakeSelected {
    let maker = makers.get(type);
    if (!maker) makers.set(type, (maker = compileObject(type, setsOf(nodes))));
    return maker;
  }

  function compileArgs(definition: Place['definition'], node: FieldNode): (run: Run) => Args {
    if (definition.args.length === 0) return () => ({});
    const index = fieldsWithArguments++;
    return (run) => (run.args[index] ??= getArgumentValues(definition, node, run.variables));
  }

  function compileInfo(
    parentType: GraphQLObjectType,
    definition: Place['definition'],
    fieldNodes: readonly FieldNode[],
  ) {
    const { name: fieldName, type: returnType } = definition;
    return ({ variables: variableValues }: Run, path: Path): GraphQLResolveInfo => ({
      fieldName,
      fieldNodes,
      returnType,
      parentType,
      path,
      schema,
      fragments: fragmentsByName,
      rootValue: undefined,
      operation,
      variableValues,
    });
  }

  function compileAwaited(type: GraphQLOutputType, place: Place): Complete {
    const complete = compileValue(type, place);
    return (value, run, path) => {
      if (!isThenable(value)) return complete(value, run, path);
      const awaited = Promise.resolve(value).catch(asError);
      return awaited.then((settled) => complete(settled, run, path));
    };
  }

  function compileValue(type: GraphQLOutputType, place: Place): Complete {
    if (!isNonNullType(type)) {
      const complete = compileNullable(type, place);
      return (value, run, path) => {
        const completed = complete(value, run, path);
        if (completed instanceof Promise) return completed.then((awaited: unknown) => valueOrNull(awaited, run, path));
        return valueOrNull(completed, run, path);
      };
    }
    const complete = compileNullable(type.ofType, place);
    const message = `Cannot return null for non-nullable field ${place.type.name}.${place.definition.name}.`;
    const failedForNull = (completed: unknown, path: Path): unknown =>
      completed === null ? failed(new Error(message), place, path) : completed;
    return (value, run, path) => {
      const completed = complete(value, run, path);
      return completed instanceof Promise
        ? completed.then((awaited) => failedForNull(awaited, path))
        : failedForNull(completed, path);
    };
  }

  /** Null for null; Failed also where something within may not be null and is. */
  function compileNullable(type: GraphQLOutputType, place: Place): Complete {
    const complete = compilePresent(type, place);
    return (value, run, path) => {
      if (value === null || value === undefined) return null;
      if (value instanceof Error) return failed(value, place, path);
      try {
        return complete(value, run, path);
      } catch (error) {
        return failed(error, place, path);
      }
    };
  }

  function compilePresent(type: GraphQLOutputType, place: Place): Complete {
    if (isListType(type)) return compileList(type.ofType, place);
    if (isLeafType(type)) return compileLeaf(type, place);
    if (isAbstractType(type)) return compileAbstract(type, place);
    return (value, run, path) => makerOf(type as GraphQLObjectType, place)(value as object, run, path);
  }

  function compileLeaf(type: GraphQLLeafType, place: Place): Complete {
    const fits = compileSerialized(type);
    return (value, _run, path) => {
      if (fits?.(value)) return value;
      const serialized: unknown = type.serialize(value);
      if (serialized !== null && serialized !== undefined) return serialized;
      return failed(new Error(`A ${type.name} was serialized to nothing.`), place, path);
    };
  }

  function compileList(type: GraphQLOutputType, place: Place): Complete {
    const complete = compileAwaited(type, place);
    const { name } = place.definition;
    return (value, run, prev) => {
      if (typeof value !== 'object' || !(Symbol.iterator in (value as object)))
        return failed(new Error(`A list was expected for ${place.type.name}.${name}.`), place, prev);
      const items = Array.isArray(value) ? (value as unknown[]) : [...(value as Iterable<unknown>)];
      const list = new Array<unknown>(items.length);
      let waits = false;
      for (let key = 0; key < items.length; key += 1) {
        const completed = complete(items[key], run, { prev, key, typename: undefined });
        if (completed instanceof Nothing) {
          abandon(items.slice(key + 1));
          return completed;
        }
        waits ||= completed instanceof Promise;
        list[key] = completed;
      }
      return waits ? settle(list) : list;
    };
  }

  function compileAbstract(declared: GraphQLAbstractType, place: Place): Complete {
    const resolveType = declared.resolveType ?? defaultTypeResolver;
    const make = (named: unknown, value: unknown, run: Run, path: Path): unknown => {
      const type = typeof named === 'string' ? schema.getType(named) : undefined;
      if (!isObjectType(type) || !schema.isSubType(declared, type))
        return failed(new Error(`Which ${declared.name} this is cannot be told.`), place, path);
      return makerOf(type, place)(value as object, run, path);
    };
    return (value, run, path) => {
      const named = resolveType(value, run.context, place.infoAt(run, path), declared);
      if (!isThenable(named)) return make(named, value, run, path);
      return Promise.resolve(named)
        .then((awaited) => make(awaited, value, run, path))
        .catch((error: unknown) => failed(error, place, path));
    };
  }

  const make = compileObject(root, [operation.selectionSet]);
  const coerce = compileVariables(schema, operation.variableDefinitions ?? []);
  return (inputs, context) => {
    const { coerced, errors: unfit } = coerce(inputs);
    if (!coerced) return { errors: unfit };
    const run: Run = { context, variables: coerced, args: [], errors: [], nulled: new Set() };
    const answer = (made: unknown): ExecutionResult => {
      const data = valueOrNull(made, run, undefined) as Record<string, unknown> | null;
      // A copy: what fails later, beside what has taken all with it, is not told.
      return { ...(run.errors.length > 0 && { errors: [...run.errors] }), data };
    };
    const made = make(NOTHING, run, undefined);
    return made instanceof Promise ? made.then(answer) : answer(made);
  };
}

const NOTHING = {};

/** A promise, an error and a function are no objects of data. */
const makingOf = ({ name }: GraphQLObjectType): Making<Run, Path | undefined> => ({
  isObject: (value) =>
    `typeof ${value} === "object" && ${value} !== null && typeof ${value}.then !== "function" && !(${value} instanceof Error)`,
  placeOfField: (prev, key) => `{ prev: ${prev}, key: ${key}, typename: ${JSON.stringify(name)} }`,
  placeOfElement: (prev, key) => `{ prev: ${prev}, key: ${key}, typename: undefined }`,
  orNull,
  later: { settle, thrown: asError, abandon },
});

const setsOf = (nodes: readonly FieldNode[]): SelectionSetNode[] =>
  nodes.flatMap(({ selectionSet }) => selectionSet ?? []);

const failed = (error: unknown, { nodes }: Place, path: Path): Failed =>
  new Nothing(locatedError(error, nodes, responsePathAsArray(path)));

/** Where null may stand for what failed. */
function orNull({ why }: Failed, { errors, nulled }: Run, path: Path | undefined): null {
  for (let above = path; above !== undefined; above = above.prev) if (nulled.has(above)) return null;
  if (!nulled.has(undefined)) errors.push(why);
  nulled.add(path);
  return null;
}

const valueOrNull = (completed: unknown, run: Run, path: Path | undefined): unknown =>
  completed instanceof Nothing ? orNull(completed as Failed, run, path) : completed;

/** Whatever was thrown: a value that is an error is a field that failed. */
const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error(`Unexpected error value: ${inspect(error)}`);

/** An object or a list, some of whose values are promises, when all of them are there; Failed as soon as one of them is. */
function settle(made: Record<string, unknown> | unknown[]): Promise<unknown> {
  const values = made as Record<string, unknown>;
  return new Promise((resolve, reject) => {
    let left = 0;
    for (const [key, value] of Object.entries(values)) {
      if (!(value instanceof Promise)) continue;
      left += 1;
      value.then((settled: unknown) => {
        values[key] = settled;
        left -= 1;
        if (settled instanceof Nothing) resolve(settled);
        else if (left === 0) resolve(made);
      }, reject);
    }
    if (left === 0) resolve(made);
  });
}
