import type { PetitionForm, PetitionStage } from '../../core/department-record.ts';
import type { Filed } from './desk.ts';
import type { Matter, Office } from './matter.ts';
import { placeAsNoted } from './matter.ts';
import { townshipCode } from './organisations.ts';
import { DAY, iso, officeHours, UNTIL } from './time.ts';

/** A collective petition is one of five or more (信访工作条例 20). */
const COLLECTIVE = 5;
const ACCUSATIONS = 0.1;
/** Matters out of which people accuse the body that answers for them. */
const ACCUSED_IN = new Set([
  'VILLAGE_AFFAIRS',
  'LAND_EXPROPRIATION',
  'RESETTLEMENT',
  'ADMINISTRATIVE',
  'WELFARE',
  'ENVIRONMENT',
  'HOMESTEAD',
]);

interface Course {
  readonly stage: PetitionStage;
  readonly acceptedAt: number | null;
  readonly repliedAt: number | null;
  readonly changedAt: number;
}

export function filePetition(office: Office, matter: Matter): Filed {
  const { random, numbering, desk } = office;
  const { category, microGrid, applicants } = matter;
  const at = officeHours(matter.at, random.next());
  const township = townshipCode(microGrid.township);
  const answers = category.responsible === 'township' ? township : category.responsible;
  const isAccusation = !matter.plain && ACCUSED_IN.has(category.code) && random.chance(ACCUSATIONS);
  const accused = isAccusation ? accusedOf(office, matter, answers) : [];
  const collective = applicants.length >= COLLECTIVE;
  const course = courseOf(office, at);
  return desk.file(
    'petitions',
    numbering.petition(at),
    { at, changedAt: course.changedAt },
    {
      // An accusation goes to the bureau and on to discipline inspection, never to the body accused or its subordinates.
      office: isAccusation || random.chance(0.45) ? 'petitions' : `petitions-${township}`,
      place: placeAsNoted(random, microGrid, 0.25),
      references: matter.references,
      category: category.code,
      sealed: false,
      classified: false,
      protected: category.code === 'DOMESTIC_VIOLENCE',
      form: formOf(office),
      purpose: isAccusation ? 'ACCUSATION' : 'APPEAL',
      subject: isAccusation ? `${category.subject}，检举工作人员失职` : category.subject,
      acceptedAt: course.acceptedAt === null ? null : iso(course.acceptedAt),
      dueAt: course.acceptedAt === null ? null : iso(course.acceptedAt + 60 * DAY),
      repliedAt: course.repliedAt === null ? null : iso(course.repliedAt),
      stage: course.stage,
      collective,
      responsible: isAccusation ? 'discipline' : answers,
      accused,
    },
    applicants.map((person, index) => ({ person, role: collective && index < 5 ? 'representative' : 'petitioner' })),
  );
}

/** A proposal for the public good: not a dispute. */
export function fileSuggestion(office: Office, person: number, at: number): Filed {
  const { random, population, tree, numbering, desk } = office;
  const microGrid = tree.microGridOf(population.household(person));
  const township = townshipCode(microGrid.township);
  const course = courseOf(office, at);
  return desk.file(
    'petitions',
    numbering.petition(at),
    { at, changedAt: course.changedAt },
    {
      office: `petitions-${township}`,
      place: placeAsNoted(random, microGrid, 0.1),
      references: [],
      category: null,
      sealed: false,
      classified: false,
      protected: false,
      form: random.pick(['ONLINE', 'ONLINE', 'LETTER', 'PHONE']),
      purpose: 'SUGGESTION',
      subject: random.pick(['建议增设公交站点', '建议改善路灯照明', '建议增加公共停车位', '建议完善养老服务']),
      acceptedAt: course.acceptedAt === null ? null : iso(course.acceptedAt),
      dueAt: null,
      repliedAt: course.repliedAt === null ? null : iso(course.repliedAt),
      stage: course.stage,
      collective: false,
      responsible: township,
      accused: [],
    },
    [{ person, role: 'petitioner' }],
  );
}

/** Out of village matters the committee, else the body that answers; the petition bureau and the police's own are left out. */
function accusedOf({ random }: Office, { category, microGrid }: Matter, answers: string): string[] {
  if (category.code === 'VILLAGE_AFFAIRS' || random.chance(0.2)) return [microGrid.community];
  return random.chance(0.15) ? [answers, `station-${townshipCode(microGrid.township)}`] : [answers];
}

const FORMS: readonly PetitionForm[] = [
  'ONLINE',
  'ONLINE',
  'ONLINE',
  'PHONE',
  'LETTER',
  'VISIT',
  'VISIT',
  'VISIT',
  'FAX',
];
const formOf = ({ random }: Office): PetitionForm => random.pick(FORMS);

function courseOf({ random }: Office, at: number): Course {
  const age = (UNTIL - at) / DAY;
  const acceptedAt = officeHours(at + random.between(1, 15) * DAY, random.next());
  const repliedAt = officeHours(acceptedAt + random.between(10, 75) * DAY, random.next());
  const open = { acceptedAt: null, repliedAt: null };
  if (acceptedAt >= UNTIL - DAY) {
    const stage: PetitionStage = age > 3 ? 'FORWARDED' : 'REGISTERED';
    return { ...open, stage, changedAt: at + Math.floor(random.next() * (UNTIL - at) * 0.9) };
  }
  if (repliedAt >= UNTIL - DAY) {
    const stage = random.pick(['NOTIFIED', 'IN_HANDLING', 'IN_HANDLING', 'HEARING'] as const);
    return {
      ...open,
      acceptedAt,
      stage,
      changedAt: acceptedAt + Math.floor(random.next() * (UNTIL - acceptedAt) * 0.9),
    };
  }
  const stage = random.pick([
    'CONCLUDED',
    'CONCLUDED',
    'CONCLUDED',
    'CONCLUDED',
    'REVIEW',
    'RE_REVIEW',
    'FINAL',
  ] as const);
  return { stage, acceptedAt, repliedAt, changedAt: repliedAt };
}
