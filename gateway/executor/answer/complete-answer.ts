/**
 * From what was fetched to what was asked: only the fields of the operation, in its order, every value completed as the
 * specification says. Compiled once per operation and values of `@skip` and `@include`.
 */
import {
  getNamedType,
  GraphQLError,
  isAbstractType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type FieldNode,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { isRecord, isRecordSource, type Fetched, type FetchedObject } from '../run/fetched.ts';
import { collectFields, type Selecting } from './collect-fields.ts';
import { coerceLeaf, compileFits } from './complete-leaf.ts';
import { Nothing, type FieldOfObject, type Making } from './object-fields.ts';
import { createObjectMaker } from './object-maker.ts';
import { usualOf } from './usual.ts';

/** Why is told where it is found. */
const NONE = new Nothing(null);

/** One answer in the making. */
export interface Completion {
  /** Where we are; only the first `depth` steps count. */
  readonly path: (string | number)[];
  readonly errors: GraphQLError[];
  /** Does a subgraph's error say already why this field of this object, which is to stand at `path`, is not there? */
  explains(object: FetchedObject, name: string, path: readonly (string | number)[]): boolean;
  /** `__schema` and `__type`. */
  introspect(name: string): unknown;
}

/** `undefined` when nothing came. `holder` is whose field it is. */
type Complete = (value: Fetched | undefined, run: Completion, depth: number, holder: FetchedObject) => unknown;

/** Which field it is: for errors. */
interface FieldPlace {
  /** In what was fetched. */
  readonly name: string;
  /** In the schema: `Person.name`. */
  readonly coordinate: string;
}

type Composite = GraphQLObjectType | GraphQLInterfaceType;
type CompleteObject = (object: FetchedObject, run: Completion, depth: number) => unknown;

const MAKING: Making<Completion, number> = {
  isObject: isRecordSource,
  placeOfField: (place, name) => `(run.path[${place}] = ${name}, ${place} + 1)`,
  placeOfElement: (place, index) => `(run.path[${place}] = ${index}, ${place} + 1)`,
  orNull: () => null,
};

export type CompleteAnswer = (data: FetchedObject, run: Completion) => Record<string, unknown> | null;

export function compileAnswer(operation: OperationDefinitionNode, selecting: Selecting): CompleteAnswer {
  const root = selecting.schema.getRootType(operation.operation);
  if (!root) throw new GraphQLError(`There is no ${operation.operation} here.`);
  const complete = compileObject(root, [operation.selectionSet], selecting);
  return (data, run) => {
    const answer = complete(data, run, 0);
    return answer === NONE ? null : (answer as Record<string, unknown>);
  };
}

/** A list of ten thousand values that do not fit does not need ten thousand errors. */
const MAX_ERRORS = 100;

function fail(run: Completion, depth: number, holder: FetchedObject, { name }: FieldPlace, message: string): void {
  if (run.errors.length >= MAX_ERRORS) return;
  const path = run.path.slice(0, depth);
  if (run.explains(holder, name, path)) return;
  run.errors.push(new GraphQLError(message, { path, extensions: { code: 'INVALID_SUBGRAPH_ANSWER' } }));
}

interface Asked {
  readonly place: FieldPlace;
  readonly sets: readonly SelectionSetNode[];
  readonly selecting: Selecting;
}

function compileValue(type: GraphQLOutputType, asked: Asked): Complete {
  if (isNonNullType(type)) {
    const complete = compileNullable(type.ofType, asked);
    const message = `Cannot return null for non-nullable field ${asked.place.coordinate}.`;
    return (value, run, depth, holder) => {
      const errors = run.errors.length;
      const completed = complete(value, run, depth, holder);
      if (completed !== null) return completed;
      if (run.errors.length === errors) fail(run, depth, holder, asked.place, message);
      return NONE;
    };
  }
  const complete = compileNullable(type, asked);
  return (value, run, depth, holder) => {
    const completed = complete(value, run, depth, holder);
    return completed === NONE ? null : completed;
  };
}

/** Gives null for null and for what does not fit, which is reported; NONE when something within may not be null. */
function compileNullable(type: GraphQLOutputType, asked: Asked): Complete {
  const { place } = asked;
  if (isListType(type)) return compileList(compileValue(type.ofType as GraphQLOutputType, asked), place);
  if (isLeafType(type)) {
    const fits = compileFits(type);
    return (value, run, depth, holder) => {
      if (value === null || value === undefined) return null;
      if (fits(value)) return value;
      try {
        return coerceLeaf(type, value);
      } catch (error) {
        fail(run, depth, holder, place, (error as Error).message);
        return null;
      }
    };
  }
  return compileComposite(getNamedType(type) as GraphQLObjectType, asked);
}

function compileList(complete: Complete, place: FieldPlace): Complete {
  return (value, run, depth, holder) => {
    if (value === null || value === undefined) return null;
    if (!Array.isArray(value)) {
      fail(run, depth, holder, place, `A list was expected for ${place.coordinate}.`);
      return null;
    }
    const { path } = run;
    const list = new Array<unknown>(value.length);
    for (let index = 0; index < value.length; index += 1) {
      path[depth] = index;
      const completed = complete(value[index], run, depth + 1, holder);
      if (completed === NONE) return NONE;
      list[index] = completed;
    }
    return list;
  };
}

function compileComposite(declared: Composite, { place, sets, selecting }: Asked): Complete {
  const { schema } = selecting;
  const byType = new Map<string | undefined, CompleteObject | null>();
  const isAbstract = isAbstractType(declared);

  /** Null for what cannot stand here: another type, or one that clients do not know. */
  function compileFor(typename: string | undefined): CompleteObject | null {
    const type = typename === undefined ? undefined : schema.getType(typename);
    if (isObjectType(type) && (type === declared || (isAbstract && schema.isSubType(declared, type))))
      return compileObject(type, sets, selecting);
    // Of an object nothing else is possible, whatever a subgraph calls it. Of an interface a subgraph may know only that, and
    // where only its own fields are asked the planner does not ask what the object is.
    if (!isAbstract) return compileObject(declared, sets, selecting);
    const known = typename === undefined ? declared : type;
    const fits = isInterfaceType(known) && (known === declared || schema.isSubType(declared, known));
    return fits ? compileObject(known, sets, selecting) : null;
  }

  return (value, run, depth, holder) => {
    if (value === null || value === undefined) return null;
    if (!isRecord(value)) {
      fail(run, depth, holder, place, `An object was expected for ${place.coordinate}.`);
      return null;
    }
    const named = value['__typename'];
    const typename = typeof named === 'string' ? named : undefined;
    let complete = byType.get(typename);
    if (complete === undefined) {
      complete = compileFor(typename);
      // Only names of the schema are kept: a subgraph may say anything.
      if (typename === undefined || schema.getType(typename)) byType.set(typename, complete);
    }
    if (complete) return complete(value, run, depth);
    fail(run, depth, holder, place, `The type of ${place.coordinate} cannot be told.`);
    return null;
  };
}

function compileObject(type: Composite, sets: readonly SelectionSetNode[], selecting: Selecting): CompleteObject {
  const fields = [...collectFields(selecting, type, sets)].map(([fetchedAs, nodes]): FieldOfAnswer => {
    const name = selecting.clientNames.get(fetchedAs) ?? fetchedAs;
    const { from, usual, complete } = compileField(type, fetchedAs, nodes, selecting);
    return {
      ...{ name, from, usual },
      complete(value, run, depth, holder) {
        run.path[depth] = name;
        return complete(value, run, depth + 1, holder);
      },
    };
  });
  return createObjectMaker(fields, MAKING);
}

type FieldOfAnswer = FieldOfObject<FetchedObject, Completion, number>;

interface FieldHow extends Pick<FieldOfAnswer, 'from' | 'usual'> {
  readonly complete: Complete;
}

function compileField(type: Composite, name: string, nodes: readonly FieldNode[], selecting: Selecting): FieldHow {
  const field = nodes[0]?.name.value as string;
  if (field === '__typename') {
    if (isObjectType(type)) return { from: null, usual: null, complete: () => type.name };
    const place = { name, coordinate: `${type.name}.__typename` };
    const complete: Complete = (_value, run, depth, holder) => {
      fail(run, depth, holder, place, `What type of ${type.name} this is cannot be told.`);
      return NONE;
    };
    return { from: null, usual: null, complete };
  }
  if (field === '__schema' || field === '__type') {
    const called = selecting.clientNames.get(name) ?? name;
    return { from: null, usual: null, complete: (_value, run) => run.introspect(called) };
  }
  const definition = type.getFields()[field];
  if (!definition) throw new GraphQLError(`There is no field ${type.name}.${field} here.`);
  const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  const place = { name, coordinate: `${type.name}.${field}` };
  const asked = { place, sets, selecting };
  const compile = (part: GraphQLOutputType): Complete => compileValue(part, asked);
  const usual = usualOf<Completion, number>(definition.type, {
    ...{ fitsOf: compileFits, compile },
    makerOf: (object) => compileObject(object, sets, selecting),
  });
  return { from: name, usual, complete: compile(definition.type) };
}
