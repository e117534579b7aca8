/**
 * What each role is shown of which group of fields: the first of the policy's tables (docs/access.md is made from it). A view
 * never shows more than the rows allow: which person, record, dispute or referral a caller comes to at all is said in
 * predicate.ts.
 */
import { isCountyCentre, isOfCounty, type Caller, type Role } from './caller.ts';
import { mayState, ORGANS } from './purpose.ts';

/** From the least to the most. */
export const VIEWS = ['ABSENT', 'MASKED', 'OWN', 'WITH_REASON', 'SHOWN'] as const;
/**
 * ABSENT: as if it did not exist. MASKED: so much that two can be told apart. OWN: of what the caller's organisation holds
 * itself. WITH_REASON: masked, and clear when a reason is given.
 */
export type View = (typeof VIEWS)[number];

/** The fields that are decided upon together. */
export const FIELD_GROUPS = {
  search: { what: 'Finding a person by name, telephone or citizen ID', zh: '按姓名、电话、身份证号查找' },
  identity: { what: 'Name, sex, birth date; a dispute’s title', zh: '姓名、性别、出生日期；纠纷标题' },
  identifier: { what: 'Citizen ID', zh: '身份证号' },
  contact: { what: 'Telephones', zh: '电话' },
  record: { what: 'That a department has a record: which kind, why joined', zh: '部门记录的存在' },
  key: { what: 'The department’s own key of a record', zh: '部门内部编号' },
  contents: { what: 'What departments’ records say', zh: '部门记录内容' },
  dispute: { what: 'Disputes', zh: '矛盾纠纷' },
  referral: { what: 'Referrals, their chains and who did what', zh: '移送、流转链条' },
  link: { what: 'What might be one dispute, until and after somebody has decided', zh: '比对排查、关联建议' },
  count: { what: 'What is counted by place and matter, nobody’s data among it (at a county’s office)', zh: '比对分析' },
  webhook: { what: 'Endpoints, deliveries, what came in', zh: '接口与送达' },
} as const;
export type FieldGroup = keyof typeof FIELD_GROUPS;

type Views = Readonly<Record<FieldGroup, View>>;

/** Whoever deals with people face to face, or answers for those who do. */
const DEALS_WITH_PEOPLE: Views = {
  search: 'SHOWN',
  identity: 'SHOWN',
  identifier: 'WITH_REASON',
  contact: 'WITH_REASON',
  record: 'SHOWN',
  key: 'OWN',
  contents: 'SHOWN',
  dispute: 'SHOWN',
  referral: 'SHOWN',
  link: 'ABSENT',
  count: 'ABSENT',
  webhook: 'SHOWN',
};

/** At a centre, where what belongs together is put together. */
const AT_CENTRE: Views = { ...DEALS_WITH_PEOPLE, link: 'SHOWN', count: 'SHOWN' };

export const ROLE_VIEWS: Readonly<Record<Role, Views>> = {
  'centre.operator': AT_CENTRE,
  'centre.supervisor': { ...AT_CENTRE, key: 'SHOWN' },
  'department.handler': DEALS_WITH_PEOPLE,
  'department.head': { ...DEALS_WITH_PEOPLE, count: 'SHOWN' },
  // Audits what offices did, not people: keys lead to the record in its own department, where the auditor asks with rights of that house.
  auditor: {
    search: 'SHOWN',
    identity: 'MASKED',
    identifier: 'MASKED',
    contact: 'MASKED',
    record: 'SHOWN',
    key: 'SHOWN',
    contents: 'ABSENT',
    dispute: 'SHOWN',
    referral: 'SHOWN',
    link: 'ABSENT',
    count: 'ABSENT',
    webhook: 'SHOWN',
  },
  // Only what is counted (个人信息保护法 6: no more than the purpose needs).
  analyst: {
    search: 'ABSENT',
    identity: 'ABSENT',
    identifier: 'ABSENT',
    contact: 'ABSENT',
    record: 'ABSENT',
    key: 'ABSENT',
    contents: 'ABSENT',
    dispute: 'ABSENT',
    referral: 'ABSENT',
    link: 'ABSENT',
    count: 'SHOWN',
    webhook: 'ABSENT',
  },
  // A program: it reads what it was told of and looks for nobody; nobody is there to give a reason.
  'department.system': { ...DEALS_WITH_PEOPLE, search: 'ABSENT', identifier: 'MASKED', contact: 'MASKED' },
};

const mostOf = (roles: readonly Role[], group: FieldGroup): View =>
  VIEWS[Math.max(0, ...roles.map((role) => VIEWS.indexOf(ROLE_VIEWS[role][group])))] ?? 'ABSENT';

/** Of several roles the one that shows most; only those count that may state the purpose the caller states. */
export function viewOf(caller: Caller, group: FieldGroup): View {
  const { purpose } = caller;
  const roles = caller.roles.filter((role) => purpose === null || mayState(role, caller.organisation.kind, purpose));
  return mostOf(roles, group);
}

/**
 * Whether the caller is shown what is counted over the whole county. It has nobody's data in it and needs no purpose; but it compares places
 * with one another, and is for whoever answers for all of them: the county's centre and its organs, no street, no company.
 */
export const mayCompareStreets = (caller: Caller): boolean =>
  isOfCounty(caller) &&
  ORGANS.includes(caller.organisation.kind) &&
  mostOf(
    caller.roles.filter((role) => !role.startsWith('centre.') || isCountyCentre(caller)),
    'count',
  ) === 'SHOWN';

/** `clear`, `masked` or not there: with the caller's reason taken into account. `own`: it stands in what the caller holds itself. */
export function shownAs(caller: Caller, group: FieldGroup, own = false): 'CLEAR' | 'MASKED' | 'ABSENT' {
  switch (viewOf(caller, group)) {
    case 'SHOWN':
      return 'CLEAR';
    case 'WITH_REASON':
      return caller.reason === null ? 'MASKED' : 'CLEAR';
    case 'OWN':
      return own ? 'CLEAR' : 'ABSENT';
    case 'MASKED':
      return 'MASKED';
    case 'ABSENT':
      return 'ABSENT';
  }
}

export interface Sight {
  readonly organisationId: string;
  readonly path: string;
  readonly sources: readonly string[];
}

/** Whose rows hold for the caller: those of its organisation, or nobody's. No organisation has this id, and no path begins so. */
export const NOBODY: Sight = { organisationId: '', path: '/', sources: [] };

/** As which organisation the caller comes to rows of this group. */
export const sightOf = (caller: Caller, group: 'record' | 'dispute' | 'referral' | 'webhook'): Sight =>
  viewOf(caller, group) === 'ABSENT'
    ? NOBODY
    : {
        organisationId: caller.organisation.id,
        path: caller.organisation.path,
        sources: caller.organisation.sources,
      };
