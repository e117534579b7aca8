/**
 * `extends:`: what a playbook says over what the one it extends says. Mappings are merged deeply. Lists of things with an
 * `id` (steps, clocks) are merged by it: the base keeps its order, new things stand at the end, or where `before` says;
 * `{ id, remove: true }` takes one out. Other lists replace the base's.
 */
import type { Place } from './yaml-source.ts';

export interface MergeFault {
  readonly place: Place;
  readonly problem: string;
}

export interface Merged {
  readonly value: unknown;
  readonly faults: readonly MergeFault[];
}

type Mapping = Readonly<Record<string, unknown>>;
type Thing = Mapping & { readonly id: string };

const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isThing = (value: unknown): value is Thing => isMapping(value) && typeof value['id'] === 'string';

const isThings = (value: unknown): value is readonly Thing[] => Array.isArray(value) && value.every(isThing);

export function merge(base: unknown, own: unknown): Merged {
  const faults: MergeFault[] = [];
  return { value: mergeValue(base, own, [], faults), faults };
}

function mergeValue(base: unknown, own: unknown, place: Place, faults: MergeFault[]): unknown {
  if (own === undefined) return base;
  if (isThings(own) && own.length > 0 && (base === undefined || isThings(base)))
    return mergeThings(base ?? [], own, place, faults);
  if (!isMapping(base) || !isMapping(own)) return own;
  const keys = [...new Set([...Object.keys(base), ...Object.keys(own)])];
  return Object.fromEntries(keys.map((key) => [key, mergeValue(base[key], own[key], [...place, key], faults)]));
}

function mergeThings(base: readonly Thing[], own: readonly Thing[], place: Place, faults: MergeFault[]): unknown {
  let things = [...base];
  const seen = new Set<string>();
  for (const entry of own) {
    const { before, ...thing } = entry;
    const { id } = entry;
    const isRemoval = entry['remove'] === true;
    const fault = (problem: string): void => void faults.push({ place: [...place, { id }], problem });
    const index = things.findIndex((other) => other.id === id);
    if (seen.has(id)) fault(`\`${id}\` stands there twice; keep one`);
    else if (isRemoval && index < 0) fault(`there is no \`${id}\` to remove; take this entry out`);
    else if (isRemoval) things = things.filter((other) => other.id !== id);
    else if (index >= 0) things[index] = mergeValue(things[index], thing, [...place, { id }], faults) as Thing;
    else things.push(thing);
    seen.add(id);
    if (before !== undefined && !isRemoval) things = moved(things, id, before, fault);
  }
  return things;
}

function moved(things: readonly Thing[], id: string, before: unknown, fault: (problem: string) => void): Thing[] {
  const rest = things.filter((thing) => thing.id !== id);
  const index = rest.findIndex((thing) => thing.id === before);
  if (index < 0) {
    fault('`before` names nothing that stands in this list; name one that does');
    return [...things];
  }
  return rest.toSpliced(index, 0, ...things.filter((thing) => thing.id === id));
}
