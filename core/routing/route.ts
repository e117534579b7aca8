/**
 * Who gets a dispute, by the responsibility list. Pure: the same question over the same tree and list has the same answer.
 * It goes to somebody, always; and never to an organisation it accuses or to anybody under one (信访工作条例 22, 30, 46).
 */
import type { Organisation } from '../organisations/organisation.ts';
import type { ReferralKind } from '../playbooks/playbook.ts';
import type { DisputeCategory } from './category.ts';
import { isUnder, resolveTarget, type Field, type RoutedOrganisation } from './nearest.ts';
import type { ResponsibilityEntry, ResponsibilityList, StatutoryPath } from './responsibility.ts';
import { entriesBySpecificity } from './specificity.ts';

export interface Question {
  readonly category: DisputeCategory;
  /** It is one of violence at home, whatever it was taken down as. */
  readonly isViolent: boolean;
  readonly kind: ReferralKind;
  /** Null when nobody knows where it is. */
  readonly place: RoutedOrganisation | null;
  /** The county's, closed ones too. */
  readonly organisations: readonly RoutedOrganisation[];
  /** Ids. */
  readonly accused: readonly string[];
  /** It assists or guides nobody: it is part of the referral already. It may lead when the list says so. */
  readonly sender: RoutedOrganisation;
}

/**
 * RESPONSIBLE: the list names one. SEVERAL_RESPONSIBLE: it names several, so the petition bureau leads (M14).
 * NOBODY_RESPONSIBLE: it names none, so the county centre's desk takes it. ACCUSED: whoever it names is accused, so it goes
 * to discipline inspection or to the accused's superior. NOBODY_LEFT: the whole county is accused, or there is nobody open;
 * it has to leave the county by hand.
 */
export type Reason = 'RESPONSIBLE' | 'SEVERAL_RESPONSIBLE' | 'NOBODY_RESPONSIBLE' | 'ACCUSED' | 'NOBODY_LEFT';

export interface Route {
  /** Null only for NOBODY_LEFT. */
  readonly lead: RoutedOrganisation | null;
  readonly assisting: readonly RoutedOrganisation[];
  readonly guiding: readonly RoutedOrganisation[];
  readonly legalBasis: string;
  readonly statutoryPath: StatutoryPath | null;
  /** `entries`: which of the list spoke, counted from 1. */
  readonly because: { readonly reason: Reason; readonly entries: readonly number[] };
}

const SEVERAL_BASIS = '信访工作条例第二十四条';
const ACCUSATION_BASIS = '信访工作条例第二十二条、第三十条';
const DESK_BASIS = '信访工作条例第五条（属地管理、分级负责）';

export function route(question: Question, list: ResponsibilityList): Route {
  const { organisations, accused, place } = question;
  const accusedRows = organisations.filter(({ id }) => accused.includes(id));
  const mayTakePart = organisations.filter(
    ({ path, closedAt, kind }) =>
      closedAt === null &&
      !accusedRows.some((one) => isUnder(path, one.path)) &&
      // Violence is not mediated of itself: mediators get it only if somebody decides so (domain rule 7).
      !(question.isViolent && kind === 'MEDIATION_BODY'),
  );
  const paths = new Map(organisations.map(({ code, path }) => [code, path]));
  const field: Field = { open: mayTakePart, paths, serves: list.serves, place };
  // Of an accused that the tree does not have nobody knows who is under it: no department is safe.
  if (accusedRows.length < new Set(accused).size) return routeAccusation(mayTakePart, [], []);

  const everybody: Field = { ...field, open: organisations.filter(({ closedAt }) => closedAt === null) };
  for (const entries of entriesBySpecificity(question, list.entries, paths)) {
    const numbers = entries.map((entry) => list.entries.indexOf(entry) + 1);
    const leads = unique(entries.flatMap(({ lead, tier }) => resolveTarget(lead, tier, field)));
    const [only, other] = leads;
    if (only && !other) return routeToOne(only, entries, numbers, question, field);
    if (only) return routeToSeveral(leads, entries, numbers, question, field);
    // Kept from the one responsible: a less specific entry would only name somebody beside or under the matter.
    if (accused.length > 0 && entries.some(({ lead, tier }) => resolveTarget(lead, tier, everybody).length > 0))
      return routeAccusation(mayTakePart, accusedRows, numbers);
  }
  return accused.length > 0
    ? routeAccusation(mayTakePart, accusedRows, [])
    : fallBack([deskOf(mayTakePart)], mayTakePart, 'NOBODY_RESPONSIBLE', DESK_BASIS, []);
}

const unique = (rows: readonly RoutedOrganisation[]): RoutedOrganisation[] =>
  inOrder([...new Map(rows.map((row) => [row.id, row])).values()]);

const without = (rows: readonly RoutedOrganisation[], taken: readonly RoutedOrganisation[]): RoutedOrganisation[] =>
  unique(rows).filter(({ id }) => !taken.some((one) => one.id === id));

const partOf = (
  part: 'assisting' | 'guiding',
  entries: readonly ResponsibilityEntry[],
  field: Field,
): readonly RoutedOrganisation[] =>
  entries.flatMap((entry) => entry[part].flatMap((target) => resolveTarget(target, undefined, field)));

const basisOf = (entries: readonly ResponsibilityEntry[]): string =>
  [...new Set(entries.map(({ legalBasis }) => legalBasis))].join('；');

const pathOf = (entries: readonly ResponsibilityEntry[]): StatutoryPath | null =>
  entries.find(({ statutoryPath }) => statutoryPath)?.statutoryPath ?? null;

function routeToOne(
  lead: RoutedOrganisation,
  entries: readonly ResponsibilityEntry[],
  numbers: readonly number[],
  { sender }: Question,
  field: Field,
): Route {
  const assisting = without(partOf('assisting', entries, field), [lead, sender]);
  return {
    lead,
    assisting,
    guiding: without(partOf('guiding', entries, field), [lead, sender, ...assisting]),
    legalBasis: basisOf(entries),
    statutoryPath: pathOf(entries),
    because: { reason: 'RESPONSIBLE', entries: numbers },
  };
}

/** M14: the petition bureau leads, those who may be competent assist, the legal department guides and supervises. */
function routeToSeveral(
  leads: readonly RoutedOrganisation[],
  entries: readonly ResponsibilityEntry[],
  numbers: readonly number[],
  { sender }: Question,
  field: Field,
): Route {
  const county = (kind: Organisation['kind']): RoutedOrganisation | undefined =>
    highest(resolveTarget({ kind: [kind], near: 'COUNTY' }, undefined, field));
  const lead = county('PETITION_BUREAU') ?? deskOf(field.open) ?? leads[0] ?? null;
  const leading = [...(lead ? [lead] : []), sender];
  const assisting = without([...leads, ...partOf('assisting', entries, field)], leading);
  const taken = [...leading, ...assisting];
  // One of the departments in question cannot guide the others.
  const legal = [county('JUSTICE_OFFICE'), county('GOVERNMENT')].find((one) => one && without([one], taken).length > 0);
  return {
    lead,
    assisting,
    guiding: without([...(legal ? [legal] : []), ...partOf('guiding', entries, field)], taken),
    legalBasis: [SEVERAL_BASIS, basisOf(entries)].join('；'),
    statutoryPath: pathOf(entries),
    because: { reason: 'SEVERAL_RESPONSIBLE', entries: numbers },
  };
}

/** Nobody else takes part: the fewer know of an accusation, the safer whoever made it. */
function routeAccusation(
  mayTakePart: readonly RoutedOrganisation[],
  accused: readonly RoutedOrganisation[],
  numbers: readonly number[],
): Route {
  const discipline = mayTakePart.filter(({ kind }) => kind === 'DISCIPLINE');
  // Above all of them; the lowest of these.
  const superiors =
    accused.length === 0 ? [] : mayTakePart.filter(({ path }) => accused.every((one) => isUnder(one.path, path)));
  const preferred = [highest(discipline), inOrder(superiors).at(-1), deskOf(mayTakePart)];
  return fallBack(preferred, mayTakePart, 'ACCUSED', ACCUSATION_BASIS, numbers);
}

/** Those above before those under them, and the same every time. */
const inOrder = (rows: readonly RoutedOrganisation[]): RoutedOrganisation[] =>
  rows.toSorted((a, b) => depth(a) - depth(b) || (a.path < b.path ? -1 : 1));

const depth = ({ path }: RoutedOrganisation): number => path.split('/').length;

const highest = (rows: readonly RoutedOrganisation[]): RoutedOrganisation | undefined => inOrder(rows)[0];

/** The county centre's desk, or whichever centre stands highest. */
const deskOf = (rows: readonly RoutedOrganisation[]): RoutedOrganisation | undefined =>
  highest(rows.filter(({ kind }) => kind === 'CENTRE'));

function fallBack(
  preferred: readonly (RoutedOrganisation | undefined)[],
  mayTakePart: readonly RoutedOrganisation[],
  reason: Reason,
  legalBasis: string,
  entries: readonly number[],
): Route {
  const lead = preferred.find((one) => one !== undefined) ?? highest(mayTakePart) ?? null;
  return {
    lead,
    assisting: [],
    guiding: [],
    legalBasis,
    statutoryPath: null,
    because: { reason: lead === null ? 'NOBODY_LEFT' : reason, entries },
  };
}
