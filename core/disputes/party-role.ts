/** The part a person plays in a dispute, from the departments' own words for the part they play in a record. */

export const PARTY_ROLES = [
  'APPLICANT',
  'RESPONDENT',
  'VICTIM',
  'GUARDIAN',
  'REPRESENTATIVE',
  'AGENT',
  'REPORTER',
  'THIRD_PARTY',
] as const;
/** In the order in which they tell most: of somebody with several, the first is shown. */
export type PartyRole = (typeof PARTY_ROLES)[number];

const ROLES: Readonly<Record<string, Readonly<Record<string, PartyRole>>>> = {
  COURTS: {
    PLAINTIFF: 'APPLICANT',
    APPLICANT: 'APPLICANT',
    DEFENDANT: 'RESPONDENT',
    RESPONDENT: 'RESPONDENT',
    AGENT: 'AGENT',
  },
  // The police write down who called and who the call was about; the other party to it is whom it was about.
  POLICE: { REPORTER: 'REPORTER', PARTY: 'RESPONDENT', SUSPECT: 'RESPONDENT', VICTIM: 'VICTIM' },
  PETITIONS: { PETITIONER: 'APPLICANT', REPRESENTATIVE: 'REPRESENTATIVE', RESPONDENT: 'RESPONDENT' },
  CIVIL_AFFAIRS: { APPLICANT: 'APPLICANT', HOLDER: 'APPLICANT', SPOUSE: 'APPLICANT', GUARDIAN: 'GUARDIAN' },
};

const isPartyRole = (word: string): word is PartyRole => (PARTY_ROLES as readonly string[]).includes(word);

/** A word that is not known says only that the person has to do with it: THIRD_PARTY. */
export function partyRoleOf(source: string, word: string): PartyRole {
  const code = word.toUpperCase().replaceAll('-', '_');
  const role = ROLES[source]?.[code];
  if (role) return role;
  return source === 'CENTRE' && isPartyRole(code) ? code : 'THIRD_PARTY';
}

const rank = (role: PartyRole): number => PARTY_ROLES.indexOf(role);

export const moreTelling = (a: PartyRole, b: PartyRole): PartyRole => (rank(a) <= rank(b) ? a : b);

/** On which side somebody stands, for counting; null for those who stand on none. */
export function sideOf(role: PartyRole): 'CLAIMING' | 'ANSWERING' | null {
  if (role === 'RESPONDENT') return 'ANSWERING';
  return role === 'APPLICANT' || role === 'REPRESENTATIVE' || role === 'VICTIM' ? 'CLAIMING' : null;
}
