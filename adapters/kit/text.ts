/** What old systems write, made plain. Pure functions; each says what becomes of what it cannot read. */

/** What such systems write for "nothing". */
const NOTHING = new Set([
  '',
  'NULL',
  'null',
  '无',
  '不详',
  '未知',
  '不明',
  '暂无',
  '空',
  '/',
  '\\',
  '-',
  '--',
  '—',
  'N/A',
  '*',
]);

const LONGEST_NOTHING = Math.max(...[...NOTHING].map((word) => word.length));
/** Two together, or one that is not a plain space. */
const ODD_SPACE = /[\s　]{2}|[^\S ]/;

/** Full-width letters, digits and punctuation to their ASCII forms, the ideographic space to a space. */
export const foldWidth = (text: string): string =>
  // Nearly no text has any: looking is cheaper than replacing, and reading in does it millions of times.
  WIDE.test(text)
    ? text.replace(/[！-～　]/g, (character) =>
        character === '　' ? ' ' : String.fromCharCode(character.charCodeAt(0) - 0xfee0),
      )
    : text;
const WIDE = /[！-～　]/;

/** Trimmed, one space at most between words; null when it says nothing. Width is kept: names and printed numbers are as printed. */
export function cleanText(text: string | null | undefined): string | null {
  if (text === null || text === undefined) return null;
  const trimmed = ODD_SPACE.test(text) ? text.replace(/[\s　]+/g, ' ').trim() : text.trim();
  if (trimmed.length > LONGEST_NOTHING) return trimmed;
  return NOTHING.has(trimmed) || NOTHING.has(foldWidth(trimmed)) ? null : trimmed;
}

/** For numbers and codes: folded, upper-cased, without any space. */
export function cleanCode(text: string | null | undefined): string | null {
  const cleaned = cleanText(text);
  return cleaned === null ? null : foldWidth(cleaned).replace(/\s+/g, '').toUpperCase();
}

/** Folded, without spaces, hyphens and China's own prefix. */
export function cleanPhone(text: string | null | undefined): string | null {
  const code = cleanCode(text);
  if (code === null) return null;
  const digits = code.replace(/[-()]/g, '').replace(/^(\+86|0086)/, '');
  return digits === '' ? null : digits;
}

const WRITTEN =
  /^(\d{4})\s*[年\-/.]\s*(\d{1,2})\s*[月\-/.]\s*(\d{1,2})\s*日?(?:[\sT]*(\d{1,2})\s*[:时点]\s*(\d{1,2})\s*[:分]?(?:\s*(\d{1,2})(?:\.(\d{1,6}))?\s*秒?)?)?$/;
const COMPACT = /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2}))?$/;
const OFFSET = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})$/;

// Since 1949 China keeps one time. Its summer times of 1986–1991 are ignored: old systems recorded without them.
const SHANGHAI_MS = 8 * 60 * 60 * 1_000;

/** Milliseconds since the epoch as a wall clock in Shanghai would be read if it were UTC; null when there is no such time. */
function wallTime(text: string): number | null {
  const folded = foldWidth(text).trim();
  const parts = WRITTEN.exec(folded) ?? COMPACT.exec(folded);
  if (parts === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
    .slice(1, 7)
    .map((part: string | undefined) => Number(part ?? 0));
  const milli = Number((parts[7] ?? '').padEnd(3, '0').slice(0, 3));
  if (hour > 23 || minute > 59 || second > 59) return null;
  const at = Date.UTC(year, month - 1, day, hour, minute, second, milli);
  const back = new Date(at);
  // 2026年2月30日 rolls over into March: there is no such day.
  return back.getUTCMonth() === month - 1 && back.getUTCDate() === day ? at : null;
}

/** `2026年3月1日`, `2026-03-01`, `20260301`, with or without a time → YYYY-MM-DD; null when it is none of these. */
export function toDay(text: string): string | null {
  const at = wallTime(text);
  return at === null ? null : new Date(at).toISOString().slice(0, 10);
}

/** The same, read as time in Shanghai (a bare day is its midnight there) → RFC 3339 in UTC; null when it is none of these. */
export function toInstant(text: string): string | null {
  const trimmed = text.trim();
  if (OFFSET.test(trimmed)) {
    const at = new Date(trimmed);
    return Number.isNaN(at.getTime()) ? null : at.toISOString();
  }
  const at = wallTime(trimmed);
  return at === null ? null : new Date(at - SHANGHAI_MS).toISOString();
}
