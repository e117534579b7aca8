/**
 * What goes wrong, by what is asked for and never by how it is asked: the same fields are broken whether a gateway asks once, twice or
 * for many things at a time, and broken for the reference too.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { createRandom } from '../../../demo/county/random.ts';
import type { Thing } from './world.ts';

export type FieldFault = 'throws' | 'null' | 'late';

export interface Faults {
  field(thing: Thing, field: string): FieldFault | null;
  /** Whether a subgraph does not know of it when it is asked by a key. */
  absent(thing: Thing, subgraph: string): boolean;
}

export const noFaults: Faults = { field: () => null, absent: () => false };

/** By `Type:id.field`, and by `Type:id@subgraph` for what a subgraph does not know of. */
export function faultsAt(
  faulty: Readonly<Record<`${string}.${string}`, FieldFault>>,
  absent: readonly string[] = [],
): Faults {
  const named: ReadonlyMap<string, FieldFault> = new Map(Object.entries(faulty));
  return {
    field: (thing, field) => named.get(`${labelOf(thing)}.${field}`) ?? null,
    absent: (thing, subgraph) => absent.includes(`${labelOf(thing)}@${subgraph}`),
  };
}

export interface RandomFaults {
  readonly seed: number;
  readonly chance: number;
  /** Fields that stay whole. */
  readonly spared: (field: string) => boolean;
  /** Whether subgraphs also forget things. */
  readonly absences: boolean;
}

export function randomFaults({ seed, chance, spared, absences }: RandomFaults): Faults {
  const drawn = (text: string) => createRandom(seed, hash(text));
  return {
    field(thing, field) {
      if (spared(field)) return null;
      const random = drawn(`${labelOf(thing)}.${field}`);
      return random.chance(chance) ? random.pick(['throws', 'throws', 'null', 'late'] as const) : null;
    },
    absent: (thing, subgraph) => absences && drawn(`${labelOf(thing)}@${subgraph}`).chance(chance),
  };
}

/** The value with what goes wrong with it. */
export function broken(faults: Faults, thing: Thing, field: string, value: () => unknown): unknown {
  if (faults === noFaults) return value();
  const fault = faults.field(thing, field);
  if (fault === 'throws') throw new Error(`${thing.__typename}.${field} is broken.`);
  if (fault === 'null') return null;
  const whole = () => itemsLater(value());
  return fault === 'late' ? late(whole) : whole();
}

/** A list whose elements may fail at once or later: where one does at once, graphql-js leaves it unheard that others do later. */
const itemsLater = (value: unknown): unknown =>
  Array.isArray(value) ? value.map((item: unknown) => Promise.resolve(itemsLater(item))) : value;

async function late(value: () => unknown): Promise<unknown> {
  for (let turns = 0; turns < 5; turns++) await turn();
  return value();
}

const labels = new WeakMap<Thing, string>();

/** What has no id is known by its plain values. */
export function labelOf(thing: Thing): string {
  let label = labels.get(thing);
  if (label === undefined) {
    const plain = Object.entries(thing).filter(([, value]) => typeof value === 'string' || typeof value === 'number');
    const { __typename: type, id = JSON.stringify(plain) } = thing;
    label = type === 'Query' || type === 'Mutation' ? type : `${type}:${id as string}`;
    labels.set(thing, label);
  }
  return label;
}

/** FNV-1a. */
export function hash(text: string): number {
  let mixed = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) mixed = Math.imul(mixed ^ text.charCodeAt(index), 0x01000193);
  return mixed >>> 0;
}
