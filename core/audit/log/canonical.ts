/**
 * RFC 8785: the one way in which a JSON value is written, so that equal values have equal hashes. JavaScript writes numbers and
 * strings as the RFC asks; what remains is the order of keys, by UTF-16 units, which is that of `sort`.
 */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

function text(value: string): string {
  if (LONE_SURROGATE.test(value)) throw new TypeError('A text with half a character has no canonical form.');
  return JSON.stringify(value);
}

/** Properties that are undefined are left out, as JSON.stringify leaves them out. */
export function canonicalJson(value: Json): string {
  if (typeof value === 'string') return text(value);
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`${value} is no number of JSON.`);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(canonicalJson).join(',')}]`;
  const object = value as { readonly [key: string]: Json | undefined };
  let members = '';
  for (const key of Object.keys(object).sort()) {
    const member = object[key];
    if (member !== undefined) members += `${members === '' ? '' : ','}${text(key)}:${canonicalJson(member)}`;
  }
  return `{${members}}`;
}
