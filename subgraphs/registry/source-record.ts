import { openKey } from '../../core/people/index-row.ts';
import { joinedAmong } from '../../core/people/joined-among.ts';
import { usableCitizenId } from '../../core/people/normal-form.ts';
import { contentOf } from './content.ts';
import type { DisputeParent, PersonParent, MatchRule, RegistryContext, SourceRecordParent } from './loaders.ts';
import type { SourceRecordResolvers } from './resolver-types.generated.ts';

export const SourceRecord: SourceRecordResolvers = {
  key: async (record, _, context) =>
    (await context.basis()).fields.key(record.own)
      ? openKey(context.deps.keyring, record.recordId, record.keyCipher)
      : null,
};

/** A record with several mentions of the person is one record. */
const byRecord = <T extends SourceRecordParent>(records: readonly T[]): T[] => [
  ...new Map(records.map((record) => [record.recordId, record])).values(),
];

export function personRecords({ mentions }: PersonParent, context: RegistryContext): SourceRecordParent[] {
  const reasons = joinedAmong(mentions, (mention) => usableCitizenId(contentOf(mention, context).citizenId));
  return byRecord(mentions.map((mention, index) => ({ ...mention, ...reasons[index] })));
}

/** How a record came to its dispute, in the API's words; what a later version writes shows as decided by a human. */
const RULES: Readonly<Record<string, MatchRule>> = {
  ...{ FOUNDING: 'SINGLE', CROSS_REFERENCE: 'CROSS_REFERENCE', COMPARED: 'SCORE' },
};

export const matchRuleOf = (rule: string): MatchRule => RULES[rule] ?? 'HUMAN';

export async function disputeRecords(context: RegistryContext, dispute: DisputeParent): Promise<SourceRecordParent[]> {
  const records = await context.disputeRecords.load(dispute.id);
  const shown = records.filter(({ withheld }) => !withheld);
  // Newest first. Where what founded it is hidden, the oldest of what is shown looks as if it had.
  const founder = shown.some(({ rule }) => rule === 'FOUNDING') ? undefined : shown.at(-1);
  return shown.map((record) => ({
    ...record,
    matchedBy: record === founder ? 'SINGLE' : matchRuleOf(record.rule),
    score: null,
    joinedAt: record.linkedAt,
  }));
}
