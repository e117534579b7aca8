/** A dispute as it is reported at the desk or by a department's system, made whole. */
import type { OpenDispute } from './open-dispute.ts';
import type { PartyRole } from './party-role.ts';

type Maybe<T> = T | null | undefined;

/** As the API's `OpenDisputeInput`; organisations are ids. */
export interface DisputeReport {
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
  readonly occurredAt?: Maybe<Date>;
  readonly missingDocuments?: Maybe<readonly string[]>;
  readonly allowDuplicate?: Maybe<boolean>;
}

export function toOpenDispute(report: DisputeReport): OpenDispute {
  const { title, description, category, channel } = report;
  return {
    ...{ title, description, category, channel },
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
    accusedIds: report.accused ?? [],
    occurredAt: report.occurredAt ?? null,
    missingDocuments: report.missingDocuments ?? [],
    allowDuplicate: report.allowDuplicate ?? false,
  };
}
