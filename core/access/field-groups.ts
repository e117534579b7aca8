/** One decision per field group and request: what of a visible person's data this caller gets. */
import type { Caller } from './caller.ts';
import { shownAs, viewOf } from './role-view.ts';
import type { SourceCode } from '../department.ts';

/** A stored agreement: the basis on which one department's data are joined (网络数据安全管理条例 16). */
export interface Agreement {
  readonly source: SourceCode;
  readonly purposes: readonly string[];
  readonly fieldGroups: readonly string[];
  /** Last day in force. */
  readonly expires: string;
}

export type IdentifierView = 'CLEAR' | 'MASKED';

/** Why a department's part is not read: no agreement, one that has ended or names other purposes or fields, or the caller's role. */
export type Refusal = 'NO_AGREEMENT' | 'EXPIRED' | 'PURPOSE' | 'FIELDS' | 'ROLE';

type Basis = { readonly allowed: true } | { readonly allowed: false; readonly because: Refusal };

export interface FieldDecision {
  /** Names, and what a dispute is called. */
  readonly identity: IdentifierView;
  /** Citizen IDs and phones. */
  readonly identifiers: IdentifierView;
  /** May a person be looked for. */
  readonly search: boolean;
  /** The departments whose records may be known of now; what the centre wrote itself is among them. */
  readonly sources: ReadonlySet<SourceCode>;
  /** The departments whose records are joined on a basis in force, for whatever purpose: what only others say of does not exist. */
  readonly joined: ReadonlySet<SourceCode>;
  /** May it be known now that this department has records, and if not, why not. */
  source(code: SourceCode): Basis;
  /** The same of what they say. */
  contents(code: SourceCode): Basis;
  /** May the department's own key of a record be shown; `own`: the caller's organisation holds it. */
  key(own: boolean): boolean;
}

/** As agreements name what a department's records say; `contents` for any of them. */
const CONTENTS = ['contents', 'cases', 'incidents', 'petitions', 'civil-affairs'];

/** Records made at the centre's own desk need no agreement. */
const DESK = 'CENTRE';

const refusedFor = (basis: Basis): Refusal | undefined => (basis.allowed ? undefined : basis.because);

const masked = (view: 'CLEAR' | 'MASKED' | 'ABSENT'): IdentifierView => (view === 'CLEAR' ? 'CLEAR' : 'MASKED');

/**
 * `today` is the legal day in Asia/Shanghai. A department always reads its own part; others' parts need an agreement in
 * force that names the caller's purpose.
 */
export function decideFields(
  caller: Caller,
  agreements: ReadonlyMap<SourceCode, Agreement>,
  today: string,
): FieldDecision {
  const source: FieldDecision['source'] = (code) => {
    if (code === DESK || caller.organisation.sources.includes(code)) return { allowed: true };
    const agreement = agreements.get(code);
    if (!agreement) return { allowed: false, because: 'NO_AGREEMENT' };
    if (agreement.expires < today) return { allowed: false, because: 'EXPIRED' };
    if (caller.purpose === null || !agreement.purposes.includes(caller.purpose)) {
      return { allowed: false, because: 'PURPOSE' };
    }
    return { allowed: true };
  };
  const contents: FieldDecision['contents'] = (code) => {
    const basis = source(code);
    if (!basis.allowed) return basis;
    if (viewOf(caller, 'contents') === 'ABSENT') return { allowed: false, because: 'ROLE' };
    const agreed = agreements.get(code)?.fieldGroups ?? [];
    if (code === DESK || caller.organisation.sources.includes(code)) return basis;
    return agreed.some((group) => CONTENTS.includes(group)) ? basis : { allowed: false, because: 'FIELDS' };
  };
  const known = [DESK, ...caller.organisation.sources, ...agreements.keys()];
  return {
    identity: masked(shownAs(caller, 'identity')),
    identifiers: masked(shownAs(caller, 'identifier')),
    search: viewOf(caller, 'search') !== 'ABSENT',
    sources: new Set(known.filter((code) => source(code).allowed)),
    joined: new Set(known.filter((code) => [undefined, 'PURPOSE'].includes(refusedFor(source(code))))),
    source,
    contents,
    key: (own) => shownAs(caller, 'key', own) === 'CLEAR',
  };
}
