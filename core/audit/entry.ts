/**
 * The bytes of an entry: RFC 8785, made when it is appended. Its leaf is therefore known before its place in the tree, and
 * what comes after it can name it.
 */
import type { Actor } from './actor.ts';
import type { Commitment } from './log/commitment.ts';
import { canonicalJson, type Json } from './log/canonical.ts';
import { leafHash, type Hash } from './log/tree.ts';

export interface AuditEntry {
  /** `dispute.opened`, `record.linked`, `person.joined` … */
  readonly kind: string;
  /** Id of what it is about. Of a person only a commitment may go in: see `committed` and `about`. */
  readonly subject: string;
  /** Null when the software acted by itself. */
  readonly actor: Actor | null;
  readonly at: Date;
  /** Ids, versions, rules. No words of anybody's, and nobody's data. */
  readonly body: Readonly<Record<string, unknown>>;
  /** What can be opened only as long as the key of whom it is about is there; goes into the body under its name. */
  readonly committed?: Readonly<Record<string, Commitment>>;
  /** More ids under which auditors find it. They stand beside the log, not in it. */
  readonly about?: readonly string[];
}

/** A bundle of the log gives two bytes to the length of an entry (C2SP tlog-tiles). */
const MOST_BYTES = 65_535;

const text = ({ kind, subject, actor, at, body, committed }: AuditEntry): string =>
  canonicalJson({
    at: at.toISOString(),
    kind,
    subject,
    actor: actor && { subject: actor.subject, role: actor.roles.join(' '), organisation: actor.organisation.id },
    body: { ...(JSON.parse(JSON.stringify(body)) as Record<string, Json>), ...committed },
  });

export function entryBytes(entry: AuditEntry): Buffer {
  const bytes = Buffer.from(text(entry), 'utf8');
  if (bytes.length > MOST_BYTES) throw new RangeError(`An entry of kind ${entry.kind} has ${bytes.length} bytes.`);
  return bytes;
}

/** The hash under which the log will have it. */
export const entryLeaf = (bytes: Buffer): Hash => leafHash(bytes);
