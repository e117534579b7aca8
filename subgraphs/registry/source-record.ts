import { hasRole } from '../../core/access/caller.ts';
import { openKey } from '../../core/people/index-row.ts';
import type { DisputeParent, PersonParent, RegistryContext, SourceRecordParent } from './loaders.ts';
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

export async function disputeRecords(context: RegistryContext, dispute: DisputeParent): Promise<SourceRecordParent[]> {
  const records = await context.disputeRecords.load(dispute.id);
  return shown(
    context,
    records
      .filter(({ withheld }) => !withheld)
      .map((record) => ({
        ...record,
        matchedBy:
          record.rule === 'FOUNDING'
            ? ('SINGLE' as const)
            : record.rule === 'HUMAN'
              ? ('HUMAN' as const)
              : ('CITIZEN_ID' as const),
        score: null,
        joinedAt: record.linkedAt,
      })),
  );
}
