import type { CivilRecordKind } from '../../core/department-record.ts';
import type { Entry, Filed } from './desk.ts';
import type { Matter, Office } from './matter.ts';
import { hasMinor, placeAsNoted } from './matter.ts';
import type { ReferenceRow } from './model.ts';
import { townshipCode } from './organisations.ts';
import { CHILD, HEAD } from './population.ts';
import { DAY, localDate, officeHours, SINCE, UNTIL } from './time.ts';

/** The registers' letters, statuses of running and of ended ones, and how long one runs in days (null: for good). */
const REGISTERS: Readonly<Record<CivilRecordKind, readonly [string, string, string, number | null]>> = {
  MARRIAGE: ['HY', '有效', '有效', null],
  DIVORCE: ['LH', '已登记', '已登记', null],
  ADOPTION: ['SY', '已登记', '已登记', null],
  GUARDIANSHIP: ['JH', '有效', '已终止', 900],
  MINIMUM_LIVING: ['DB', '保障中', '停发', 365],
  DESTITUTE: ['TK', '供养中', '停发', 365],
  TEMPORARY_RELIEF: ['LS', '已发放', '已发放', 1],
  DISABILITY_ALLOWANCE: ['CJ', '发放中', '停发', 365],
  LEFT_BEHIND_CHILD: ['LE', '在册', '已销号', 500],
  DE_FACTO_ORPHAN: ['GE', '保障中', '已终止', 900],
  ELDERLY_CARE: ['YL', '发放中', '停发', 365],
  SHELTER: ['BH', '已离所', '已离所', 20],
};

interface Entered {
  readonly kind: CivilRecordKind;
  readonly entries: readonly Entry[];
  readonly at: number;
  readonly from?: string;
  readonly detail?: string;
  readonly category?: string;
  readonly references?: readonly ReferenceRow[];
  readonly protected?: boolean;
}

export function fileCivilRecord(office: Office, entered: Entered): Filed {
  const { random, population, tree, numbering, desk } = office;
  const [first] = entered.entries;
  const microGrid = tree.microGridOf(first === undefined ? 0 : population.household(first.person));
  const [letters, running, ended, days] = REGISTERS[entered.kind];
  const at = officeHours(entered.at, random.next());
  const to = days === null ? null : at + days * DAY;
  const isRegistry = entered.kind === 'MARRIAGE' || entered.kind === 'DIVORCE' || entered.kind === 'ADOPTION';
  return desk.file(
    'civil-affairs',
    numbering.civil(letters, at),
    { at, changedAt: to !== null && to < UNTIL - DAY ? to : at },
    {
      office:
        isRegistry || entered.kind === 'SHELTER'
          ? 'civil-affairs'
          : `civil-affairs-${townshipCode(microGrid.township)}`,
      place: entered.kind === 'SHELTER' ? null : placeAsNoted(random, microGrid, 0.7),
      references: entered.references ?? [],
      category: entered.category ?? null,
      sealed: false,
      classified: false,
      protected: entered.protected === true || entered.kind === 'SHELTER',
      kind: entered.kind,
      from: entered.from ?? localDate(at),
      to: to === null || to >= UNTIL ? null : localDate(to),
      status: to !== null && to < UNTIL ? ended : running,
      detail: entered.detail ?? null,
    },
    entered.entries,
  );
}

const OUT_OF: Readonly<Record<string, CivilRecordKind>> = {
  MARRIAGE: 'DIVORCE',
  DOMESTIC_VIOLENCE: 'SHELTER',
  WELFARE: 'MINIMUM_LIVING',
  FAMILY: 'ELDERLY_CARE',
};

/** What a dispute leads to at civil affairs: a divorce, a bed in the shelter, mostly relief. */
export function fileCivilConsequence(office: Office, matter: Matter): Filed {
  const kind = OUT_OF[matter.category.code] ?? 'TEMPORARY_RELIEF';
  const [applicant] = matter.applicants;
  const people =
    kind === 'DIVORCE' ? [...matter.applicants.slice(0, 1), ...matter.respondents.slice(0, 1)] : [applicant ?? 0];
  return fileCivilRecord(office, {
    kind,
    at: matter.at,
    entries: people.map((person) => ({ person, role: kind === 'DIVORCE' ? 'spouse' : 'holder' })),
    category: matter.category.code,
    references: matter.references,
    protected: matter.category.code === 'DOMESTIC_VIOLENCE',
    detail: kind === 'TEMPORARY_RELIEF' ? '因纠纷致生活困难' : kind === 'DIVORCE' ? '离婚登记' : '依申请办理',
  });
}

/** What civil affairs does for a household by itself, without any dispute. */
export function fileHouseholdRecords(office: Office, household: number): void {
  const { random, population } = office;
  const [from, to] = population.members(household);
  const people = Array.from({ length: to - from }, (_, index) => from + index);
  const sometime = (): number => SINCE + Math.floor(random.next() * (UNTIL - SINCE - 3 * DAY));
  const spouse = population.spouse(from);
  const enter = (kind: CivilRecordKind, entries: readonly Entry[], more: Partial<Entered> = {}): void =>
    void fileCivilRecord(office, { kind, entries, at: sometime(), ...more });

  if (spouse !== null && random.chance(0.06))
    enter(
      'MARRIAGE',
      [from, spouse].map((person) => ({ person, role: 'spouse' })),
      { detail: '结婚登记' },
    );
  if (spouse !== null && random.chance(0.025))
    enter(
      'DIVORCE',
      [from, spouse].map((person) => ({ person, role: 'spouse' })),
      { detail: '离婚登记' },
    );
  if (random.chance(0.13)) fileAssistance(office, people, enter);
  for (const person of people) {
    const old = population.ageOn(person, 46_000) >= 75;
    if (old && random.chance(0.25))
      for (let times = random.between(1, 2); times > 0; times -= 1) enter('ELDERLY_CARE', [{ person, role: 'holder' }]);
    if (population.part(person) === CHILD && hasMinor(population, [person], SINCE))
      fileForChild(office, person, from, enter);
  }
}

type Enter = (kind: CivilRecordKind, entries: readonly Entry[], more?: Partial<Entered>) => void;

function fileAssistance({ random, population }: Office, people: readonly number[], enter: Enter): void {
  const all = people.map((person) => ({ person, role: population.part(person) === HEAD ? 'holder' : 'member' }));
  for (let years = random.between(1, 3); years > 0; years -= 1) enter('MINIMUM_LIVING', all, { detail: '按户保障' });
  if (people.length === 1 && random.chance(0.2)) enter('DESTITUTE', all, { detail: '分散供养' });
  const holder = all.slice(0, 1);
  for (let times = random.between(0, 3); times > 0; times -= 1)
    enter('TEMPORARY_RELIEF', holder, { detail: '急难救助' });
  if (random.chance(0.3))
    for (let years = random.between(1, 3); years > 0; years -= 1) enter('DISABILITY_ALLOWANCE', all.slice(-1));
}

function fileForChild({ random }: Office, child: number, guardian: number, enter: Enter): void {
  const entries = [
    { person: child, role: 'child' },
    { person: guardian, role: 'guardian' },
  ];
  if (random.chance(0.02)) enter('LEFT_BEHIND_CHILD', entries);
  if (random.chance(0.002)) enter('DE_FACTO_ORPHAN', entries);
  if (random.chance(0.003)) enter('GUARDIANSHIP', entries);
  if (random.chance(0.001)) enter('ADOPTION', entries);
}
