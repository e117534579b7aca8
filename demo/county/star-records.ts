import { categories } from './categories.ts';
import { fileCivilRecord } from './civil-records.ts';
import { fileDispute } from './disputes.ts';
import type { Office } from './matter.ts';
import type { TrueDispute } from './model.ts';

/** The numbers under which the star's household and the neighbour are made: the first three people. */
export const STARS = { spouse: 0, star: 1, opponent: 2 } as const;
export const STAR_HOUSEHOLDS = 2;

/**
 * One quarrel about a wall between two yards, from the police by the petition office to the court, each naming the ones before;
 * and a marriage at civil affairs. Nothing of it is sealed, protected or an accusation.
 */
export function fileStarRecords(office: Office): TrueDispute {
  const category = categories.find((candidate) => candidate.code === 'NEIGHBOUR');
  if (category === undefined) throw new Error('the list of categories has no NEIGHBOUR');
  fileCivilRecord(office, {
    kind: 'MARRIAGE',
    at: Date.UTC(2025, 4, 20, 2),
    from: '1995-10-08',
    detail: '补领结婚登记证',
    entries: [STARS.spouse, STARS.star].map((person) => ({ person, role: 'spouse' })),
  });
  return fileDispute(
    office,
    { category, applicants: [STARS.star, STARS.spouse], respondents: [STARS.opponent], household: 0 },
    [
      { department: 'police', at: Date.UTC(2026, 2, 2, 11, 20) },
      { department: 'petitions', at: Date.UTC(2026, 3, 9, 2) },
      { department: 'courts', at: Date.UTC(2026, 4, 18, 2) },
    ],
    { id: 1, plain: true, explicit: () => true },
  );
}
