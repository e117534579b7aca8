/** Joins and partings in the audit log: one entry for all of a page, with a digest of what `joining` says of them. */
import { createHash } from 'node:crypto';
import type { AuditEntry } from '../audit/audit.ts';
import { canonicalJson, type Json } from '../audit/log/canonical.ts';
import { newId } from '../platform/id.ts';

/** As its row in `joining` has it. */
export interface Joining {
  readonly mentionId: string;
  readonly from: string | null;
  readonly to: string;
  readonly rule: string;
  readonly evidence: object;
  /** `rule:…`, `score:` and the version of the weights, or `review:` and its id: whose word that was is an entry of its own. */
  readonly decidedBy: string;
}

export const newJoiningEntry = (now: Date): string => newId('joi', now);

/** SHA-256, base64, over the canonical JSON of the list in the order of its rows, without who decided: `rule` says that. */
export const digestOf = (joinings: readonly Joining[]): string =>
  createHash('sha256')
    .update(canonicalJson(joinings.map(({ decidedBy: _, ...row }) => row) as unknown as Json))
    .digest('base64');

/** `about`: ids of persons who were one and are two now, or the other way round. */
export const toJoiningEntry = (
  now: Date,
  {
    entry,
    joinings,
    about,
  }: {
    readonly entry: string;
    readonly joinings: readonly Joining[];
    readonly about: readonly string[];
  },
): AuditEntry => ({
  ...{ kind: 'people.joined', subject: entry, actor: null, at: now },
  body: {
    decidedBy: [...new Set(joinings.map(({ decidedBy }) => decidedBy))].sort().join(' '),
    count: joinings.length,
    digest: digestOf(joinings),
  },
  about: [...new Set(about)],
});
