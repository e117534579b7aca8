import { categories, categoryWeights } from './categories.ts';
import type { Category } from './categories.ts';
import { fileCivilConsequence } from './civil-records.ts';
import { fileCourtCase, fileEnforcement } from './court-records.ts';
import type { Filed } from './desk.ts';
import type { Matter, Office } from './matter.ts';
import type { DepartmentName, ReferenceRow, TrueDispute } from './model.ts';
import type { Participation } from './participation.ts';
import { isGrown } from './participation.ts';
import { filePetition } from './petition-records.ts';
import { filePoliceIncident } from './police-records.ts';
import { at, cumulate } from './random.ts';
import { DAY, HOUR, UNTIL } from './time.ts';

/** Of links between departments, how many are written down by the later one. */
const EXPLICIT = 0.6;
export const LARGEST_COLLECTIVE = 83;
const SMALLEST_COLLECTIVE = 5;
const COLLECTIVES = 0.045;
const ENFORCED = 0.1;
const REPEATED = 0.1;

/** In how many departments a dispute is known: 65 %, 25 %, 8 %, 2 %. */
const REACH = cumulate([65, 25, 8, 2]);
type Chain = readonly DepartmentName[];
type Weighted = readonly [number, Chain];

/** In the order in which it comes to them, by how many there are. */
const CHAINS: readonly (readonly Weighted[])[] = [
  [
    [10, ['police']],
    [52, ['courts']],
    [38, ['petitions']],
  ],
  [
    [16, ['police', 'courts']],
    [9, ['police', 'petitions']],
    [34, ['petitions', 'courts']],
    [8, ['courts', 'petitions']],
    [18, ['courts', 'civil-affairs']],
    [15, ['petitions', 'civil-affairs']],
  ],
  [
    [45, ['police', 'petitions', 'courts']],
    [40, ['petitions', 'courts', 'civil-affairs']],
    [15, ['police', 'courts', 'civil-affairs']],
  ],
  [[1, ['police', 'petitions', 'courts', 'civil-affairs']]],
];

const filers: Readonly<Record<DepartmentName, (office: Office, matter: Matter) => Filed>> = {
  courts: fileCourtCase,
  police: filePoliceIncident,
  petitions: filePetition,
  'civil-affairs': fileCivilConsequence,
};

/** Who is drawn from: those who go to offices, or everybody. */
type Drawn = Pick<Participation, 'anyone' | 'near'>;

export type Parties = Pick<Matter, 'category' | 'applicants' | 'respondents' | 'household'>;

/** Files a dispute with one department after the other and says what is true of it. `explicit`: whether a link is written down. */
export function fileDispute(
  office: Office,
  parties: Parties,
  steps: readonly { department: DepartmentName; at: number }[],
  options: { readonly id: number; readonly plain?: boolean; readonly explicit: () => boolean },
): TrueDispute {
  const { random, tree } = office;
  const microGrid = tree.microGridOf(parties.household);
  const records: Filed[] = [];
  const links: TrueDispute['links'][number][] = [];
  const add = (file: (office: Office, matter: Matter) => Filed, instant: number, isExplicit: boolean): void => {
    const previous = records.at(-1);
    // The star's later records name all earlier ones, so that nothing is left to guess.
    const named = options.plain === true ? records : previous === undefined || !isExplicit ? [] : [previous];
    const references = named.map(({ source, number }): ReferenceRow => ({ source, number }));
    const filed = file(office, { ...parties, microGrid, at: instant, references, plain: options.plain ?? false });
    if (previous !== undefined) links.push({ from: refer(previous), to: refer(filed), explicit: isExplicit });
    records.push(filed);
  };
  for (const step of steps) {
    add(filers[step.department], step.at, records.length > 0 && options.explicit());
    if (options.plain === true) continue;
    const later = step.at + random.between(60, 200) * DAY;
    if (later > UNTIL - 3 * DAY || step !== steps.at(-1)) continue;
    if (step.department === 'courts' && canBeEnforced(parties) && random.chance(ENFORCED))
      add(fileEnforcement, later, true);
    if (step.department === 'petitions' && random.chance(REPEATED)) add(filePetition, later, true);
  }
  return { id: options.id, category: parties.category.code, records: records.map(refer), links };
}

/** There is somebody to pay, and it is not a protection order. */
const canBeEnforced = ({ category, respondents }: Parties): boolean =>
  respondents.length > 0 && category.code !== 'DOMESTIC_VIOLENCE';

const refer = ({ source, key }: Filed): { source: Filed['source']; key: string } => ({ source, key });

/** Draws one dispute that begins at `start` and files it. */
export function drawDispute(office: Office, participation: Participation, id: number, start: number): TrueDispute {
  const { random } = office;
  const reach = random.weighted(REACH);
  let category = at(categories, random.weighted(categoryWeights));
  // All four know only what the police know.
  while (reach === 3 && category.police === null) category = at(categories, random.weighted(categoryWeights));
  const steps = drawSteps(office, category, reach, start);
  const withPolice = steps.some((step) => step.department === 'police');
  const parties = drawParties(office, withPolice ? ofEverybody(participation) : participation, category);
  return fileDispute(office, parties, steps, {
    id,
    explicit: () => random.chance(EXPLICIT),
  });
}

const ofEverybody = (participation: Participation): Drawn => ({
  anyone: () => participation.passerBy(),
  near: (household, reach) => participation.passerByNear(household, reach),
});

function drawSteps(
  { random }: Office,
  category: Category,
  reach: number,
  start: number,
): { department: DepartmentName; at: number }[] {
  const possible = at(CHAINS, reach).filter(([, chain]) => category.police !== null || !chain.includes('police'));
  const [, chain] = at(possible, random.weighted(cumulate(possible.map(([weight]) => weight))));
  let instant = start;
  return chain.map((department, index) => {
    if (index > 0) {
      const room = (UNTIL - 2 * DAY - instant) * (0.2 + 0.5 * random.next());
      instant += Math.max(30 * HOUR, Math.min(random.between(3, 80) * DAY, Math.floor(room / 1000) * 1000));
    }
    return { department, at: instant };
  });
}

function drawParties(office: Office, participation: Drawn, category: Category): Parties {
  const { random, population } = office;
  let applicant = participation.anyone();
  if (category.collective && random.chance(COLLECTIVES)) {
    const drawn = random.next();
    const size =
      SMALLEST_COLLECTIVE + Math.floor((LARGEST_COLLECTIVE - SMALLEST_COLLECTIVE + 1) * drawn * drawn * drawn);
    return collectiveParties(office, category, population.household(applicant), size);
  }
  const partner = (person: number): number | null =>
    category.opponent === 'spouse'
      ? population.spouse(person)
      : category.opponent === 'family'
        ? relativeOf(office, person)
        : null;
  if (category.opponent === 'spouse' || category.opponent === 'family')
    for (let attempt = 0; attempt < 12 && partner(applicant) === null; attempt += 1) applicant = participation.anyone();

  const household = population.household(applicant);
  const applicants = [applicant];
  const spouse = population.spouse(applicant);
  if (spouse !== null && category.opponent !== 'spouse' && random.chance(0.18)) applicants.push(spouse);
  return {
    category,
    household,
    applicants,
    respondents: respondentsOf(office, participation, category, household, partner(applicant)),
  };
}

function respondentsOf(
  { random, population }: Office,
  participation: Drawn,
  category: Category,
  household: number,
  partner: number | null,
): number[] {
  if (category.opponent === 'none') return [];
  if (partner !== null) return [partner];
  const reach = category.opponent === 'anyone' ? population.households : category.opponent === 'local' ? 400 : 15;
  const first = participation.near(household, reach);
  const spouse = population.spouse(first);
  return spouse !== null && random.chance(0.15) ? [first, spouse] : [first];
}

/** Another grown-up of the household who is not the husband or wife. */
function relativeOf({ population }: Office, person: number): number | null {
  const [from, to] = population.members(population.household(person));
  for (let other = to - 1; other >= from; other -= 1)
    if (other !== person && isGrown(population, other) && population.spouse(person) !== other) return other;
  return null;
}

/** The owners of one compound, a grown-up of each household, as many as it has up to `size`; the star's household stays out. */
export function collectiveParties(
  { tree, population }: Office,
  category: Category,
  household: number,
  size: number,
): Parties {
  const [first, end] = tree.compoundOf(household);
  const from = Math.max(2, first, Math.min(household, end - size));
  const applicants: number[] = [];
  for (let home = from; home < end && applicants.length < size; home += 1)
    applicants.push(at(population.members(home), 0));
  return { category, household, applicants, respondents: [] };
}
