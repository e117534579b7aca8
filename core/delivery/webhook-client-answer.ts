/** What is kept of an endpoint's answer. */
import { maskPersonal } from '../platform/log.ts';

export const EXCERPT_BYTES = 1_024;

/**
 * At most the first 1 kB, as text that PostgreSQL can store, with whatever looks like a citizen ID or a telephone number
 * masked: some systems answer with what they were sent, or with their own record. The rest is never read. An answer that
 * breaks off or never ends gives what has come by then; its status stands.
 */
export async function readExcerpt(body: NodeJS.ReadableStream & { destroy(): unknown }): Promise<string> {
  // Dropping the rest is reported as an error of the stream, when nobody is reading any more.
  body.on('error', () => undefined);
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const part of body as AsyncIterable<Buffer>) {
      parts.push(part);
      size += part.length;
      if (size >= EXCERPT_BYTES) break;
    }
  } catch {
    // Broken off, or cut off by the caller's time limit.
  }
  body.destroy();
  // `stream` keeps back a character that the limit cuts in two.
  const text = new TextDecoder().decode(Buffer.concat(parts).subarray(0, EXCERPT_BYTES), { stream: true });

  return maskPersonal(text.replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '\ufffd'));
}

/** `Retry-After` (RFC 9110 10.2.3) in seconds or as a date, in milliseconds from `now`; null when absent or unreadable. */
export function parseRetryAfter(value: string | string[] | undefined, now: Date): number | null {
  if (typeof value !== 'string') return null;
  const text = value.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  // Three ways to write a date (5.6.7); the last one has no zone and is GMT all the same.
  const isDate = /^[A-Z][a-z]+, .+ GMT$/.test(text);
  const isOldDate = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/.test(text);
  const at = isDate ? Date.parse(text) : isOldDate ? Date.parse(`${text} GMT`) : NaN;
  return Number.isNaN(at) ? null : Math.max(0, at - now.getTime());
}
