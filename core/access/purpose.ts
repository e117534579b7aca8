/** Domain rule 2: who reads a person's data says what for, and the purpose must be one of theirs (个人信息保护法 6). */
import { badInput } from '../platform/errors.ts';
import { PURPOSES, type Caller, type Purpose, type Role } from './caller.ts';

const ACTING: readonly Role[] = [
  'centre.operator',
  'centre.supervisor',
  'department.handler',
  'department.head',
  'department.system',
];

export interface PurposeRule {
  readonly zh: string;
  readonly roles: readonly Role[];
  /** Of the organisation; null: any. */
  readonly kinds: readonly string[] | null;
  readonly article: string;
}

/** Companies, mediators and arbitrators are none. */
export const ORGANS: readonly string[] = [
  ...['CENTRE', 'GOVERNMENT', 'PETITION_BUREAU', 'COMMITTEE', 'ENFORCEMENT', 'COURT', 'TRIBUNAL', 'PROCURATORATE'],
  ...['POLICE', 'STATION', 'JUSTICE_OFFICE', 'CIVIL_AFFAIRS', 'DISCIPLINE', 'MASS_ORGANISATION'],
];

/** Who may state which purpose: the second of the policy's tables. */
export const PURPOSE_RULES: Readonly<Record<Purpose, PurposeRule>> = {
  mediation: { zh: '调解', roles: ACTING, kinds: null, article: '人民调解法 17' },
  petition: {
    zh: '信访',
    roles: ACTING,
    // Every organ handles petitions that concern it.
    kinds: ORGANS,
    article: '信访工作条例 2',
  },
  litigation: {
    zh: '诉讼',
    roles: ACTING,
    kinds: ['COURT', 'TRIBUNAL', 'PROCURATORATE'],
    article: '民事诉讼法 67; 人民检察院组织法 20',
  },
  policing: { zh: '警务', roles: ACTING, kinds: ['POLICE', 'STATION'], article: '人民警察法 6' },
  assistance: {
    zh: '救助服务',
    roles: ACTING,
    kinds: [
      ...['CENTRE', 'GOVERNMENT', 'CIVIL_AFFAIRS', 'MASS_ORGANISATION', 'SOCIAL_ORGANISATION', 'COMMITTEE'],
      ...['JUSTICE_OFFICE', 'ENFORCEMENT', 'COURT', 'TRIBUNAL', 'PROCURATORATE'],
    ],
    article: '社会救助暂行办法; 法律援助法',
  },
  audit: { zh: '审计监督', roles: ['auditor'], kinds: null, article: '个人信息保护法 54' },
  supervision: {
    zh: '督办',
    roles: ['centre.operator', 'centre.supervisor', 'department.head'],
    kinds: null,
    article: '信访工作条例第五章',
  },
};

export const mayState = (role: Role, kind: string, purpose: Purpose): boolean => {
  const { roles, kinds } = PURPOSE_RULES[purpose];
  return roles.includes(role) && (kinds?.includes(kind) ?? true);
};

export const purposesOf = ({ roles, organisation }: Pick<Caller, 'roles' | 'organisation'>): Purpose[] =>
  PURPOSES.filter((purpose) => roles.some((role) => mayState(role, organisation.kind, purpose)));

/** Throws BAD_USER_INPUT naming the header: no purpose, or one that is not the caller's to state. Tells only what the caller is. */
export function requirePurpose(caller: Caller): void {
  const own = purposesOf(caller);
  if (own.length === 0) throw badInput('x-purpose', 'Your role reads nobody’s data: it is shown only what is counted.');
  if (caller.purpose === null)
    throw badInput('x-purpose', `Say in the header x-purpose what you read people’s data for: ${own.join(', ')}.`);
  if (!own.includes(caller.purpose))
    throw badInput(
      'x-purpose',
      `In your role and organisation people’s data are not read for this purpose, only for: ${own.join(', ')}.`,
    );
}
