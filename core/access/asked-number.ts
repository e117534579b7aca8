/**
 * A person asked for by citizen ID. All that a view wants of them can be found by the number at once, without first waiting
 * to learn who they are: the statements here and in `visible-person.ts` and `visible-dispute.ts` whose names end in
 * `OfNumber`. They may find more than the caller may see; what is shown is decided where the person is.
 */
import { CALLER_VALUES, readableRecord, toldMention } from './predicate.ts';

export interface AskedNumber {
  /** The number's keyed hash. */
  readonly hash: Buffer;
  /** Only what these departments' records say is searched. */
  readonly sources: readonly string[];
}

/** Behind `callerValues`; what else a statement takes begins at `$${CALLER_VALUES + 3}`. */
export const numberValues = ({ hash, sources }: AskedNumber): unknown[] => [hash, sources];

/** Ids of persons whom a readable record names by this number. Several only while a review is open; a made-up number may have many. */
export const PERSONS_OF_NUMBER = `(
  select distinct m.person_id from mention m join record r on r.id = m.record_id
  where m.citizen_id_hash = $${CALLER_VALUES + 1} and r.source = any ($${CALLER_VALUES + 2})
    and m.gone_at is null and m.person_id is not null
    and ${readableRecord('r')} and ${toldMention('m', 'r')}
  order by 1 limit 100)`;

/** Ids of all their records. */
export const RECORDS_OF_NUMBER = `(
  select of_person.record_id from ${PERSONS_OF_NUMBER} as asked (id)
  join mention of_person on of_person.person_id = asked.id and of_person.gone_at is null)`;
