/**
 * What of the list of disclosures is told to the person themselves (个人信息保护法 45; domain rule 13: never to an abuser or an
 * accused through a child's or joint record). When in doubt it is left out; auditors see the whole list.
 *
 * Left out is whatever came about through a record, or through a dispute with such a record,
 *  - that is protected (but one of domestic violence on which the person claims), or names somebody else who is named on another
 *    protected record, on which the person does not claim (反家庭暴力法);
 *  - that names somebody else who was under 18 at the time;
 *  - of domestic violence, unless the person stands in it on the claiming side only;
 *  - that is an accusation, unless the person makes it.
 * And of an organisation that handles such a dispute also what it saw of the person directly because of a dispute: which one it
 * was is not known.
 */
import { partyRoleOf, sideOf } from './party-role.ts';

/** A record that names the person, or that tells of a dispute with one that does. */
export interface RecordAbout {
  readonly recordId: string;
  readonly source: string;
  readonly kind: string;
  readonly category: string | null;
  readonly petitionPurpose: string | null;
  readonly isProtected: boolean;
  readonly isSealed: boolean;
  /** Ids of protected records that name somebody else who is on it. */
  readonly protectedBeside: readonly string[];
  /** Somebody else on it was under 18, as far as birth years tell. */
  readonly besideMinor: boolean;
  /** The department's words for the part that the person plays in it; none when it does not name them. */
  readonly roles: readonly string[];
  readonly disputeId: string | null;
  readonly disputeCategory: string | null;
  readonly disputePurpose: string | null;
}

export interface Barred {
  readonly records: ReadonlySet<string>;
  readonly disputes: ReadonlySet<string>;
}

const isViolence = ({ kind, category, disputeCategory }: RecordAbout): boolean =>
  [kind, category, disputeCategory].includes('DOMESTIC_VIOLENCE');

const isAccusation = ({ petitionPurpose, disputePurpose }: RecordAbout): boolean =>
  [petitionPurpose, disputePurpose].includes('ACCUSATION');

/** On every record that names them. Who is on none, or is only a witness, a guardian or an agent, claims nothing. */
function claimsOnly(records: readonly RecordAbout[]): boolean {
  const sides = records.flatMap(({ source, roles }) => roles.map((role) => sideOf(partyRoleOf(source, role))));
  return sides.length > 0 && sides.every((side) => side === 'CLAIMING');
}

/** `claimed`: ids of records on which the person claims. */
function isBarred(together: readonly RecordAbout[], claimed: ReadonlySet<string>): boolean {
  const besideProtected = ({ recordId, protectedBeside }: RecordAbout): boolean =>
    protectedBeside.some((id) => id !== recordId && !claimed.has(id));
  if (together.some((record) => record.besideMinor || besideProtected(record))) return true;
  // Why it is sealed is not known: perhaps for a child whose birth nobody wrote down.
  if (together.some((record) => record.isSealed && !claimsOnly([record]))) return true;
  // Of violence every record is protected: from the others on it, not from the one who complains of it there.
  if (together.some((record) => record.isProtected && !(isViolence(record) && claimsOnly([record])))) return true;
  return together.some((record) => isViolence(record) || isAccusation(record)) && !claimsOnly(together);
}

/** Records of one dispute are judged together: what bars one of them bars all, and the dispute. */
export function barredFrom(records: readonly RecordAbout[]): Barred {
  const matters = new Map<string, RecordAbout[]>();
  for (const record of records) {
    const matter = record.disputeId ?? record.recordId;
    matters.set(matter, [...(matters.get(matter) ?? []), record]);
  }
  const claimed = new Set(records.filter((record) => claimsOnly([record])).map(({ recordId }) => recordId));
  const barred = [...matters.values()].filter((together) => isBarred(together, claimed)).flat();
  return {
    records: new Set(barred.map(({ recordId }) => recordId)),
    disputes: new Set(barred.flatMap(({ disputeId }) => disputeId ?? [])),
  };
}
