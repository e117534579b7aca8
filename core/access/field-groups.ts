/** One decision per field group and request: what of a visible person's data this caller gets. */
import { hasRole, type Caller } from './caller.ts';
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

export interface FieldDecision {
  /** Citizen IDs and phones. */
  readonly identifiers: IdentifierView;
  /** The departments whose parts may be read now; what the centre wrote itself is among them. */
  readonly sources: ReadonlySet<SourceCode>;
  /** May this department's part be read now, and if not, why not. */
  source(
    code: SourceCode,
  ): { readonly allowed: true } | { readonly allowed: false; readonly because: 'NO_AGREEMENT' | 'EXPIRED' | 'PURPOSE' };
}

/** Records made at the centre's own desk need no agreement. */
const DESK = 'CENTRE';

/** Who holds `person:identifier`: they deal with the person face to face or answer for those who do. */
const IDENTIFIER_ROLES = ['centre.operator', 'centre.supervisor', 'department.handler', 'department.head'] as const;

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
  const known = [DESK, ...caller.organisation.sources, ...agreements.keys()];
  return {
    identifiers: caller.reason !== null && hasRole(caller, ...IDENTIFIER_ROLES) ? 'CLEAR' : 'MASKED',
    sources: new Set(known.filter((code) => source(code).allowed)),
    source,
  };
}
