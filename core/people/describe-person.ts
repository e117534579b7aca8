/** How a person is shown, from what records say of them. Pure; the caller hands in only mentions that may be used. */
import type { Sex } from '../department-record.ts';
import type { MentionContent } from './index-row.ts';
import { normalisePhone, usableCitizenId } from './normal-form.ts';

export interface DescribedMention extends MentionContent {
  readonly sex: Sex;
  /** When the record happened or was filed. */
  readonly at: Date;
  readonly source: string;
}

export interface PersonIdentity {
  readonly name: string;
  readonly sex: Sex;
  readonly birthDate: string | null;
  /** Only one that passes its check digit, in its 18-character form. */
  readonly citizenId: string | null;
  /** Distinct, latest first; digits only. */
  readonly phones: readonly string[];
}

/** What most say; among equals what was said last. */
function prevailing<T extends string>(saidLatestFirst: readonly (T | null)[]): T | null {
  const counts = new Map<T, number>();
  for (const value of saidLatestFirst) if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  let best: T | null = null;
  for (const [value, count] of counts) if (best === null || count > (counts.get(best) ?? 0)) best = value;
  return best;
}

export function describePerson(mentions: readonly DescribedMention[]): PersonIdentity {
  const latest = [...mentions].sort(
    (a, b) => b.at.getTime() - a.at.getTime() || (a.source < b.source ? -1 : a.source > b.source ? 1 : 0),
  );
  return {
    name: prevailing(latest.map(({ name }) => (name.trim() === '' ? null : name))) ?? '',
    sex: prevailing(latest.map(({ sex }) => (sex === 'UNKNOWN' ? null : sex))) ?? 'UNKNOWN',
    birthDate: prevailing(latest.map(({ birthDate }) => birthDate)),
    citizenId: prevailing(latest.map(({ citizenId }) => usableCitizenId(citizenId))),
    phones: [...new Set(latest.flatMap(({ phone }) => normalisePhone(phone) ?? []))],
  };
}
