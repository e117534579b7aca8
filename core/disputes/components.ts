import type { LinkableRecord, Reference } from './linkable-record.ts';

/** Records that hang together by references between them, whatever the order of either. */
export function components(records: readonly LinkableRecord[], references: readonly Reference[]): LinkableRecord[][] {
  const known = new Map(records.map((record) => [record.id, record]));
  const near = new Map<string, string[]>();
  for (const { a, b } of references) {
    near.set(a, [...(near.get(a) ?? []), b]);
    near.set(b, [...(near.get(b) ?? []), a]);
  }
  const seen = new Set<string>();
  return records.flatMap((first) => {
    const waiting = [first.id];
    const found: LinkableRecord[] = [];
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      const record = known.get(id);
      if (!record || seen.has(id)) continue;
      seen.add(id);
      found.push(record);
      waiting.push(...(near.get(id) ?? []));
    }
    return found.length > 0 ? [found] : [];
  });
}
