/** Reading in, second half: which dispute the records of a page tell of. By explicit cross-references and nothing else. */
import { refreshVisible } from '../access/visible.ts';
import type { Tx } from '../platform/db.ts';
import {
  describeDisputes,
  insertDisputes,
  insertLinks,
  mergeDisputes,
  redescribeDisputes,
  unlinkByRule,
  type DisputeContext,
  type NewLink,
} from './dispute-row.ts';
import { foundedId } from './founded-id.ts';
import { findAccusing, holdDisputesOf, loadLinkable, loadReferences } from './linkable-row.ts';
import { partFromAccused } from './part-from-accused.ts';
import { planDisputes } from './plan-disputes.ts';
import { tellLinked } from './tell-dispute.ts';
import { waitForComparing } from './wait-for-comparing.ts';

export const REFERENCE_RULE = 'rule:cross-reference/1';

/**
 * Under `JOIN_LOCK`, after the records and mentions are stored. `changed`: records new, changed or back; `gone`: records
 * that the department no longer holds. They stay with their dispute, but nobody sees it through them any more.
 */
export async function gatherDisputes(
  tx: Tx,
  context: DisputeContext,
  { changed, gone }: { readonly changed: readonly string[]; readonly gone: readonly string[] },
): Promise<void> {
  if (changed.length + gone.length === 0) return;
  const edges = await loadReferences(tx, [...changed, ...gone]);
  const ids = new Set([...changed, ...gone, ...edges.flatMap(({ a, b }) => [a, b])]);
  const [, records] = await Promise.all([holdDisputesOf(tx, [...ids]), loadLinkable(tx, [...ids])]);
  // Most records name nobody and accuse nobody: nothing hangs together with them.
  const named = new Set(edges.flatMap(({ a, b }) => [a, b]));
  const bound = records
    .filter(({ id, dispute, accused }) => named.has(id) || dispute !== null || accused.length > 0)
    .map(({ id }) => id);
  const accusing = bound.length === 0 ? [] : await findAccusing(tx, bound);
  const parting = await partFromAccused(tx, context.keyring, accusing);
  const plan = planDisputes(
    records.filter(({ id }) => !parting.settled.has(id)),
    edges.filter(({ a, b }) => !parting.settled.has(a) && !parting.settled.has(b)),
  );

  const links: NewLink[] = plan.linked.map((link) => ({ ...link, rule: 'CROSS_REFERENCE' }));
  const homeOf = new Map<string, string>();
  for (const [founder, ...others] of plan.founded) {
    if (!founder) continue;
    const disputeId = foundedId(context.keyring, founder);
    links.push({ disputeId, recordId: founder.id, rule: 'FOUNDING' });
    for (const { id } of others) links.push({ disputeId, recordId: id, rule: 'CROSS_REFERENCE' });
    for (const { id } of [founder, ...others]) homeOf.set(id, disputeId);
  }
  for (const { recordId, founderId } of plan.following) {
    const disputeId = homeOf.get(founderId);
    if (disputeId !== undefined) links.push({ disputeId, recordId, rule: 'CROSS_REFERENCE' });
  }

  links.push(...parting.links);
  for (const { disputeId, recordId } of parting.links)
    if (parting.fresh.has(disputeId)) homeOf.set(recordId, disputeId);

  const fresh = new Set(homeOf.values());
  const homes = links.filter(({ disputeId }) => fresh.has(disputeId));
  const described = fresh.size > 0 ? await describeDisputes(tx, [], homes) : new Map();
  await unlinkByRule(tx, parting.moved, REFERENCE_RULE, context.now);
  const merged = [...plan.merged, ...parting.merged];
  const moved = await mergeDisputes(tx, merged, REFERENCE_RULE, context.now);
  // In this order, without waiting for answers: while these are stored it is worked out what has changed of the others.
  const stored = Promise.all([
    insertDisputes(tx, context, described),
    insertLinks(tx, links, REFERENCE_RULE, context.now),
  ]);

  const touched = new Set([...changed, ...gone]);
  const present = records.flatMap(({ id, dispute }) => (dispute && touched.has(id) ? [dispute.id] : []));
  const known = new Set([
    ...present,
    ...plan.linked.map(({ disputeId }) => disputeId),
    ...merged.flatMap(({ from, into }) => [from, into]),
    ...parting.touched,
  ]);
  await Promise.all([stored, redescribeDisputes(tx, context, [...known])]);
  // Those merged away too: nobody may see the rest of them.
  refreshVisible(tx, [...new Set([...known, ...fresh])]);
  if (context.compareLater !== true) await waitForComparing(tx, [...touched]);
  if (!context.quiet) {
    // Of what a dispute is founded with nobody is told that it was linked.
    const joined = parting.links.filter(({ disputeId }) => !fresh.has(disputeId));
    await tellLinked(tx, context.now, [...moved, ...plan.linked, ...joined]);
  }
}
