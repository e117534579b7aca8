/**
 * Each event as an entry of the audit log. It names the leaf of the event before it, so that of a referral none can be left out,
 * put in or moved; the export of a chain says which is the last (export-chain.ts).
 */
import type { Actor } from '../audit/actor.ts';
import { entryBytes, entryLeaf, type AuditEntry } from '../audit/entry.ts';
import { commit, type Opening } from '../audit/log/commitment.ts';
import type { Json } from '../audit/log/canonical.ts';
import type { Hash } from '../audit/log/tree.ts';
import type { Keyring } from '../platform/keyring.ts';
import { macOwned, type KeyHolder } from '../platform/owned.ts';
import { TOLD_TO_SOME, type EventWords, type ReferralEvent } from './event.ts';

export type NamedEvent = ReferralEvent & { readonly id: string };

export interface LogContext {
  readonly keyring: Keyring;
  readonly referralId: string;
  /** The key of its words. */
  readonly wrapped: Buffer | null;
  readonly disputeId: string;
  readonly actor: Actor | null;
  readonly at: Date;
  /** The responsible organisation after each event. */
  readonly responsibleAfter: (event: ReferralEvent) => string | null;
}

export interface LoggedEvents {
  readonly entries: readonly AuditEntry[];
  readonly bytes: readonly Buffer[];
  /** Of the last event. */
  readonly leaf: Hash | null;
}

/** What opens the commitment to an event's words. `what`: its body, where the entry does not have it in clear (`TOLD_TO_SOME`). */
export const wordsOpening = (
  keyring: Keyring,
  holder: KeyHolder,
  { id, words, what }: { readonly id: string; readonly words: EventWords; readonly what?: object | undefined },
): Opening => ({
  salt: macOwned(keyring, 'audit.salt', holder, id, 'words').toString('base64'),
  value: { ...words, ...(what && { what }) } as Json,
});

function committedOf({ keyring, referralId, wrapped }: LogContext, { id, type, words, body }: NamedEvent) {
  const what = TOLD_TO_SOME.has(type) ? body : undefined;
  if (!words && !what) return {};
  const holder = { owner: referralId, wrapped };
  return { committed: { words: commit(wordsOpening(keyring, holder, { id, words: words ?? {}, what })) } };
}

const entryOf = (context: LogContext, event: NamedEvent, previous: Hash | null): AuditEntry => ({
  kind: `referral.${event.type.toLowerCase()}`,
  subject: context.referralId,
  actor: context.actor,
  at: context.at,
  body: {
    ...{ event: event.id, sequence: event.sequence, type: event.type, at: event.at, version: event.version },
    ...{ step: event.step, responsible: context.responsibleAfter(event), dispute: context.disputeId },
    what: TOLD_TO_SOME.has(event.type) ? null : event.body,
    previous: previous && previous.toString('base64'),
  },
  ...committedOf(context, event),
  about: [context.disputeId],
});

/** `leaf`: of the event before the first of these; null when there is none. */
export function logEvents(context: LogContext, events: readonly NamedEvent[], leaf: Hash | null): LoggedEvents {
  const entries: AuditEntry[] = [];
  const bytes: Buffer[] = [];
  let last = leaf;
  for (const event of events) {
    const entry = entryOf(context, event, last);
    const written = entryBytes(entry);
    entries.push(entry);
    bytes.push(written);
    last = entryLeaf(written);
  }
  return { entries, bytes, leaf: last };
}
