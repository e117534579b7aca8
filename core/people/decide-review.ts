/** A question of who is who is answered by a human, or answered otherwise than before. */
import type { Tx } from '../platform/db.ts';
import { AppError } from '../platform/errors.ts';
import { enforce, personsOf, readAround, requireReason, type Decided, type Deciding } from './identity-word.ts';
import { JOIN_LOCK } from './join-people.ts';
import { distinct, type StoredReview } from './neighbourhood.ts';

export const noSuchReview = (): AppError =>
  new AppError('NOT_FOUND', 'There is no such question, or it is no longer asked.', { details: { field: 'id' } });

const REVIEW = `
select r.id, r.a_mention_id as a, r.b_mention_id as b, r.status, r.split_id as "splitId", ma.person_id as "personA", mb.person_id as "personB"
from identity_review r
join mention ma on ma.id = r.a_mention_id and ma.gone_at is null
join mention mb on mb.id = r.b_mention_id and mb.gone_at is null
where r.id = $1 and (r.split_id is null or r.question_id is not null)`;

interface ReviewRow {
  readonly id: string;
  readonly a: string;
  readonly b: string;
  readonly status: StoredReview['status'];
  readonly splitId: string | null;
  readonly personA: string;
  readonly personB: string;
}

// What had been said before holds again, unless it was part of another split that has been taken back as well.
const RESTORE = `
update identity_review r set status = 'ACCEPTED', decided_by = r.accepted_before->'by', decided_at = (r.accepted_before->>'at')::timestamptz,
  reason_cipher = decode(r.accepted_before->>'reason', 'base64'), split_id = r.accepted_before->>'split', question_id = null, accepted_before = null
where r.split_id = $1 and r.id <> $2 and r.accepted_before is not null and (r.accepted_before->>'split' is null
  or exists (select from identity_review other where other.split_id = r.accepted_before->>'split'))
returning r.id`;
const TAKE_BACK = 'delete from identity_review where split_id = $1 and id <> $2 returning id';

/** All that was said at once, but for this review; their ids. */
async function takeBack(tx: Tx, splitId: string, reviewId: string): Promise<string[]> {
  const restored = await tx.query<{ id: string }>(RESTORE, [splitId, reviewId]);
  const deleted = await tx.query<{ id: string }>(TAKE_BACK, [splitId, reviewId]);
  return [...restored, ...deleted].map(({ id }) => id);
}

export interface ReviewDecision {
  readonly reviewId: string;
  readonly samePerson: boolean;
  /** What the decider takes the state of the question to be; anything else is CONFLICT. */
  readonly expected?: StoredReview['status'];
}

/**
 * Answers a question, or answers it otherwise than before. To say the same again changes nothing. Takes `JOIN_LOCK`. `personId`: of the
 * first of the two, afterwards.
 */
export async function decideReview(
  tx: Tx,
  deciding: Deciding,
  { reviewId, samePerson, expected }: ReviewDecision,
): Promise<Decided & { readonly personId: string }> {
  requireReason(deciding.reason);
  await tx.lock(JOIN_LOCK);
  const review = await tx.maybeOne<ReviewRow>(REVIEW, [reviewId]);
  if (!review) throw noSuchReview();
  const { a, b, personA, personB, status, splitId } = review;
  if (expected !== undefined && expected !== status)
    throw new AppError('CONFLICT', 'Somebody has decided this question meanwhile; look at it again.', {
      details: { status },
    });
  if (status === (samePerson ? 'ACCEPTED' : 'REJECTED'))
    return { reviewId, isNew: false, overruled: [], about: [], personId: personA };
  const takenBack = splitId === null ? [] : await takeBack(tx, splitId, reviewId);
  const around = await readAround(tx, deciding.keyring, distinct([personA, personB]));
  const said = [{ id: reviewId, a, b, same: samePerson, splitId: null, isShown: true }];
  const overruled = await enforce(tx, deciding, around, { said, leaving: [] });
  const after = await personsOf(tx, [a, b]);
  return {
    ...{ reviewId, isNew: true, overruled: [...takenBack, ...overruled] },
    about: distinct([personA, personB, ...after.values()]),
    personId: after.get(a) ?? personA,
  };
}
