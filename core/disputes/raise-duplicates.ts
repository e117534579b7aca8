/** What the desk has taken down, and is a dispute already that it may not be told of: proposed to the centre. */
import type { Tx } from '../platform/db.ts';
import { shippedLinkRule } from './link-rule.ts';
import { insertProposals } from './link-proposal-row.ts';
import { isKeptApart } from './linkable-record.ts';
import { loadLinkable } from './linkable-row.ts';

/**
 * Once the record is linked. One question for each dispute, of its first record that names the party. As many statements when there is
 * none: whoever opens a dispute must not tell by it that there is another. Bits: as much as speaks for any proposal.
 */
export async function raiseDuplicates(
  tx: Tx,
  now: Date,
  recordId: string,
  besideIds: readonly string[],
): Promise<void> {
  const { version, propose } = shippedLinkRule();
  const records = await loadLinkable(tx, [recordId, ...besideIds]);
  const own = records.find(({ id }) => id === recordId);
  const beside = new Map<string, string>();
  for (const record of [...records].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))) {
    const dispute = record.dispute?.id;
    if (!own || dispute === undefined || dispute === own.dispute?.id || isKeptApart(own, record)) continue;
    if (!beside.has(dispute)) beside.set(dispute, record.id);
  }
  const proposals = [...beside.values()].map((besideId) => ({
    ...({ recordId, besideId, origin: 'INTAKE', status: 'OPEN' } as const),
    ...{ score: propose, reasons: ['INTAKE_DUPLICATE'] },
  }));
  await insertProposals(tx, proposals, version, now);
}
