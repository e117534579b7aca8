import type { PoliceDisposition, PoliceIncidentKind } from '../../core/department-record.ts';
import { addressOf, addressOtherwise } from './address.ts';
import type { Entry, Filed } from './desk.ts';
import type { Matter, Office } from './matter.ts';
import { hasMinor, placeAsNoted } from './matter.ts';
import { townshipCode } from './organisations.ts';
import { DAY, UNTIL } from './time.ts';

const CLASSIFIED = 0.01;
/** 治安管理处罚法 136 in force: penalties of adults are sealed too. */
const PENALTIES_SEALED_FROM = Date.UTC(2025, 11, 31, 16);
const MOST_PARTIES = 3;

export function filePoliceIncident(office: Office, matter: Matter): Filed {
  const { random } = office;
  const entries: Entry[] = [
    ...matter.applicants
      .slice(0, MOST_PARTIES)
      .map((person, index) => ({ person, role: index === 0 ? 'reporter' : 'party' })),
    ...matter.respondents.slice(0, MOST_PARTIES).map((person) => ({ person, role: 'party' })),
  ];
  const kind = matter.category.police ?? 'OTHER';
  const disposition = matter.plain ? 'MEDIATED' : random.pick(DISPOSITIONS[kind] ?? OTHERWISE);
  return file(office, { ...matter, kind, disposition, entries, category: matter.category.code });
}

/** What is no dispute: lost and found, accidents of the day, thefts, people missed. */
export function fileOtherIncident(office: Office, person: number, at: number): Filed {
  const { random, population, tree } = office;
  const kind = random.pick(KINDS);
  const household = population.household(person);
  const role = kind === 'CRIME' && random.chance(0.4) ? 'suspect' : kind === 'CRIME' ? 'victim' : 'reporter';
  const entries: Entry[] = [{ person, role }];
  if (kind === 'MISSING') {
    const [from, to] = population.members(household);
    if (to - from > 1) entries.push({ person: person === to - 1 ? from : to - 1, role: 'missing' });
  }
  const disposition = random.pick(DISPOSITIONS[kind] ?? OTHERWISE);
  const microGrid = tree.microGridOf(household);
  return file(office, {
    kind,
    disposition,
    entries,
    category: null,
    household,
    microGrid,
    at,
    references: [],
    plain: false,
  });
}

interface Incident extends Pick<Matter, 'household' | 'microGrid' | 'at' | 'references' | 'plain'> {
  readonly kind: PoliceIncidentKind;
  readonly disposition: PoliceDisposition | null;
  readonly entries: readonly Entry[];
  readonly category: string | null;
}

function file(office: Office, incident: Incident): Filed {
  const { random, population, tree, numbering, desk } = office;
  const { kind, disposition, entries, at, microGrid, household, plain } = incident;
  const people = entries.map((entry) => entry.person);
  return desk.file(
    'police',
    numbering.police(microGrid.township, at),
    { at, changedAt: at + Math.floor(random.next() * Math.min(UNTIL - at - 1000, 25 * DAY)) },
    {
      office: `station-${townshipCode(microGrid.township)}`,
      place: placeAsNoted(random, microGrid, plain ? 1 : 0.6),
      references: incident.references,
      category: incident.category,
      sealed: hasMinor(population, people, at) || (disposition === 'PENALTY' && at >= PENALTIES_SEALED_FROM),
      classified: !plain && random.chance(CLASSIFIED),
      protected: kind === 'DOMESTIC_VIOLENCE',
      kind,
      scene: random.chance(0.5) ? addressOf(tree, household) : addressOtherwise(random, tree, household),
      disposition,
    },
    entries,
  );
}

const KINDS: readonly PoliceIncidentKind[] =
  'HELP HELP HELP CRIME CRIME CRIME TRAFFIC PUBLIC_ORDER COMPLAINT MISSING OTHER SUICIDE_RISK'.split(
    ' ',
  ) as PoliceIncidentKind[];
const OTHERWISE: readonly (PoliceDisposition | null)[] = ['NO_ACTION', 'TRANSFERRED', 'NO_ACTION', null];
const DISPOSITIONS: Partial<Record<PoliceIncidentKind, readonly (PoliceDisposition | null)[]>> = {
  DISPUTE: ['MEDIATED', 'MEDIATED', 'MEDIATED', 'NO_ACTION', 'TRANSFERRED', null],
  DOMESTIC_VIOLENCE: ['WARNING_LETTER', 'WARNING_LETTER', 'PENALTY', 'FILED'],
  FIGHT: ['MEDIATED', 'MEDIATED', 'PENALTY', 'FILED'],
  TRAFFIC: ['MEDIATED', 'MEDIATED', 'TRANSFERRED', 'NO_ACTION'],
  CRIME: ['FILED', 'FILED', 'NO_ACTION', null],
  PUBLIC_ORDER: ['PENALTY', 'PENALTY', 'MEDIATED', 'NO_ACTION'],
};
