/** Which entries of the responsibility list speak for a dispute, and which of them before others. */
import type { ReferralKind } from '../playbooks/playbook.ts';
import type { DisputeCategory } from './category.ts';
import { isUnder, type RoutedOrganisation } from './nearest.ts';
import type { ResponsibilityEntry } from './responsibility.ts';

interface Subject {
  readonly category: DisputeCategory;
  readonly kind: ReferralKind;
  readonly place: RoutedOrganisation | null;
}

/**
 * Named kind before named category before smaller place. A kind says what is wanted, and only some can give it: judicial
 * confirmation is the court's whatever it is about. A place says who does it there, of what the category says.
 */
function specificity(
  { category, kind, place }: ResponsibilityEntry,
  subject: Subject,
  paths: ReadonlyMap<string, string>,
): readonly number[] | null {
  if (category !== '*' && !category.includes(subject.category)) return null;
  if (kind && !kind.includes(subject.kind)) return null;
  const area = place === undefined ? '' : paths.get(place);
  if (area === undefined || !isUnder(subject.place?.path ?? '', area)) return null;
  return [kind ? 1 : 0, category === '*' ? 0 : 1, area.split('/').length];
}

const compare = (a: readonly number[], b: readonly number[]): number =>
  a.map((one, index) => (b[index] ?? 0) - one).find((difference) => difference !== 0) ?? 0;

/** Groups of equally specific entries, the most specific group first; within a group in the order of the list. */
export function entriesBySpecificity(
  subject: Subject,
  entries: readonly ResponsibilityEntry[],
  paths: ReadonlyMap<string, string>,
): readonly (readonly ResponsibilityEntry[])[] {
  const speaking = entries
    .flatMap((entry) => {
      const order = specificity(entry, subject, paths);
      return order === null ? [] : [{ entry, order }];
    })
    .sort((a, b) => compare(a.order, b.order));
  const groups: { order: readonly number[]; entries: ResponsibilityEntry[] }[] = [];
  for (const { entry, order } of speaking) {
    const last = groups.at(-1);
    if (last && compare(last.order, order) === 0) last.entries.push(entry);
    else groups.push({ order, entries: [entry] });
  }
  return groups.map((group) => group.entries);
}
