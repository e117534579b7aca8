/**
 * What was done and what was seen, written in the same transaction as the thing itself: if it cannot be written down,
 * it does not happen. Entries name rows, never people's data.
 */
import type { Actor } from './actor.ts';
import type { Queryable } from '../platform/db.ts';

export interface AuditEntry {
  /** `dispute.opened`, `record.linked`, `person.joined` … */
  readonly kind: string;
  /** Id of what it is about. */
  readonly subject: string;
  /** Null when the software acted by itself. */
  readonly actor: Actor | null;
  readonly at: Date;
  /** Ids, versions, rules, reasons. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Writes entries down; `parameter` holds what `rowsOf` makes of them. For who writes them within a larger statement. */
export const appendEntries = (parameter: string): string => `
insert into audit_entry (at, kind, actor_subject, actor_role, organisation_id, subject, body)
select * from jsonb_to_recordset(${parameter}::jsonb)
  as e(at timestamptz, kind text, actor_subject text, actor_role text, organisation_id text, subject text, body jsonb)`;

export const entryRows = (entries: readonly AuditEntry[]): string =>
  JSON.stringify(
    entries.map((entry) => ({
      at: entry.at.toISOString(),
      kind: entry.kind,
      actor_subject: entry.actor?.subject ?? null,
      actor_role: entry.actor?.roles.join(' ') ?? 'system',
      organisation_id: entry.actor?.organisation.id ?? null,
      subject: entry.subject,
      body: entry.body,
    })),
  );

const APPEND = appendEntries('$1');

export const audit = {
  async append(tx: Queryable, ...entries: readonly AuditEntry[]): Promise<void> {
    if (entries.length > 0) await tx.query(APPEND, [entryRows(entries)]);
  },
};
