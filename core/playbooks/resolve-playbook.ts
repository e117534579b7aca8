/** Finds what a playbook extends and merges the two, before anything is parsed. */
import { merge } from './merge-playbook.ts';
import { wordsOf, type Fault, type Place, type YamlSource } from './yaml-source.ts';

export interface Resolved {
  readonly value: Readonly<Record<string, unknown>>;
  /** The file itself, then what it extends, and what that extends. */
  readonly chain: readonly YamlSource[];
}

export interface Resolver {
  /** Null for a file whose faults, or whose base's, say why. Each file's faults are noted once. */
  resolve(source: YamlSource): Resolved | null;
  readonly faults: readonly Fault[];
}

type Mapping = Readonly<Record<string, unknown>>;

interface Head {
  readonly id: string;
  readonly version: string;
  readonly source: YamlSource;
}

export function createResolver(sources: readonly YamlSource[]): Resolver {
  const faults: Fault[] = [];
  const fault = (source: YamlSource, place: Place, problem: string): null => {
    faults.push({ file: source.file, line: source.find(place).line, problem });
    return null;
  };
  const heads = sources.flatMap((source) => headOf(source, fault) ?? []);
  for (const [index, { id, version, source }] of heads.entries()) {
    const twin = heads.slice(0, index).find((other) => other.id === id && other.version === version);
    if (twin)
      fault(source, ['version'], `${id} version ${version} stands in ${twin.source.file} too; raise the version`);
  }

  const done = new Map<YamlSource, Resolved | null>();
  const resolveOnce = (source: YamlSource, above: readonly YamlSource[]): Resolved | null => {
    if (above.includes(source)) return fault(source, ['extends'], 'extends itself in the end; break the circle');
    if (!done.has(source)) done.set(source, resolveNew(source, above));
    return done.get(source) ?? null;
  };
  const resolveNew = (source: YamlSource, above: readonly YamlSource[]): Resolved | null => {
    if (!heads.some((head) => head.source === source)) return null;
    const { extends: wanted, ...own } = source.value as Mapping;
    if (wanted === undefined) return { value: merged(source, undefined, own), chain: [source] };
    const base = baseOf(source, wanted);
    const resolved = base && resolveOnce(base, [...above, source]);
    return resolved && { value: merged(source, resolved.value, own), chain: [source, ...resolved.chain] };
  };
  const baseOf = (source: YamlSource, wanted: unknown): YamlSource | null => {
    const [id, version] = String(wanted).split('@');
    const found = heads.filter((head) => head.id === id && (version === undefined || head.version === version));
    const [first, second] = found;
    if (!first) return fault(source, ['extends'], 'extends: there is no such playbook; name one of this folder');
    // Otherwise a new version of the base would change playbooks under which referrals are already on their way.
    if (second)
      return fault(
        source,
        ['extends'],
        `extends: there are several versions; say which, such as ${id}@${first.version}`,
      );
    return first.source;
  };
  const merged = (source: YamlSource, base: Mapping | undefined, own: Mapping): Mapping => {
    const { value, faults: found } = merge(base, own);
    for (const { place, problem } of found) fault(source, place, `${wordsOf(place)}: ${problem}`);
    return base ? withoutIdleClocks(value as Mapping, own) : (value as Mapping);
  };
  return { resolve: (source) => resolveOnce(source, []), faults };
}

function headOf(source: YamlSource, fault: (source: YamlSource, place: Place, problem: string) => null): Head | null {
  if (source.faults.length > 0) return null;
  const { value } = source;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return fault(source, [], 'is not a playbook: it begins with `id:` and `version:`');
  const { id, version } = value as Mapping;
  if (typeof id !== 'string') return fault(source, ['id'], 'id: is missing; write it down, such as M21');
  if (typeof version !== 'string')
    return fault(source, ['version'], 'version: is missing or a number; write it in quotes, such as "1"');
  return { id, version, source };
}

/** A playbook for a few kinds leaves aside the base's clocks for others; those it names itself it must carry. */
function withoutIdleClocks(value: Mapping, own: Mapping): Mapping {
  const { kinds, clocks } = value;
  if (!Array.isArray(kinds) || !Array.isArray(clocks)) return value;
  const named = Array.isArray(own['clocks']) ? (own['clocks'] as readonly Mapping[]) : [];
  const narrowed = (clocks as readonly Mapping[]).flatMap((clock) => {
    if (!Array.isArray(clock['kinds']) || named.some(({ id, kinds: its }) => id === clock['id'] && its)) return [clock];
    const left = clock['kinds'].filter((kind) => kinds.includes(kind));
    return left.length === 0 ? [] : [{ ...clock, kinds: left }];
  });
  return { ...value, clocks: narrowed };
}
