/**
 * JSON logs (pino) that hold no personal data. First line of defence: only fields on an allow-list are written, with
 * anything else named but withheld. Last line: whatever looks like a citizen ID or a telephone number is masked in the
 * finished line, wherever it came from.
 */
import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export type LogFields = Readonly<Record<string, unknown>>;

/** Object first, then a sentence without any data in it. */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** The same log with fields on every line. */
  child(fields: LogFields): Log;
}

/** Names of fields whose values say nothing of a person. A new one is added here, by somebody who thought about it. */
export const LOGGED_FIELDS: ReadonlySet<string> = new Set([
  ...['level', 'time', 'pid', 'role', 'version', 'node', 'signal', 'platform'],
  ...[
    'requestId',
    'logId',
    'code',
    'status',
    'statusCode',
    'method',
    'route',
    'ms',
    'bytes',
    'error',
    'reason',
    'retryable',
  ],
  ...['operationKind', 'fields', 'service', 'services', 'field', 'path'],
  ...['source', 'sources', 'department', 'kind', 'circuit', 'from', 'to', 'freshness', 'where', 'quarantined'],
  ...[
    'queue',
    'job',
    'attempt',
    'attempts',
    'due',
    'cursor',
    'page',
    'records',
    'persons',
    'disputes',
    'total',
    'count',
  ],
  ...[
    'host',
    'port',
    'url',
    'folder',
    'file',
    'line',
    'setting',
    'settings',
    'migration',
    'database',
    'keys',
    'joins',
    'adopted',
    'aheadSeconds',
    // Of the calendar of holidays.
    'year',
  ],
]);

const WITHHELD = '[withheld]';

const onlyAllowed = (fields: LogFields): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, LOGGED_FIELDS.has(name) ? value : WITHHELD]));

// 15, 17 or 18 digits (the last may be X), and mobile numbers; full-width digits too. Not part of a longer number.
const DIGIT = '[0-9０-９]';
const PERSONAL = new RegExp(
  `(?<!${DIGIT})(?:${DIGIT}{17}[0-9０-９XxＸｘ]|${DIGIT}{17}|${DIGIT}{15}|[1１][3-9３-９]${DIGIT}{9})(?!${DIGIT})`,
  'g',
);

/** Replaces whatever looks like a citizen ID (15, 17 or 18 digits) or a mobile number (11 digits). */
export const maskPersonal = (text: string): string => text.replace(PERSONAL, '***');

export interface ErrorForLog {
  readonly name: string;
  readonly code: string | undefined;
  readonly message: string;
  readonly frames: readonly string[];
  readonly cause: ErrorForLog | undefined;
}

/**
 * An error fit for the log: libraries quote values in their messages (JSON.parse, graphql-js, PostgreSQL), so quoted
 * text, Chinese text and long numbers are taken out of every message that is not our own.
 */
export function describeError(error: unknown, depth = 0): ErrorForLog {
  if (!(error instanceof Error)) {
    return { name: typeof error, code: undefined, message: '', frames: [], cause: undefined };
  }
  const code: unknown = (error as { code?: unknown }).code;
  return {
    name: error.name,
    code: typeof code === 'string' ? code : undefined,
    message: error.name === 'AppError' ? error.message : withoutValues(error.message),
    frames: framesOf(error),
    cause: error.cause === undefined || depth >= 3 ? undefined : describeError(error.cause, depth + 1),
  };
}

const withoutValues = (message: string): string =>
  message
    .replace(/"(?:[^"\\]|\\.)*"|'[^']*'|`[^`]*`/g, '"…"')
    .replace(/[\p{Script=Han}·]+/gu, '…')
    .replace(/\d{5,}/g, '…')
    .slice(0, 300);

const framesOf = (error: Error): string[] =>
  (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 8)
    .map((line) => line.trim());

export interface LogOptions {
  readonly level: LogLevel;
  /** Standard output when not given. */
  readonly out?: { write(line: string): unknown };
}

export function createLog({ level, out = process.stdout }: LogOptions): Log {
  const destination: DestinationStream = { write: (line) => void out.write(maskPersonal(line)) };
  return restricted(
    pino(
      {
        level,
        base: { pid: process.pid },
        timestamp: () => `,"time":"${new Date().toISOString()}"`,
        formatters: { level: (label) => ({ level: label }) },
      },
      destination,
    ),
  );
}

const restricted = (logger: Logger): Log => ({
  debug: (fields, message) => logger.debug(onlyAllowed(fields), message),
  info: (fields, message) => logger.info(onlyAllowed(fields), message),
  warn: (fields, message) => logger.warn(onlyAllowed(fields), message),
  error: (fields, message) => logger.error(onlyAllowed(fields), message),
  child: (fields) => restricted(logger.child(onlyAllowed(fields))),
});

/** For tests and commands that say everything on their own. */
export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
};
