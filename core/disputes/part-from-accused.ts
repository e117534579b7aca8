/** What hangs together with accusations: loaded, parted, and said as links that are to be stored. */
import type { Tx } from '../platform/db.ts';
import type { Keyring } from '../platform/keyring.ts';
import { components } from './components.ts';
import { foundedId } from './founded-id.ts';
import type { NewLink } from './dispute-row.ts';
import { findTogether, holdDisputesOf, loadLinkableAlone, loadReferences } from './linkable-row.ts';
import { ofOneDispute, partAccusations, type Part } from './part-accusations.ts';

export interface PartedDisputes {
  /** Nothing else is planned for these. */
  readonly settled: ReadonlySet<string>;
  /** Records that leave the dispute that they are in. */
  readonly moved: readonly string[];
  readonly links: readonly NewLink[];
  readonly merged: readonly { readonly from: string; readonly into: string }[];
  /** Disputes that are founded. */
  readonly fresh: ReadonlySet<string>;
  /** Disputes that change. */
  readonly touched: readonly string[];
}

const NOTHING_PARTED: PartedDisputes = {
  ...{ settled: new Set(), moved: [], links: [], merged: [], fresh: new Set(), touched: [] },
};

/** What becomes of all that hangs together with these accusations; nothing is taken from under a human who has it in hand. */
export async function partFromAccused(tx: Tx, keyring: Keyring, accusing: readonly string[]): Promise<PartedDisputes> {
  if (accusing.length === 0) return NOTHING_PARTED;
  const ids = await findTogether(tx, accusing);
  const [, found, references] = await Promise.all([
    holdDisputesOf(tx, ids),
    loadLinkableAlone(tx, ids),
    loadReferences(tx, ids),
  ]);
  const known = new Map(found.map((one) => [one.record.id, one]));
  const all = found.map(({ record }) => record);
  const records = components(all, [...references, ...ofOneDispute(all)])
    .filter((whole) => !whole.some(({ dispute }) => dispute?.touched))
    .flat();
  const { parts, moved, merged } = partAccusations(records, references);
  const fresh = new Set<string>();
  const idOf = new Map<Part, string>();
  for (const part of parts) {
    const [founder] = part.records;
    if (!founder) continue;
    const left = (known.get(founder.id)?.left ?? 0) + (founder.dispute ? 1 : 0);
    const id = part.disputeId ?? foundedId(keyring, founder, left);
    idOf.set(part, id);
    if (part.disputeId === null) fresh.add(id);
  }
  const links = moved.map(({ recordId, part }): NewLink => ({
    disputeId: idOf.get(part) as string,
    recordId,
    rule: part.disputeId === null && part.records[0]?.id === recordId ? 'FOUNDING' : 'CROSS_REFERENCE',
  }));
  const before = moved.flatMap(({ recordId }) => known.get(recordId)?.record.dispute?.id ?? []);
  return {
    settled: new Set(records.map(({ id }) => id)),
    moved: moved.map(({ recordId }) => recordId),
    links,
    merged: merged.map(({ from, into }) => ({ from, into: idOf.get(into) as string })),
    fresh,
    touched: [...before, ...links.flatMap(({ disputeId }) => (fresh.has(disputeId) ? [] : [disputeId]))],
  };
}
