/** Who is asking, for which organisation, and what for. Made once per request at the edge from a verified token. */

export const ROLES = [
  'centre.operator',
  'centre.supervisor',
  'department.handler',
  'department.head',
  'auditor',
  'analyst',
  'department.system',
] as const;
export type Role = (typeof ROLES)[number];

/** Why somebody reads a person's data (个人信息保护法 6): header `x-purpose`. */
export const PURPOSES = [
  'mediation',
  'petition',
  'litigation',
  'policing',
  'assistance',
  'audit',
  'supervision',
] as const;
export type Purpose = (typeof PURPOSES)[number];

export interface CallerOrganisation {
  readonly id: string;
  readonly code: string;
  readonly kind: string;
  /** `organisation.path`: its own subtree is everything that starts with it. */
  readonly path: string;
  /** Ids from itself up to the root: an accusation against any of them is hidden from it. */
  readonly selfAndAbove: readonly string[];
  /** The departments whose records it holds as its own. */
  readonly sources: readonly string[];
}

export interface Caller {
  readonly subject: string;
  readonly name: string | null;
  readonly organisation: CallerOrganisation;
  readonly roles: readonly Role[];
  /** Null when not stated: then nothing that reaches a person's data is answered. */
  readonly purpose: Purpose | null;
  /** Header `x-reason`: a sentence for the auditors, needed to see identifiers and to look without a link. */
  readonly reason: string | null;
  /** Ties the answer, the disclosures and the log lines of one request together. */
  readonly requestId: string;
}

/** The root, or an office directly under it: answers for the county. A street stands there as well, and is a government of its own. */
export const isOfCounty = ({ organisation: { path, kind } }: Pick<Caller, 'organisation'>): boolean => {
  const depth = path.split('/').length - 1;
  return depth < 2 || (depth === 2 && kind !== 'GOVERNMENT');
};

/** The county's own centre, directly under the root; a street's centre is an office like others. */
export const isCountyCentre = ({ organisation }: Pick<Caller, 'organisation'>): boolean =>
  organisation.kind === 'CENTRE' && isOfCounty({ organisation });

export const hasRole = (caller: Caller, ...roles: readonly Role[]): boolean =>
  roles.some((role) => caller.roles.includes(role));

/** Auditors and analysts look; they do not act. */
export const mayAct = (caller: Caller): boolean =>
  hasRole(caller, 'centre.operator', 'centre.supervisor', 'department.handler', 'department.head', 'department.system');
