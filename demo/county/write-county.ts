import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withFolderLock } from '../../core/platform/embedded-postgres/folder-lock.ts';
import { badInput } from '../../core/platform/errors.ts';
import { addressOf } from './address.ts';
import { categories } from './categories.ts';
import { fileHouseholdRecords } from './civil-records.ts';
import { createClerk } from './clerk.ts';
import { COUNTY_FORMAT, readCounty } from './county-files.ts';
import { fileCriminalCase } from './court-records.ts';
import { createDesk } from './desk.ts';
import { collectiveParties, drawDispute, fileDispute, LARGEST_COLLECTIVE } from './disputes.ts';
import type { Office } from './matter.ts';
import { departmentNames } from './model.ts';
import type { CountySummary, DepartmentName, TrueDispute, TruePerson } from './model.ts';
import { createNumbering } from './numbering.ts';
import { createLineFile, createOrderedFile } from './ordered-file.ts';
import type { LineFile, OrderedFile } from './ordered-file.ts';
import { buildTree } from './organisations.ts';
import type { Tree } from './organisations.ts';
import { createParticipation } from './participation.ts';
import type { Participation } from './participation.ts';
import { fileSuggestion } from './petition-records.ts';
import { fileOtherIncident } from './police-records.ts';
import { createPopulation } from './population.ts';
import type { Population } from './population.ts';
import { createRandom } from './random.ts';
import { STAR_PERSON } from './star.ts';
import { fileStarRecords, STAR_HOUSEHOLDS, STARS } from './star-records.ts';
import { dateOfDay, DAY, iso, SINCE, UNTIL } from './time.ts';

export interface CountyOptions {
  readonly people: number;
  /** A whole number; the same people and seed give the same bytes. */
  readonly seed: number;
  readonly dir: string;
  /** How often offices write wrongly, in shares fixed by the design; 2: twice as often. Of another county make another folder. */
  readonly noise?: number;
  /** Steps done of all, every few hundred. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Per person. Together with what households bring they make about 2.4 mentions a person. */
const DISPUTES = 0.73;
const INCIDENTS = 0.045;
const SUGGESTIONS = 0.05;
const CRIMES = 0.008;
/** Beyond it the three-digit sequence of a birthday would run out here and there. */
const MOST_PEOPLE = 5_000_000;
const STEPS_BETWEEN_PAUSES = 500;

/** The county of `dir` if it is the one asked for and whole, else newly written. */
export async function ensureCounty(options: CountyOptions): Promise<CountySummary> {
  const there = await readCounty(options.dir);
  return there?.people === options.people && there.seed === options.seed ? there : writeCounty(options);
}

/** A whole seed of millions takes minutes; whoever waits for it has asked for it as well. */
const WAIT_MS = 15 * 60_000;

/**
 * The county that is in `dir`, whatever its size, or this one, newly written. Two processes at once: one writes, the other
 * waits and finds it; it would otherwise write over what the first one's programs already read.
 */
export async function findOrWriteCounty(options: CountyOptions): Promise<CountySummary> {
  const { dir } = options;
  const there = await readCounty(dir);
  if (there !== null) return there;
  await mkdir(dir, { recursive: true });
  return withFolderLock(dir, async () => (await readCounty(dir)) ?? writeCounty(options), WAIT_MS);
}

export async function writeCounty({ people, seed, dir, noise = 1, onProgress }: CountyOptions): Promise<CountySummary> {
  if (!Number.isInteger(people) || people < 1 || people > MOST_PEOPLE)
    throw badInput('people', `The number of people must be a whole number from 1 to ${MOST_PEOPLE}`);
  if (!Number.isInteger(seed)) throw badInput('seed', 'The seed must be a whole number');
  await mkdir(join(dir, 'truth'), { recursive: true });
  await rm(join(dir, 'county.json'), { force: true });
  // What a crash left over; nothing else in the folder is touched.
  for (const file of await readdir(dir)) if (file.endsWith('.ndjson.part')) await rm(join(dir, file));
  const population = createPopulation(createRandom(seed, 1), people);
  const tree = buildTree(population.households);
  const hashes = new Map<string, ReturnType<typeof createHash>>();
  const hashOf = (name: string): ReturnType<typeof createHash> => {
    const hash = createHash('sha256');
    hashes.set(name, hash);
    return hash;
  };
  const open = (name: string): LineFile => createLineFile(join(dir, name), hashOf(name));

  const organisations = open('organisations.json');
  organisations.write(`[\n${tree.rows.map((row) => JSON.stringify(row)).join(',\n')}\n]`);
  organisations.close();
  const persons = open('truth/persons.ndjson');
  for (let person = 0; person < people; person += 1) persons.write(JSON.stringify(truthOf(population, tree, person)));
  persons.close();

  const files = Object.fromEntries(
    departmentNames.map((name) => [name, createOrderedFile(join(dir, `${name}.ndjson`), hashOf(`${name}.ndjson`))]),
  ) as Record<DepartmentName, OrderedFile>;
  const mentions = open('truth/mentions.ndjson');
  const disputes = open('truth/disputes.ndjson');
  const hasStar = people >= 500;
  const desk = createDesk({
    clerk: createClerk({ random: createRandom(seed, 2), population, tree, noise }),
    iso,
    isClean: (person) => hasStar && person <= STARS.opponent,
    store: (department, changedAt, json) => files[department].add(changedAt, json),
    note: (mention) => mentions.write(JSON.stringify(mention)),
  });
  const office: Office = { random: createRandom(seed, 3), population, tree, numbering: createNumbering(seed), desk };
  const apart = hasStar ? STAR_HOUSEHOLDS : 0;
  const participation = createParticipation(createRandom(seed, 4), population, apart);

  let disputeCount = 0;
  const note = (dispute: TrueDispute): void => {
    disputeCount += 1;
    disputes.write(JSON.stringify(dispute));
  };
  if (hasStar) note(fileStarRecords(office));
  if (people >= 2000) note(largestCollective(office, disputeCount + 1));
  await inSteps(
    planOf(office, participation, apart, (start) => note(drawDispute(office, participation, disputeCount + 1, start))),
    onProgress,
  );

  for (const name of departmentNames) files[name].close();
  mentions.close();
  disputes.close();
  const digest = createHash('sha256');
  for (const [name, hash] of hashes) digest.update(`${name} ${hash.digest('hex')}\n`);
  const summary: CountySummary = {
    format: COUNTY_FORMAT,
    people,
    seed,
    until: iso(UNTIL),
    households: population.households,
    organisations: tree.rows.length,
    disputes: disputeCount,
    rows: desk.rows,
    mentions: desk.mentions,
    star: STAR_PERSON,
    digest: digest.digest('hex'),
  };
  // Crash before this: there is no county.json, and the next start writes the county again.
  await writeFile(join(dir, 'county.json.part'), `${JSON.stringify(summary, null, 2)}\n`);
  await rename(join(dir, 'county.json.part'), join(dir, 'county.json'));
  return summary;
}

interface Plan {
  readonly total: number;
  readonly step: (index: number) => void;
}

/** Disputes and what is none, in the order of time; then what civil affairs does for households. */
function planOf(office: Office, participation: Participation, apart: number, dispute: (start: number) => void): Plan[] {
  const { random, population } = office;
  const spread = (perPerson: number, step: (instant: number) => void): Plan => {
    const total = Math.round(population.count * perPerson);
    const span = UNTIL - 10 * DAY - SINCE;
    return { total, step: (index) => step(SINCE + Math.floor((span * (index + random.next())) / total / 1000) * 1000) };
  };
  return [
    spread(DISPUTES, dispute),
    spread(INCIDENTS, (instant) => void fileOtherIncident(office, participation.passerBy(), instant)),
    spread(SUGGESTIONS, (instant) => void fileSuggestion(office, participation.anyone(), instant)),
    spread(CRIMES, (instant) => void fileCriminalCase(office, participation.anyone(), instant)),
    { total: population.households - apart, step: (index) => fileHouseholdRecords(office, apart + index) },
  ];
}

/** Lets others of the process run now and then, so that a progress bar moves and Ctrl-C works. */
async function inSteps(plans: readonly Plan[], onProgress: CountyOptions['onProgress']): Promise<void> {
  const total = plans.reduce((sum, plan) => sum + plan.total, 0);
  let done = 0;
  for (const plan of plans) {
    for (let index = 0; index < plan.total; index += 1) {
      plan.step(index);
      done += 1;
      if (done % STEPS_BETWEEN_PAUSES !== 0) continue;
      onProgress?.(done, total);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  onProgress?.(total, total);
}

/** Eighty-three owners against their property company, at the petition office and then in court. */
function largestCollective(office: Office, id: number): TrueDispute {
  const category = categories.find((candidate) => candidate.code === 'PROPERTY_MANAGEMENT');
  if (category === undefined) throw new Error('the list of categories has no PROPERTY_MANAGEMENT');
  return fileDispute(
    office,
    collectiveParties(office, category, 0, LARGEST_COLLECTIVE),
    [
      { department: 'petitions', at: Date.UTC(2025, 8, 15, 2) },
      { department: 'courts', at: Date.UTC(2025, 10, 24, 2) },
    ],
    { id, explicit: () => true },
  );
}

function truthOf(population: Population, tree: Tree, person: number): TruePerson {
  const household = population.household(person);
  return {
    id: person,
    name: population.name(person),
    sex: population.sex(person),
    birthDate: dateOfDay(population.birthDay(person)),
    citizenId: population.citizenId(person),
    phone: population.phone(person),
    address: addressOf(tree, household),
    household,
    place: tree.microGridOf(household).code,
    twin: population.twin(person),
  };
}
