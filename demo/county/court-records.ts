import type { CourtStage } from '../../core/department-record.ts';
import type { Entry, Filed } from './desk.ts';
import type { Matter, Office } from './matter.ts';
import { hasMinor, placeAsNoted } from './matter.ts';
import { courtOffice } from './organisations.ts';
import { DAY, iso, officeHours, UNTIL } from './time.ts';

/** Joint plaintiffs beyond this choose representatives (民事诉讼法 56). */
const MOST_PLAINTIFFS = 10;

interface Course {
  readonly stage: CourtStage;
  readonly concludedAt: number | null;
  readonly outcome: string | null;
  readonly changedAt: number;
}

export function fileCourtCase(office: Office, matter: Matter): Filed {
  const { random, population, numbering, desk } = office;
  const { category, microGrid } = matter;
  const at = officeHours(matter.at, random.next());
  const isProtection = category.code === 'DOMESTIC_VIOLENCE';
  const course = isProtection ? unmediated(courseOf(office, at)) : courseOf(office, at);
  const isMediated =
    !isProtection && (course.stage === 'PRE_MEDIATION' || (course.outcome === '调解' && random.chance(0.4)));
  const type = isProtection ? '民保令' : isMediated ? '民诉前调' : isAdministrative(category.code) ? '行初' : '民初';
  const [claim, answer] = isProtection || isMediated ? ['applicant', 'respondent'] : ['plaintiff', 'defendant'];
  const entries: Entry[] = [
    ...matter.applicants.slice(0, MOST_PLAINTIFFS).map((person) => ({ person, role: claim ?? '' })),
    ...matter.respondents.map((person) => ({ person, role: answer ?? '' })),
  ];
  // A child in a custody or inheritance case is a party, and the case is sealed.
  const child = matter.plain ? null : childOf(office, matter);
  if (child !== null) entries.push({ person: child, role: 'third-party' });
  return desk.file(
    'courts',
    numbering.court(type, at),
    { at, changedAt: course.changedAt },
    {
      office: isProtection || isAdministrative(category.code) ? 'court' : courtOffice(microGrid.township),
      place: placeAsNoted(random, microGrid, 0.2),
      references: matter.references,
      category: category.code,
      sealed: hasMinor(
        population,
        entries.map((entry) => entry.person),
        at,
      ),
      classified: false,
      protected: isProtection,
      cause: category.cause,
      procedure: procedureOf(type, random.next()),
      stage: course.stage,
      concludedAt: course.concludedAt === null ? null : iso(course.concludedAt),
      outcome: course.outcome,
    },
    entries,
  );
}

/** The case in which a judgment is carried out; names the judgment's number. */
export function fileEnforcement(office: Office, matter: Matter): Filed {
  const { random, population, numbering, desk } = office;
  const at = officeHours(matter.at, random.next());
  const course = courseOf(office, at);
  const people = [...matter.applicants.slice(0, MOST_PLAINTIFFS), ...matter.respondents];
  return desk.file(
    'courts',
    numbering.court('执', at),
    { at, changedAt: course.changedAt },
    {
      office: 'court',
      place: placeAsNoted(random, matter.microGrid, 0.2),
      references: matter.references,
      category: matter.category.code,
      sealed: hasMinor(population, people, at),
      classified: false,
      protected: matter.category.code === 'DOMESTIC_VIOLENCE',
      cause: matter.category.cause,
      procedure: '执行程序',
      stage: course.concludedAt === null ? 'ENFORCEMENT' : random.chance(0.4) ? 'TERMINATED' : 'CLOSED',
      concludedAt: course.concludedAt === null ? null : iso(course.concludedAt),
      outcome: course.concludedAt === null ? null : random.pick(['执行完毕', '终结本次执行程序', '执行和解']),
    },
    people.map((person) => ({ person, role: matter.applicants.includes(person) ? 'applicant' : 'respondent' })),
  );
}

/** Not a dispute: prosecuted by the state. Now and then a minor, and then sealed. */
export function fileCriminalCase(office: Office, person: number, at: number): Filed {
  const { random, population, numbering, desk } = office;
  const course = courseOf(office, at);
  return desk.file(
    'courts',
    numbering.court('刑初', at),
    { at, changedAt: course.changedAt },
    {
      office: 'court',
      place: null,
      references: [],
      category: null,
      sealed: hasMinor(population, [person], at),
      classified: false,
      protected: false,
      cause: random.pick(['盗窃罪', '危险驾驶罪', '故意伤害罪', '诈骗罪', '寻衅滋事罪']),
      procedure: random.chance(0.6) ? '简易程序' : '普通程序',
      stage: course.concludedAt === null ? 'FIRST_INSTANCE' : 'JUDGED',
      concludedAt: course.concludedAt === null ? null : iso(course.concludedAt),
      outcome: course.concludedAt === null ? null : '判决',
    },
    [{ person, role: 'defendant' }],
  );
}

function courseOf({ random }: Office, at: number): Course {
  const age = (UNTIL - at) / DAY;
  const lasts = random.between(25, 170);
  if (age > lasts + 1) {
    const concludedAt = officeHours(at + lasts * DAY, random.next());
    const [stage, outcome] = random.pick(ENDINGS);
    return { stage, outcome, concludedAt, changedAt: concludedAt };
  }
  const changedAt = at + Math.floor(random.next() * Math.min(UNTIL - at, 20 * DAY) * 0.9);
  if (age < 20)
    return {
      stage: random.pick(['PRE_MEDIATION', 'FILING_REVIEW', 'FILED']),
      outcome: null,
      concludedAt: null,
      changedAt,
    };
  const stage = random.pick(['FIRST_INSTANCE', 'FIRST_INSTANCE', 'IN_COURT_MEDIATION', 'PRESERVATION'] as const);
  return { stage, outcome: null, concludedAt: null, changedAt };
}

/** Violence is not mediated: the order is applied for and decided. */
const unmediated = (course: Course): Course => ({
  ...course,
  stage: course.concludedAt === null ? 'FILED' : 'CLOSED',
  outcome: course.concludedAt === null ? null : '裁定准许',
});

const ENDINGS: readonly (readonly [CourtStage, string])[] = [
  ['JUDGED', '判决'],
  ['JUDGED', '驳回诉讼请求'],
  ['CLOSED', '调解'],
  ['CLOSED', '调解'],
  ['CLOSED', '准许撤诉'],
  ['APPEAL', '判决'],
  ['CLOSED', '判决'],
];

const CUSTODY = new Set(['MARRIAGE', 'INHERITANCE', 'CAMPUS']);

function childOf({ random, population }: Office, matter: Matter): number | null {
  const [applicant] = matter.applicants;
  if (applicant === undefined || !CUSTODY.has(matter.category.code) || !random.chance(0.25)) return null;
  const [from, to] = population.members(population.household(applicant));
  for (let person = from; person < to; person += 1) if (hasMinor(population, [person], matter.at)) return person;
  return null;
}

const isAdministrative = (code: string): boolean =>
  code === 'ADMINISTRATIVE' || code === 'LAND_EXPROPRIATION' || code === 'VETERANS';

function procedureOf(type: string, drawn: number): string {
  if (type === '民诉前调') return '诉前调解';
  if (type === '民保令') return '特别程序';
  return drawn < 0.55 ? '简易程序' : drawn < 0.75 ? '小额诉讼程序' : '普通程序';
}
