/** A dispute that a department's system reports: as at the desk, with the same barriers, but nobody is there to be asked. */
import { loadBases } from '../access/agreement.ts';
import type { Caller } from '../access/caller.ts';
import { decideFields } from '../access/field-groups.ts';
import { loadTellingMentions } from '../access/visible-dispute.ts';
import { audit } from '../audit/audit.ts';
import { writeDisclosures } from '../audit/disclosure.ts';
import { createDataKeys } from '../platform/data-keys.ts';
import { makeDisclosureMonth } from '../audit/disclosure-month.ts';
import { legalDay, type Clock } from '../platform/clock.ts';
import type { Tx } from '../platform/db.ts';
import type { Keyring } from '../platform/keyring.ts';
import { toOpenDispute, type DisputeReport } from './dispute-report.ts';
import { openDispute } from './open-dispute.ts';

/** As `DisputeReport`, with the time as it was written. */
export type OutsideReport = Omit<DisputeReport, 'occurredAt'> & { readonly occurredAt?: string | null | undefined };

export type OpenedFromOutside =
  | { readonly status: 'OPENED'; readonly disputeId: string }
  | { readonly status: 'DUPLICATES'; readonly disputeIds: readonly string[] };

export type OpenFromOutside = (tx: Tx, caller: Caller, report: OutsideReport) => Promise<OpenedFromOutside>;

/**
 * In the caller's transaction; the caller has a purpose. Throws BAD_USER_INPUT, and ROUTING_FORBIDDEN for an accusation against
 * the caller's own organisation or one above it, which the caller of this writes down: its transaction is not to be kept.
 */
export const createOpenFromOutside =
  ({ keyring, clock }: { readonly keyring: Keyring; readonly clock: Clock }): OpenFromOutside =>
  async (tx, caller, report) => {
    const { occurredAt } = report;
    const asked = toOpenDispute({ ...report, occurredAt: occurredAt == null ? null : new Date(occurredAt) });
    const { organisation, subject, purpose } = caller;
    const now = clock.business();
    const { sources } = decideFields(caller, (await loadBases(tx)).agreements, legalDay(now));
    const desk = { keyring, now, organisationId: organisation.id, subject };
    const opened = await openDispute(tx, desk, asked, (ids) => loadTellingMentions(tx, caller, ids, sources));
    if (opened.status === 'DUPLICATES') {
      // Whoever names a party is told what else it is a party to: somebody has been looked up.
      const at = clock.wall();
      const unseen = { recordId: null, disputeId: null, referralId: null };
      const shown = opened.personIds.map((personId) => ({
        ...{ ...unseen, personId, fieldGroups: ['search'], link: 'DISPUTE' as const },
      }));
      await makeDisclosureMonth(tx, at);
      const keys = await createDataKeys(keyring).obtain(tx, opened.personIds);
      await writeDisclosures(tx, { keyring, keys }, [{ reader: caller, at, shown, lookedUp: [] }]);
      return { status: 'DUPLICATES', disputeIds: opened.disputeIds };
    }
    const { disputeId, version } = opened;
    await audit.append(tx, {
      kind: 'dispute.opened',
      subject: disputeId,
      actor: caller,
      at: clock.wall(),
      body: { version, category: asked.category, channel: asked.channel, purpose },
    });
    return { status: 'OPENED', disputeId };
  };
