/** What a county writes down about itself: maplebridge.config.yaml. Faults name the line. */
import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { isNode, LineCounter, parseDocument, visit } from 'yaml';
import type { Document } from 'yaml';
import { z } from 'zod';
import { AppError } from './errors.ts';

const agreement = z.strictObject({
  /** COURTS POLICE PETITIONS CIVIL_AFFAIRS … */
  source: z.string().regex(/^[A-Z][A-Z_]*$/, 'is not a source code such as COURTS'),
  purposes: z.array(z.string().regex(/^[a-z]+$/, 'is not a purpose such as mediation')).min(1, 'names no purpose'),
  fieldGroups: z.array(z.string().regex(/^[a-z][a-z-]*$/i, 'is not a field group')).min(1, 'names no field group'),
  /** Last day in force. */
  expires: z.iso.date('is not a day such as 2027-12-31'),
});

const count = z.number('is not a number').int('is not a whole number').positive('must be more than 0');

/** Of one request; a county raises them for a client of its own that needs more. */
const limits = z.strictObject({
  bodyBytes: count.default(256 * 1024),
  tokens: count.default(5_000),
  depth: count.default(15),
  aliases: count.default(30),
  rootFields: count.default(20),
  /** Objects an answer could hold at most, by the sizes of the lists asked for. */
  nodes: count.default(20_000),
});
export type RequestLimits = z.infer<typeof limits>;

/** Who co-signs the audit log's checkpoints (C2SP tlog-witness). */
const auditLog = z.strictObject({
  /** The log's name for ever, like an address without its scheme; counts at the first start only. By default MAPLEBRIDGE_URL's host. */
  origin: z
    .string()
    .regex(/^[^\s+]+$/, 'has a space or a plus sign')
    .optional(),
  witnesses: z
    .array(
      z.strictObject({
        /** `name+id+key`, as the witness gives it. */
        key: z.string().regex(/^[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*$/, 'is not a key such as name+1a2b3c4d+BASE64'),
        /** Its submission prefix: `add-checkpoint` is added. */
        url: z.url({ protocol: /^https?$/, error: 'is not an http(s) address' }),
      }),
    )
    .default([]),
  /** How many of them must have signed a checkpoint before it is published. */
  required: z.int('is not a whole number').min(0).default(0),
});
export type AuditLogSettings = z.infer<typeof auditLog>;

const recordKind = z.strictObject({
  source: z.string().regex(/^[A-Z][A-Z_]*$/, 'is not a source code such as COURTS'),
  /** As the API names what the department's record is; any of them when absent. */
  kinds: z
    .array(z.string().regex(/^[A-Z][A-Z_]*$/, 'is not a kind of record such as COURT_CASE'))
    .min(1)
    .optional(),
});

/** Which records join a dispute by themselves when nothing about it is left open; all others wait for somebody at the centre. */
const disputeLinks = z.strictObject({
  joinThemselves: z
    .array(
      z.strictObject({
        first: recordKind,
        then: recordKind,
        /** Of disputes; any of them when absent. */
        categories: z
          .array(z.string().regex(/^[A-Z][A-Z_]*$/, 'is not a category of disputes'))
          .min(1)
          .optional(),
      }),
    )
    // Who quarrelled, called the police and went to court: the same two sides, twice written down.
    .default([{ first: { source: 'POLICE' }, then: { source: 'COURTS', kinds: ['COURT_CASE'] } }]),
});

const countyConfig = z.strictObject({
  /** Path of the organisations file, relative to this one. */
  organisations: z.string('is missing: the path of the organisations file'),
  /** Per department the settings that its adapter parses: address, credentials, `policy`, `cache`. */
  departments: z
    .record(
      z.string().regex(/^[a-z][a-z-]*$/, 'is not the name of a department'),
      z.record(z.string(), z.unknown(), 'has no settings'),
    )
    .refine((departments) => Object.keys(departments).length > 0, 'names no department'),
  agreements: z.array(agreement).default([]),
  limits: limits.prefault({}),
  audit: auditLog
    .refine(
      ({ witnesses }) => new Set(witnesses.map(({ key }) => key.split('+')[0])).size === witnesses.length,
      'names a witness twice',
    )
    .refine(({ witnesses, required }) => required <= witnesses.length, 'asks for more signatures than it has witnesses')
    .prefault({}),
  disputeLinks: disputeLinks.prefault({}),
  /** Who is responsible for what (责任清单): path of the file, relative to this one. */
  responsibilities: z.string().optional(),
  /** Days that the State Council's list does not know yet, or that the county has otherwise. */
  workingDays: z.string().optional(),
  /** Folders of the county's own playbooks and rules, instead of those that come with Maplebridge. */
  playbooks: z.string().optional(),
  rules: z.string().optional(),
});

type Named = 'organisations' | 'departments' | 'responsibilities' | 'workingDays' | 'playbooks' | 'rules';

export interface CountyConfig extends Omit<z.infer<typeof countyConfig>, Named> {
  /** Absolute paths; null where there is none. */
  readonly organisationsFile: string;
  readonly responsibilitiesFile: string | null;
  readonly workingDaysFile: string | null;
  readonly playbooksFolder: string | null;
  readonly rulesFolder: string | null;
  readonly departments: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
}

export const defaultLimits: RequestLimits = limits.parse({});
export const defaultAuditLog: AuditLogSettings = auditLog.parse({});
export const defaultSelfJoining = disputeLinks.parse({}).joinThemselves;

type Environment = Readonly<Record<string, string | undefined>>;

/** Throws one BAD_USER_INPUT that lists every fault with file and line. */
export function loadCountyConfig(file: string, env: Environment): CountyConfig {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new AppError(
      'BAD_USER_INPUT',
      `MAPLEBRIDGE_CONFIG: ${basename(file)} cannot be read; give the path of a file that can.`,
      {
        cause,
      },
    );
  }
  return parseCountyConfig(text, { file, env });
}

export function parseCountyConfig(
  text: string,
  { file, env }: { readonly file: string; readonly env: Environment },
): CountyConfig {
  const { value, lineOf, faults } = readYaml(text, env);
  if (faults.length > 0) throw configError(file, faults);
  const parsed = countyConfig.safeParse(value);
  if (!parsed.success)
    throw configError(
      file,
      parsed.error.issues.flatMap((issue) => faultsOf(issue, lineOf)),
    );
  const { organisations, departments, responsibilities, workingDays, playbooks, rules, ...rest } = parsed.data;
  const beside = (path: string | undefined): string | null =>
    path === undefined ? null : resolve(dirname(file), path);
  return {
    ...rest,
    organisationsFile: resolve(dirname(file), organisations),
    responsibilitiesFile: beside(responsibilities),
    workingDaysFile: beside(workingDays),
    playbooksFolder: beside(playbooks),
    rulesFolder: beside(rules),
    departments: new Map(Object.entries(departments)),
  };
}

export interface YamlFault {
  readonly line: number;
  readonly problem: string;
}

/** Other files of the county (organisations, playbooks) are read the same way. */
export function parseYamlFile<T>(text: string, file: string, schema: z.ZodType<T>): T {
  const { value, lineOf, faults } = readYaml(text, null);
  if (faults.length > 0) throw configError(file, faults);
  const parsed = schema.safeParse(value);
  if (!parsed.success)
    throw configError(
      file,
      parsed.error.issues.flatMap((issue) => faultsOf(issue, lineOf)),
    );
  return parsed.data;
}

function readYaml(text: string, env: Environment | null) {
  const lines = new LineCounter();
  // Without pretty errors messages stay one line and quote nothing of the file, which may hold a password.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const faults: YamlFault[] = document.errors.map((error) => ({
    line: lines.linePos(error.pos[0]).line,
    problem: `is not YAML (${error.code.toLowerCase().replaceAll('_', ' ')})`,
  }));
  if (faults.length === 0 && env !== null) faults.push(...fillIn(document, env, lines));
  return {
    value: faults.length === 0 ? (document.toJS() as unknown) : null,
    faults,
    lineOf: (path: readonly PropertyKey[]) => lineOf(document, path, lines),
  };
}

/** `${NAME}` anywhere in a value is taken from the environment, so that no password need stand in the file. */
function fillIn(document: Document, env: Environment, lines: LineCounter): YamlFault[] {
  const faults: YamlFault[] = [];
  visit(document, {
    Scalar(key, node) {
      if (key === 'key' || typeof node.value !== 'string') return;
      node.value = node.value.replace(/\$\{([A-Z][A-Z0-9_]*)\}/g, (whole, name: string) => {
        const value = env[name];
        if (value) return value;
        faults.push({
          line: lines.linePos(node.range?.[0] ?? 0).line,
          problem: `needs ${name} in the environment; set it`,
        });
        return whole;
      });
    },
  });
  return faults;
}

/** The line of the deepest part of the path that exists. */
function lineOf(document: Document, path: readonly PropertyKey[], lines: LineCounter): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

function faultsOf(issue: z.core.$ZodIssue, line: (path: readonly PropertyKey[]) => number): YamlFault[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      line: line([...issue.path, key]),
      problem: `${[...issue.path, key].join('.')}: there is no such setting; remove it or mend its name`,
    }));
  }
  const where = issue.path.length > 0 ? `${issue.path.join('.')}: ` : '';
  return [{ line: line(issue.path), problem: `${where}${issue.message}` }];
}

const configError = (file: string, faults: readonly YamlFault[]): AppError =>
  new AppError(
    'BAD_USER_INPUT',
    `${basename(file)} is not right:\n${faults.map(({ line, problem }) => `  line ${line}: ${problem}`).join('\n')}`,
    { details: { faults } },
  );
