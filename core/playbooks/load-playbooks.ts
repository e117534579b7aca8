/** Playbooks from schema/playbooks/*.yaml. All faults of all files are reported at once, each with its file and line. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../platform/errors.ts';
import { checkPlaybook } from './check-playbook.ts';
import { Playbook } from './playbook.ts';
import { createResolver, type Resolved } from './resolve-playbook.ts';
import { readYamlSource, wordsOf, type Fault, type Place, type YamlSource } from './yaml-source.ts';

export interface Playbooks {
  /** Null when there is none. Without a version the latest: a referral keeps the version it began with. */
  get(id: string, version?: string): Playbook | null;
  latest(id: string): Playbook | null;
  /** Every version of every playbook, by id, the oldest version first. */
  readonly all: readonly Playbook[];
}

/** `hasRule`: is there a rule of this id in schema/rules? Throws one BAD_USER_INPUT. */
export function loadPlaybooks(folder: string, hasRule: (id: string) => boolean): Playbooks {
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .sort();
  return readPlaybooks(new Map(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')])), hasRule);
}

/** The same from texts by file name. */
export function readPlaybooks(texts: ReadonlyMap<string, string>, hasRule: (id: string) => boolean): Playbooks {
  const sources = [...texts].map(([file, text]) => readYamlSource(file, text));
  const resolver = createResolver(sources);
  const faults = sources.flatMap((source) => source.faults);
  const playbooks = sources.flatMap((source) => {
    const resolved = resolver.resolve(source);
    return resolved === null ? [] : (parse(source, resolved, hasRule, faults) ?? []);
  });
  const all = [...faults, ...resolver.faults];
  if (all.length > 0) throw playbookError(all);
  return index(playbooks);
}

function parse(
  source: YamlSource,
  resolved: Resolved,
  hasRule: (id: string) => boolean,
  faults: Fault[],
): Playbook | null {
  const add = (path: readonly PropertyKey[], problem: string): void =>
    void faults.push(faultAt(resolved, path, problem));
  const parsed = Playbook.safeParse(resolved.value);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      if (issue.code === 'unrecognized_keys')
        for (const key of issue.keys) add([...issue.path, key], 'there is no such setting; remove it or mend its name');
      else add(issue.path, issue.message.endsWith('received undefined') ? 'is missing; write it down' : issue.message);
    }
    return null;
  }
  for (const { path, problem } of checkPlaybook(parsed.data, hasRule)) add(path, problem);
  const { id, version } = parsed.data;
  const names = [`${id.toLowerCase()}.yaml`, `${id.toLowerCase()}@${version}.yaml`];
  if (!names.includes(source.file)) add(['id'], `the file must be named ${names.join(' or ')}`);
  return parsed.data;
}

/** Shown in the file that says it; what a base says is at fault in the base. */
function faultAt({ value, chain }: Resolved, path: readonly PropertyKey[], problem: string): Fault {
  const place = placeOf(value, path);
  const [first, ...others] = chain.map((source) => ({ file: source.file, ...source.find(place) }));
  const found = others.reduce((best, one) => (best && best.depth >= one.depth ? best : one), first);
  const where = wordsOf(place);
  return {
    file: found?.file ?? '',
    line: found?.line ?? null,
    problem: where === '' ? problem : `${where}: ${problem}`,
  };
}

/** Numbers of things in merged lists become their ids, which the files can be searched for. */
function placeOf(value: unknown, path: readonly PropertyKey[]): Place {
  let at = value;
  return path.map((key) => {
    at = (at as Record<PropertyKey, unknown> | undefined)?.[key];
    const id = typeof key === 'number' ? (at as { id?: unknown } | undefined)?.id : undefined;
    return typeof id === 'string' ? { id } : typeof key === 'symbol' ? String(key) : key;
  });
}

const byVersion = new Intl.Collator('en', { numeric: true });

function index(playbooks: readonly Playbook[]): Playbooks {
  const all = playbooks.toSorted((a, b) => byVersion.compare(a.id, b.id) || byVersion.compare(a.version, b.version));
  const latest = (id: string): Playbook | null => all.findLast((playbook) => playbook.id === id) ?? null;
  return {
    all,
    latest,
    get: (id, version) =>
      version === undefined
        ? latest(id)
        : (all.find((playbook) => playbook.id === id && playbook.version === version) ?? null),
  };
}

/** A fault in a base is met again in every playbook that extends it, and said once. */
function playbookError(faults: readonly Fault[]): AppError {
  const lines = [
    ...new Set(faults.map(({ file, line, problem }) => `  ${file}${line === null ? '' : ` line ${line}`}: ${problem}`)),
  ];
  return new AppError('BAD_USER_INPUT', `Playbooks are not right:\n${lines.join('\n')}`, { details: { faults } });
}
