/** What a subgraph is told of an entity, taken from what was fetched: compiled once from a plan's `requires`. */
import type { FetchDataRewrite, QueryPlanSelectionNode } from '@apollo/query-planner';
import type { HasKey } from '../supergraph/keys.ts';
import type { SyntheticFields } from '../supergraph/synthetic-fields.ts';
import type { Types } from './types.ts';
import { compileRewrites } from './rewrite.ts';
import { isRecord, type Fetched, type FetchedObject } from '../run/fetched.ts';
import { ownField } from '../run/own-field.ts';

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
  return {
    likeness: compileLikeness(requires),
    of(entity) {
      const representation = select(entity);
      if (representation === null || typeof representation['__typename'] !== 'string') return null;
      rewrite(representation);
      // Where one member of an interface is asked about, the planner gathers what the others would require, without their keys.
      return hasKey(String(representation['__typename']), representation) ? representation : null;
    },
  };
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
  const [, getKey] = getters;
  const [only] = requires;
  const type = requires.length === 1 && only?.kind === 'InlineFragment' ? only.typeCondition : undefined;
  if (getKey === undefined || getters.length > 2 || type === undefined) return whole;
  return (entity) => {
    const key = getKey(entity);
    return typeof key === 'string' && entity['__typename'] === type && !key.startsWith(OTHERWISE) ? key : whole(entity);
  };
}

/** No key begins so without being told from those that do. */
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
