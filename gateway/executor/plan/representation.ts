/** What a subgraph is told of an entity, taken from what was fetched: compiled once from a plan's `requires`. */
import type { FetchDataRewrite, QueryPlanSelectionNode } from '@apollo/query-planner';
import type { HasKey } from '../supergraph/keys.ts';
import type { SyntheticFields } from '../supergraph/synthetic-fields.ts';
import type { Types } from './types.ts';
import { compileRewrites } from './rewrite.ts';
import { isRecord, type Fetched, type FetchedObject } from '../run/fetched.ts';
import { ownField, ownFieldSource } from '../run/own-field.ts';

export interface Represent {
  /** Null for what is not of a type that is asked for, or lacks what is required: an error said why when it was fetched. */
  of(entity: FetchedObject): FetchedObject | null;
  /** The same text for two that are represented alike; null where that is no cheaper to say than the representation itself. */
  readonly likeness: ((entity: FetchedObject) => string) | null;
}

export interface RepresentationParts {
  readonly requires: readonly QueryPlanSelectionNode[];
  readonly rewrites: readonly FetchDataRewrite[];
  readonly types: Types;
  readonly synthetic: SyntheticFields;
  /** Of the subgraph that is asked. */
  readonly hasKey: HasKey;
}

/** False: something that is required is not there. */
type Copy = (from: FetchedObject, to: FetchedObject) => boolean;

export function compileRepresentation({
  requires,
  rewrites,
  types,
  synthetic,
  hasKey,
}: RepresentationParts): Represent {
  const select = compileSelections(requires, types, synthetic);
  const rewrite = compileRewrites(rewrites, types);
  const of: Represent['of'] = (entity) => {
    const representation = select(entity);
    if (representation === null || typeof representation['__typename'] !== 'string') return null;
    rewrite(representation);
    // Where one member of an interface is asked about, the planner gathers what the others would require, without their keys.
    return hasKey(String(representation['__typename']), representation) ? representation : null;
  };
  const plain = rewrites.length === 0 ? plainOf(requires) : null;
  const isWhole =
    plain?.names.includes('__typename') &&
    plain.names.every((name) => synthetic.byName(name) === undefined) &&
    hasKey(plain.type, Object.fromEntries(plain.names.map((name) => [name, null])));
  return {
    likeness: compileLikeness(requires),
    of: plain && isWhole ? compilePlain(plain, of) : of,
  };
}

/** Fields without any of their own, of one type: what is nearly always required. */
interface Plain {
  readonly type: string;
  readonly names: readonly string[];
}

function plainOf(requires: readonly QueryPlanSelectionNode[]): Plain | null {
  const [only] = requires;
  if (requires.length !== 1 || only?.kind !== 'InlineFragment' || only.typeCondition === undefined) return null;
  const names = only.selections.map((node) =>
    node.kind === 'Field' && !node.selections?.length ? (node.alias ?? node.name) : null,
  );
  return names.includes(null) ? null : { type: only.typeCondition, names: [...new Set(names as string[])] };
}

// Both are written as source, so that V8 knows which fields of which objects are read. Nothing but names of GraphQL goes in, quoted.

/** Of an object of the type itself; `otherwise` of any other. */
function compilePlain({ type, names }: Plain, otherwise: Represent['of']): Represent['of'] {
  const reads = names.map(
    (name, index) =>
      `const value${index} = ${ownFieldSource('entity', name)}; if (value${index} === undefined) return null;`,
  );
  const source =
    `"use strict"; return (entity) => { if (entity.__typename !== ${JSON.stringify(type)}) return otherwise(entity);` +
    `${reads.join('')} return { ${names.map((name, index) => `${JSON.stringify(name)}: value${index}`).join(', ')} }; };`;
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  return (new Function('otherwise', source) as (otherwise: Represent['of']) => Represent['of'])(otherwise);
}

type Likeness = NonNullable<Represent['likeness']>;

/** By their one key, which is text; `otherwise` where it is not, or might be taken for what `otherwise` says. */
function compileOneKey(type: string, key: string, otherwise: Likeness): Likeness {
  const source =
    `"use strict"; return (entity) => { const key = ${ownFieldSource('entity', key)};` +
    `return typeof key === "string" && entity.__typename === ${JSON.stringify(type)} && key.charCodeAt(0) !== 0` +
    `? key : otherwise(entity); };`;
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  return (new Function('otherwise', source) as (otherwise: Likeness) => Likeness)(otherwise);
}

/** A few offices stand in hundreds of places: of each only its type and its key need to be looked at. */
function compileLikeness(requires: readonly QueryPlanSelectionNode[]): Represent['likeness'] {
  const names = new Set(['__typename']);
  for (const node of requires) {
    for (const field of node.kind === 'InlineFragment' ? node.selections : [node]) {
      if (field.kind !== 'Field' || field.selections?.length) return null;
      names.add(field.alias ?? field.name);
    }
  }
  const getters = [...names].map(ownField);
  const whole = (entity: FetchedObject): string => {
    let text = OTHERWISE;
    for (const get of getters) {
      const value = get(entity);
      // With their lengths: no value can pass for the end of another.
      if (typeof value === 'string') text += `${value.length}:${value}`;
      else text += typeof value === 'object' ? `${JSON.stringify(value)};` : `${value};`;
    }
    return text;
  };
  // Nearly always entities of one type with one key, which is text: that text is enough.
  const plain = plainOf(requires);
  const [key, ...others] = [...names].filter((name) => name !== '__typename');
  return plain && key !== undefined && others.length === 0 ? compileOneKey(plain.type, key, whole) : whole;
}

/** Keys that begin so are told apart as a whole too. */
const OTHERWISE = '\u0000';

function compileSelections(
  selections: readonly QueryPlanSelectionNode[],
  types: Types,
  synthetic: SyntheticFields,
): (from: FetchedObject) => FetchedObject | null {
  const [only] = selections;
  // Nearly always: one type, one fragment.
  if (selections.length === 1 && only?.kind === 'InlineFragment') {
    const { typeCondition } = only;
    const select = compileSelections(only.selections, types, synthetic);
    return (from) => (typeCondition === undefined || types.isA(from, typeCondition, false) ? (select(from) ?? {}) : {});
  }
  const copies = selections.map((node) =>
    node.kind === 'Field'
      ? compileField(node.alias ?? node.name, node.selections ?? [], types, synthetic)
      : compileFragment(node.typeCondition, node.selections, types, synthetic),
  );
  return (from) => {
    const to: FetchedObject = {};
    for (let index = 0; index < copies.length; index += 1) if (!(copies[index] as Copy)(from, to)) return null;
    return to;
  };
}

function compileField(
  name: string,
  selections: readonly QueryPlanSelectionNode[],
  types: Types,
  synthetic: SyntheticFields,
): Copy {
  const get = ownField(name);
  // A subgraph knows the field that it requires by its own name, with whatever arguments.
  const called = synthetic.byName(name)?.field ?? name;
  const select = selections.length > 0 ? compileSelections(selections, types, synthetic) : null;
  /** Undefined: something within is missing, which nobody may take for null. */
  const part = (value: Fetched): Fetched | undefined => {
    if (select === null || value === null) return value;
    if (Array.isArray(value)) {
      const parts = value.map(part);
      return parts.every((one) => one !== undefined) ? parts : undefined;
    }
    return isRecord(value) ? (select(value) ?? undefined) : null;
  };
  return (from, to) => {
    const value = get(from);
    const copied = value === undefined ? undefined : part(value);
    if (copied === undefined) return false;
    to[called] = copied;
    return true;
  };
}

/** Adds nothing when something within is missing: the object is then known by what other fragments say of it. */
function compileFragment(
  condition: string | undefined,
  selections: readonly QueryPlanSelectionNode[],
  types: Types,
  synthetic: SyntheticFields,
): Copy {
  const select = compileSelections(selections, types, synthetic);
  return (from, to) => {
    if (condition !== undefined && !types.isA(from, condition, false)) return true;
    const part = select(from);
    if (part !== null) combine(to, part);
    return true;
  };
}

/** Two fragments may both say something of one object within. */
function combine(to: FetchedObject, part: FetchedObject): void {
  for (const [name, value] of Object.entries(part)) {
    const there = to[name];
    if (isRecord(there) && isRecord(value)) combine(there, value);
    else to[name] = value;
  }
}
