/** Grants for departments: what of theirs this caller may be shown, for one person, one dispute or one record. */
import { issueGrant, type GrantedRecord } from '../../core/access/grant.ts';
import { openKey } from '../../core/people/index-row.ts';
import type { DisputeParent, PersonParent, RegistryContext } from './loaders.ts';

/** More than anybody pages through, little enough to travel. */
const MAX_RECORDS = 1_000;

interface Grantable {
  readonly recordId: string;
  readonly source: string;
  readonly keyCipher: Buffer;
  readonly at: Date;
  readonly marks: number;
  readonly own: boolean;
}

async function toGranted(context: RegistryContext, record: Grantable, key: string): Promise<GrantedRecord> {
  return {
    id: record.recordId,
    key,
    at: record.at.toISOString(),
    marks: record.marks,
    own: record.own,
    people: (await context.people.load(record.recordId)).known,
  };
}

interface GrantInput {
  readonly source: string;
  /** Newest first; one record may stand there several times. */
  readonly records: readonly Grantable[];
  readonly withheld: number;
  /** Its records are going to be read. */
  readonly ahead: boolean;
}

async function grant(context: RegistryContext, input: GrantInput): Promise<string> {
  const { fields, indexedAt } = await context.basis();
  const basis = fields.contents(input.source);
  const distinct = new Map(input.records.map((record) => [record.recordId, record]));
  const granted = (basis.allowed ? [...distinct.values()].slice(0, MAX_RECORDS) : []).map((record) => ({
    record,
    key: openKey(context.deps.keyring, record.recordId, record.keyCipher),
  }));
  // Before anything else is waited for: the department is what takes longest.
  if (input.ahead)
    context.ahead.expect(
      input.source,
      granted.map(({ key }) => key),
    );
  const records = await Promise.all(granted.map(({ record, key }) => toGranted(context, record, key)));
  return issueGrant(context.deps, input.source, context.caller, {
    records,
    withheld: basis.allowed ? input.withheld : 0,
    refused: basis.allowed ? null : basis.because,
    indexedAt: indexedAt.get(input.source) ?? null,
  });
}

export const personGrant = (context: RegistryContext, person: PersonParent, source: string): Promise<string> =>
  grant(context, {
    ahead: true,
    source,
    records: person.mentions.filter((mention) => mention.source === source),
    withheld: person.withheld.get(source) ?? 0,
  });

export async function disputeGrant(context: RegistryContext, dispute: DisputeParent, source: string): Promise<string> {
  const records = (await context.disputeRecords.load(dispute.id)).filter((record) => record.source === source);
  return grant(context, {
    source,
    records: records.filter((record) => !record.withheld),
    withheld: records.filter((record) => record.withheld).length,
    ahead: false,
  });
}

export const recordGrant = (context: RegistryContext, record: Grantable): Promise<string> =>
  grant(context, { source: record.source, records: [record], withheld: 0, ahead: false });
