/** Parsing at the door: what does not fit becomes a WireFault that names the field, and never its value. */
import { z } from 'zod';
import type { SourceCode } from '../../core/department.ts';
import { cleanCode, cleanPhone, cleanText, toDay, toInstant } from './text.ts';
import { wireFault } from './wire-fault.ts';
import type { WireFault } from './wire-fault.ts';

export type Parsed<T> = { readonly value: T } | { readonly fault: WireFault };

/** Names of fields and positions; anything else in a path may be a person's data used as a key. */
const fieldPath = (path: readonly PropertyKey[]): string =>
  path
    .map((part) =>
      typeof part === 'number'
        ? `[${part}]`
        : /^[\p{L}_@#$][\p{L}\p{N}_.:-]{0,39}$/u.test(String(part))
          ? String(part)
          : '?',
    )
    .join('.')
    .replaceAll('.[', '[') || '(reply)';

export function tryParse<S extends z.ZodType>(source: SourceCode, schema: S, value: unknown): Parsed<z.output<S>> {
  const result = schema.safeParse(value);
  if (result.success) return { value: result.data };
  // Without the ZodError as cause: its messages may quote what was sent.
  return { fault: wireFault(source, 'unparsable', { field: fieldPath(result.error.issues[0]?.path ?? []) }) };
}

export function parseWire<S extends z.ZodType>(source: SourceCode, schema: S, value: unknown): z.output<S> {
  const parsed = tryParse(source, schema, value);
  if ('fault' in parsed) throw parsed.fault;
  return parsed.value;
}

const written = z.union([z.string(), z.number(), z.boolean()]).transform(String).nullish();
const unreadable = (ctx: { addIssue(issue: string): void }): never => {
  ctx.addIssue('not readable');
  return z.NEVER;
};

/** Pieces for wire schemas. `text`, `code`, `phone`, `day`, `instant` give null for nothing; `the…` ones insist on something. */
export const text = written.transform(cleanText);
export const code = written.transform(cleanCode);
export const phone = written.transform(cleanPhone);
export const theText = written.transform((value, ctx) => cleanText(value) ?? unreadable(ctx));
export const theCode = written.transform((value, ctx) => cleanCode(value) ?? unreadable(ctx));
export const instant = written.transform((value, ctx) => {
  const cleaned = cleanText(value);
  return cleaned === null ? null : (toInstant(cleaned) ?? unreadable(ctx));
});
export const theInstant = written.transform((value, ctx) => toInstant(cleanText(value) ?? '') ?? unreadable(ctx));
export const day = written.transform((value, ctx) => {
  const cleaned = cleanText(value);
  return cleaned === null ? null : (toDay(cleaned) ?? unreadable(ctx));
});
/** A birth date that is no day at all is as good as none: it must not cost the record. */
export const birthDay = written.transform((value) => {
  const cleaned = cleanText(value);
  return cleaned === null ? null : toDay(cleaned);
});
export const theCount = z.coerce.number().int().nonnegative();
/** One of a department's own code table; an unknown code does not parse. */
export const coded = <T>(table: Readonly<Record<string, T>>) =>
  written.transform((value, ctx): T => {
    const cleaned = cleanCode(value);
    return cleaned !== null && Object.hasOwn(table, cleaned) ? (table[cleaned] as T) : unreadable(ctx);
  });
/** The same, null for nothing. */
export const codedOrNull = <T>(table: Readonly<Record<string, T>>) =>
  written.transform((value, ctx): T | null => {
    const cleaned = cleanCode(value);
    if (cleaned === null) return null;
    return Object.hasOwn(table, cleaned) ? (table[cleaned] as T) : unreadable(ctx);
  });
