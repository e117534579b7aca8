/**
 * What was done and what was seen, written in the same transaction as the thing itself: if it cannot be written down,
 * it does not happen. Entries name rows, never people's data. The sequencer gives each its place in the log (sequencer.ts).
 */
import { entryBytes, type AuditEntry } from './entry.ts';
import type { Queryable } from '../platform/db.ts';

export type { AuditEntry } from './entry.ts';

/** Writes entries down; `parameter` holds what `entryRows` makes of them. For who writes them within a larger statement. */
export const appendEntries = (parameter: string): string => `
insert into audit_entry (at, kind, actor_subject, actor_role, organisation_id, subject, about, bytes)
select at, kind, actor_subject, actor_role, organisation_id, subject, about, decode(bytes, 'base64')
from jsonb_to_recordset(${parameter}::jsonb)
  as e(at timestamptz, kind text, actor_subject text, actor_role text, organisation_id text, subject text, about text[], bytes text)`;

/** An index of PostgreSQL takes 2,704 bytes. */
const MOST_INDEXED = 1_000;

/** Refused here, with what it belongs to: the sequencer could not place it, and everything after it would wait for ever. */
function assertIndexable({ kind, subject, actor, about = [] }: AuditEntry): void {
  for (const indexed of [kind, subject, actor?.subject ?? '', actor?.organisation.id ?? '', ...about])
    if (Buffer.byteLength(indexed) > MOST_INDEXED)
      throw new RangeError(`An entry is found by something that is too long: ${Buffer.byteLength(indexed)} bytes.`);
}

/** `bytes`: for who has made them already. */
export function entryRows(entries: readonly AuditEntry[], bytes: readonly Buffer[] = entries.map(entryBytes)): string {
  entries.forEach(assertIndexable);
  return JSON.stringify(
    entries.map((entry, index) => ({
      at: entry.at.toISOString(),
      kind: entry.kind,
      actor_subject: entry.actor?.subject ?? null,
      actor_role: entry.actor?.roles.join(' ') ?? 'system',
      organisation_id: entry.actor?.organisation.id ?? null,
      subject: entry.subject,
      about: entry.about ?? [],
      bytes: bytes[index]?.toString('base64'),
    })),
  );
}

const APPEND = appendEntries('$1');

export const audit = {
  async append(q: Queryable, ...entries: readonly AuditEntry[]): Promise<void> {
    if (entries.length > 0) await q.query(APPEND, [entryRows(entries)]);
  },
};
