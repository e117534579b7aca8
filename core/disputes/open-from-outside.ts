/** A dispute that a department's system reports: as at the desk, with the same barriers, but nobody is there to be asked. */
import { loadBases } from '../access/agreement.ts';
import type { Caller } from '../access/caller.ts';
import { decideFields } from '../access/field-groups.ts';
import { loadDisputesOfRecords } from '../access/visible-dispute.ts';
import { audit } from '../audit/audit.ts';
import { createDisclosures } from '../audit/disclosure.ts';
import { legalDay, type Clock } from '../platform/clock.ts';
import type { Tx } from '../platform/db.ts';
import { AppError, badInput } from '../platform/errors.ts';
import type { Keyring } from '../platform/keyring.ts';
import { openDispute, type OpenDispute } from './open-dispute.ts';
import type { PartyRole } from './party-role.ts';

type Maybe<T> = T | null | undefined;

/** As the API's `OpenDisputeInput`; organisations are ids. */
export interface OutsideReport {
  readonly title: string;
  readonly description: string;
  readonly category: string;
  readonly channel: string;
  readonly urgency?: Maybe<OpenDispute['urgency']>;
  readonly place: string;
  readonly address?: Maybe<string>;
  readonly parties: readonly {
    readonly name: string;
    readonly role: PartyRole;
    readonly citizenId?: Maybe<string>;
    readonly phone?: Maybe<string>;
    readonly organisation?: Maybe<string>;
  }[];
  readonly petitionPurpose?: Maybe<string>;
  readonly accused?: Maybe<readonly string[]>;
  readonly occurredAt?: Maybe<string>;
  readonly missingDocuments?: Maybe<readonly string[]>;
  readonly allowDuplicate?: Maybe<boolean>;
}

export type OpenedFromOutside =
  | { readonly status: 'OPENED'; readonly disputeId: string }
  | { readonly status: 'DUPLICATES'; readonly disputeIds: readonly string[] };

export type OpenFromOutside = (tx: Tx, caller: Caller, report: OutsideReport) => Promise<OpenedFromOutside>;

function toOpenDispute(report: OutsideReport): OpenDispute {
  const accusedIds = report.accused ?? [];
  const accuses = report.petitionPurpose === 'ACCUSATION';
  if (accuses && accusedIds.length === 0) throw badInput('input.accused', 'Say whom the accusation is against.');
  if (!accuses && accusedIds.length > 0)
    throw badInput('input.accused', '`accused` goes with the petition purpose ACCUSATION only.');
  const { title, description, category, channel } = report;
  return {
    ...{ title, description, category, channel, accusedIds },
    urgency: report.urgency ?? 'ROUTINE',
    placeId: report.place,
    address: report.address ?? null,
    parties: report.parties.map(({ name, role, citizenId, phone, organisation }) => ({
      ...{ name, role },
      citizenId: citizenId ?? null,
      phone: phone ?? null,
      organisationId: organisation ?? null,
    })),
    petitionPurpose: report.petitionPurpose ?? null,
    occurredAt: report.occurredAt == null ? null : new Date(report.occurredAt),
    missingDocuments: report.missingDocuments ?? [],
    allowDuplicate: report.allowDuplicate ?? false,
  };
}

/**
 * In the caller's transaction; the caller has a purpose. Throws BAD_USER_INPUT, and ROUTING_FORBIDDEN for an accusation against
 * the caller's own organisation or one above it, which the caller of this writes down: its transaction is not to be kept.
 */
export const createOpenFromOutside =
  ({ keyring, clock }: { readonly keyring: Keyring; readonly clock: Clock }): OpenFromOutside =>
  async (tx, caller, report) => {
    const asked = toOpenDispute(report);
    const { organisation, subject, purpose } = caller;
    // 信访工作条例 30: it does not pass through the hands of those it is against, nor of those under them.
    if (asked.accusedIds?.some((id) => organisation.selfAndAbove.includes(id)))
      throw new AppError(
        'ROUTING_FORBIDDEN',
        'An accusation against your own organisation, or one above it, is taken by discipline inspection or the petition bureau.',
      );
    const now = clock.business();
    const { sources } = decideFields(caller, (await loadBases(tx)).agreements, legalDay(now));
    const desk = { keyring, now, organisationId: organisation.id, subject };
    const opened = await openDispute(
      tx,
      desk,
      asked,
      async (ids) => new Set((await loadDisputesOfRecords(tx, caller, ids, sources)).keys()),
    );
    if (opened.status === 'DUPLICATES') {
      // Whoever names a party is told what else it is a party to: somebody has been looked up.
      const disclosures = createDisclosures(tx, caller, () => clock.wall());
      for (const id of opened.personIds) disclosures.note(id, 'search', 'DISPUTE');
      await disclosures.write();
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
