import { hasRole } from '../../core/access/caller.ts';
import { openKey } from '../../core/people/index-row.ts';
import type { DisputeParent, PersonParent, MatchRule, RegistryContext, SourceRecordParent } from './loaders.ts';
import type { SourceRecordResolvers } from './resolver-types.generated.ts';

export const SourceRecord: SourceRecordResolvers = {
  key: (record, _, { caller, deps }) =>
    record.own || hasRole(caller, 'centre.supervisor', 'auditor')
      ? openKey(deps.keyring, record.recordId, record.keyCipher)
      : null,
};

const byRecord = <T extends SourceRecordParent>(records: readonly T[]): T[] => [
  ...new Map(records.map((record) => [record.recordId, record])).values(),
];

/** That a department has a record is that department's to tell: without a basis for it the record is absent. */
async function shown<T extends SourceRecordParent>(context: RegistryContext, records: readonly T[]): Promise<T[]> {
  const { fields } = await context.basis();
  return byRecord(records).filter(({ source, own }) => own || source === 'CENTRE' || fields.source(source).allowed);
}

export function personRecords(context: RegistryContext, person: PersonParent): Promise<SourceRecordParent[]> {
  context.disclosures.note(person.id, 'records', person.link);
  return shown(context, person.mentions);
}

/** How a record came to its dispute, in the API's words; what a later version writes shows as decided by a human. */
const RULES: Readonly<Record<string, MatchRule>> = { FOUNDING: 'SINGLE', CROSS_REFERENCE: 'CROSS_REFERENCE' };

export async function disputeRecords(context: RegistryContext, dispute: DisputeParent): Promise<SourceRecordParent[]> {
  const records = await context.disputeRecords.load(dispute.id);
  return shown(
    context,
    records
      .filter(({ withheld }) => !withheld)
      .map((record) => ({
        ...record,
        matchedBy: RULES[record.rule] ?? 'HUMAN',
        score: null,
        joinedAt: record.linkedAt,
      })),
  );
}
