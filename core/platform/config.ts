/** The process's settings, parsed once from the environment. Every fault is reported, each with what to do about it. */
import { resolve } from 'node:path';
import { isIP } from 'node:net';
import { z } from 'zod';
import { AppError } from './errors.ts';
import { parseRedisUrl } from './redis-client.ts';

export interface Config {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Absolute. Whatever this process keeps on disk is below it. */
  readonly dataFolder: string;
  /** Null: the embedded PostgreSQL. */
  readonly databaseUrl: string | null;
  /** Null: queues and fan-out on PostgreSQL. */
  readonly redisUrl: string | null;
  /** The made-up county with stand-ins and an issuer of its own. */
  readonly demo: boolean;
  /** Null: the demo's own issuer. */
  readonly oidc: { readonly issuer: string; readonly audience: string } | null;
  /** Absolute path of maplebridge.config.yaml; null only in the demo. */
  readonly countyFile: string | null;
  readonly keysFolder: string;
  /** The demo makes its own keys; elsewhere missing keys must be noticed. */
  readonly createKeys: boolean;
  /** CIDR blocks that webhooks may go to although they are private. */
  readonly webhookAllow: readonly string[];
  /** CIDR blocks of the proxies whose word on who asks is taken (X-Forwarded-For); none: nobody's. */
  readonly trustProxy: readonly string[];
  /** At which departments reach the gateway; stands in messages to them. */
  readonly publicUrl: string;
  readonly production: boolean;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Where the subgraphs run: here, or each at its address. */
  readonly subgraphs: 'local' | ReadonlyMap<string, string>;
  /** Absolute path of a JSON list of queries that are planned before the first request; null: none. */
  readonly operationsFile: string | null;
}

export interface SettingFault {
  readonly setting: string;
  readonly problem: string;
  readonly remedy: string;
}

/** One error for all faults, a line each. Values are not repeated: some hold passwords. */
export function settingsError(faults: readonly SettingFault[]): AppError {
  const lines = faults.map(({ setting, problem, remedy }) => `  ${setting}: ${problem}; ${remedy}`);
  return new AppError('BAD_USER_INPUT', `The settings do not allow a start:\n${lines.join('\n')}`, {
    details: { faults },
  });
}

const DEMO_OFF = 'set MAPLEBRIDGE_DEMO=off to run a real county (force only for a test)';

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host === '[::1]' || (isIP(host) === 4 && host.startsWith('127.'));

const url = (protocols: readonly string[]) =>
  z.string().refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), {
    error: `is not a ${protocols.map((p) => `${p}//`).join(' or ')} address`,
  });

const isCidr = (block: string): boolean => {
  const [address = '', bits = ''] = block.split('/');
  const version = isIP(address);
  return version !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128);
};

const isRedisUrl = (text: string): boolean => {
  try {
    parseRedisUrl(text);
    return /^rediss?:/.test(text) ? URL.canParse(text) : true;
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
};

const cidrBlocks = z
  .string()
  .transform((list) => list.split(',').map((block) => block.trim()))
  .refine((blocks) => blocks.every(isCidr), 'is not a list of CIDR blocks')
  .default([]);
const CIDR_REMEDY = 'give blocks separated by commas, such as 10.1.0.0/16';

/** Each setting: how it is read and what to do when it cannot be. An empty value counts as not set. */
const SETTINGS = {
  HOST: [
    z
      .string()
      .regex(/^[\w.:[\]-]+$/, 'is not a host name or address')
      .default('127.0.0.1'),
    'give one, such as 127.0.0.1',
  ],
  PORT: [
    z
      .string()
      .regex(/^\d{1,5}$/, 'is not a port number')
      .transform(Number)
      .refine((port) => port <= 65535, 'is not a port number')
      .default(4000),
    'give a number from 0 to 65535',
  ],
  MAPLEBRIDGE_DATA: [z.string().default('.maplebridge'), 'give a folder'],
  DATABASE_URL: [url(['postgres:', 'postgresql:']).optional(), 'give postgresql://user:password@host:5432/database'],
  REDIS_URL: [
    z.string().refine(isRedisUrl, 'is not an address of Redis').optional(),
    'give redis://host:6379, redis-sentinel://host,host/master-name or redis-cluster://host,host',
  ],
  OIDC_ISSUER: [
    url(['https:', 'http:'])
      .refine((value) => new URL(value).protocol === 'https:' || isLoopback(new URL(value).hostname), {
        error: 'is not encrypted',
      })
      .optional(),
    "give the issuer's https:// address, as in its tokens' iss",
  ],
  OIDC_AUDIENCE: [
    z.string().max(200, 'is too long').default('maplebridge'),
    "give what the issuer's tokens have in aud",
  ],
  MAPLEBRIDGE_CONFIG: [z.string().optional(), 'give the path of maplebridge.config.yaml'],
  MAPLEBRIDGE_KEYS: [z.string().optional(), 'give the folder of the keys'],
  MAPLEBRIDGE_WEBHOOK_ALLOW: [cidrBlocks, CIDR_REMEDY],
  MAPLEBRIDGE_TRUST_PROXY: [
    // All of the world would let anybody say who they are.
    cidrBlocks.refine((blocks) => blocks.every((block) => !block.endsWith('/0')), 'trusts everybody'),
    CIDR_REMEDY,
  ],
  MAPLEBRIDGE_URL: [
    url(['https:', 'http:']).optional(),
    'give the address at which departments reach the gateway, such as https://maplebridge.example.gov.cn',
  ],
  MAPLEBRIDGE_DEMO: [z.enum(['on', 'off', 'force'], 'is none of on, off, force').optional(), 'give on or off'],
  NODE_ENV: [z.string().default('development'), 'give production or nothing'],
  LOG_LEVEL: [
    z.enum(['debug', 'info', 'warn', 'error', 'silent'], 'is none of debug, info, warn, error, silent').default('info'),
    'give one of these',
  ],
  MAPLEBRIDGE_SUBGRAPHS: [
    z
      .string()
      .transform((list, context) => (list === 'local' ? ('local' as const) : (subgraphMap(list) ?? fail(context))))
      .default('local'),
    'give local, or name=http://host:port for each, separated by commas',
  ],
  MAPLEBRIDGE_OPERATIONS: [z.string().optional(), 'give the path of a JSON list of queries'],
} as const;

/** Their names; docs/operator.md has a table of them. */
export const SETTING_NAMES: readonly string[] = Object.keys(SETTINGS);

const fail = (context: z.RefinementCtx): never => {
  context.addIssue({ code: 'custom', message: 'is not a list of subgraphs' });
  return z.NEVER;
};

function subgraphMap(list: string): ReadonlyMap<string, string> | null {
  const pairs = list.split(',').map((pair) => /^\s*([a-z][a-z-]*)=(https?:\/\/\S+?)\/*\s*$/.exec(pair));
  const entries = pairs.flatMap((pair) =>
    pair?.[1] && pair[2] && URL.canParse(pair[2]) ? [[pair[1], pair[2]] as const] : [],
  );
  const map = new Map(entries);
  return map.size === pairs.length ? map : null;
}

type Settings = { [Name in keyof typeof SETTINGS]: z.output<(typeof SETTINGS)[Name][0]> };

/** Throws one error that lists every fault. */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const faults: SettingFault[] = [];
  const values: Record<string, unknown> = {};
  for (const [setting, [schema, remedy]] of Object.entries(SETTINGS)) {
    const text = env[setting]?.trim();
    const parsed = schema.safeParse(text === '' ? undefined : text);
    if (parsed.success) values[setting] = parsed.data;
    else faults.push({ setting, problem: parsed.error.issues[0]?.message ?? 'is not valid', remedy });
  }
  // What could not be read is undefined here; rules below then say nothing more about it.
  const settings = values as Partial<Settings>;
  const demo = settings.MAPLEBRIDGE_DEMO !== 'off';
  if (!demo) faults.push(...missingWithoutDemo(env, settings));
  else if (settings.MAPLEBRIDGE_DEMO !== 'force') faults.push(...againstDemo(env, settings));
  if (faults.length > 0) throw settingsError(faults);
  return toConfig(settings as Settings, demo, env);
}

/** The demo lets anybody in as anybody, so it must not come near real data or a network. */
function againstDemo(env: Readonly<Record<string, string | undefined>>, settings: Partial<Settings>): SettingFault[] {
  const faults: SettingFault[] = [];
  const refuse = (setting: string, problem: string, remedy: string) => faults.push({ setting, problem, remedy });
  if (env['DATABASE_URL']?.trim()) {
    refuse(
      'DATABASE_URL',
      'the demo does not run on a database of yours',
      `unset it, or ${DEMO_OFF} and give OIDC_ISSUER`,
    );
  }
  if (env['OIDC_ISSUER']?.trim()) {
    refuse('OIDC_ISSUER', 'the demo has an issuer of its own and lets anybody in', `unset it, or ${DEMO_OFF}`);
  }
  if (settings.NODE_ENV === 'production') {
    refuse('NODE_ENV', 'the demo does not run in production', `unset it, or ${DEMO_OFF}`);
  }
  if (settings.HOST !== undefined && !isLoopback(settings.HOST)) {
    refuse('HOST', 'the demo listens on this machine only', `set 127.0.0.1, or ${DEMO_OFF}`);
  }
  return faults;
}

function missingWithoutDemo(
  env: Readonly<Record<string, string | undefined>>,
  settings: Partial<Settings>,
): SettingFault[] {
  const needed = {
    OIDC_ISSUER: 'nobody could sign in',
    MAPLEBRIDGE_KEYS: 'nothing could be encrypted or signed',
    MAPLEBRIDGE_CONFIG: 'no department is described',
  } as const;
  return Object.entries(needed)
    .filter(([setting]) => !env[setting]?.trim() && settings[setting as keyof typeof needed] === undefined)
    .map(([setting, why]) => ({
      setting,
      problem: `is not set, and without the demo ${why}`,
      remedy: SETTINGS[setting as keyof typeof needed][1],
    }));
}

function toConfig(settings: Settings, demo: boolean, env: Readonly<Record<string, string | undefined>>): Config {
  const dataFolder = resolve(settings.MAPLEBRIDGE_DATA);
  return {
    host: settings.HOST,
    port: settings.PORT,
    dataFolder,
    databaseUrl: settings.DATABASE_URL ?? null,
    redisUrl: settings.REDIS_URL ?? null,
    demo,
    oidc: settings.OIDC_ISSUER ? { issuer: settings.OIDC_ISSUER, audience: settings.OIDC_AUDIENCE } : null,
    countyFile: settings.MAPLEBRIDGE_CONFIG ? resolve(settings.MAPLEBRIDGE_CONFIG) : null,
    keysFolder: resolve(settings.MAPLEBRIDGE_KEYS ?? `${dataFolder}/keys`),
    createKeys: demo && settings.MAPLEBRIDGE_KEYS === undefined,
    // The demo's own listeners are on this machine.
    webhookAllow:
      demo && !env['MAPLEBRIDGE_WEBHOOK_ALLOW']?.trim() ? ['127.0.0.0/8'] : settings.MAPLEBRIDGE_WEBHOOK_ALLOW,
    trustProxy: settings.MAPLEBRIDGE_TRUST_PROXY,
    publicUrl: settings.MAPLEBRIDGE_URL ?? `http://${settings.HOST}:${settings.PORT}`,
    production: settings.NODE_ENV === 'production',
    logLevel: settings.LOG_LEVEL,
    subgraphs: settings.MAPLEBRIDGE_SUBGRAPHS,
    operationsFile: settings.MAPLEBRIDGE_OPERATIONS ? resolve(settings.MAPLEBRIDGE_OPERATIONS) : null,
  };
}
