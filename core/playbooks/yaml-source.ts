/** One YAML file with the lines on which its parts stand, so that a fault found after merging is still shown where it was written. */
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Document } from 'yaml';

/** `line` is null for what concerns the whole file. */
export interface Fault {
  readonly file: string;
  readonly line: number | null;
  readonly problem: string;
}

/** A way into the file: keys, and for a thing in a list its `id`, which stays the same when lists are merged. */
export type Place = readonly (string | { readonly id: string } | number)[];

export const wordsOf = (place: Place): string =>
  place.map((part) => (typeof part === 'object' ? part.id : part)).join('.');

export interface YamlSource {
  readonly file: string;
  /** Null when it is no YAML. */
  readonly value: unknown;
  readonly faults: readonly Fault[];
  /** How many parts of the place the file has, and the line of the last of them. */
  find(place: Place): { readonly depth: number; readonly line: number };
}

export function readYamlSource(file: string, text: string): YamlSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const faults = document.errors.map(({ code, pos }) => ({
    file,
    line: lines.linePos(pos[0]).line,
    problem: `is not YAML (${code.toLowerCase().replaceAll('_', ' ')})`,
  }));
  return {
    file,
    value: faults.length === 0 ? (document.toJS() as unknown) : null,
    faults,
    find: (place) => find(document, place, lines),
  };
}

function find(document: Document, place: Place, lines: LineCounter): { depth: number; line: number } {
  let node: unknown = document.contents;
  let line = 1;
  for (const [depth, key] of place.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    const next = child(node, key);
    if (next === undefined) return { depth, line };
    node = next.value;
    const at = next.key ?? node;
    if (isNode(at) && at.range) line = lines.linePos(at.range[0]).line;
  }
  return { depth: place.length, line };
}

function child(node: unknown, key: Place[number]): { readonly key?: unknown; readonly value: unknown } | undefined {
  if (isMap(node)) return node.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
  if (!isSeq(node)) return undefined;
  const value =
    typeof key === 'object'
      ? node.items.find((item) => isMap(item) && item.get('id') === key.id)
      : node.items[Number(key)];
  return value === undefined ? undefined : { value };
}
