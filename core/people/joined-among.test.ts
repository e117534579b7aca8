import { expect, test } from 'vitest';
import { joinedAmong, type SeenMention } from './joined-among.ts';

const CREATED = new Date('2026-01-01');
const JOINED = new Date('2026-02-01');
const mention = (mentionId: string, more: Partial<SeenMention> = {}): SeenMention => ({
  ...{ mentionId, matchedBy: 'SINGLE', score: null, matchedWith: null, createdAt: CREATED, joinedAt: JOINED },
  ...more,
});
const byNumber = (id: string): SeenMention => mention(id, { matchedBy: 'CITIZEN_ID' });
const byScore = (id: string, matchedWith: string, score = 31): SeenMention =>
  mention(id, { matchedBy: 'SCORE', matchedWith, score });
/** Those whose id begins with a digit name that number. */
const reasons = (...mentions: SeenMention[]): string[] =>
  joinedAmong(mentions, ({ mentionId }) => (/^\d/.test(mentionId) ? mentionId.slice(0, 1) : null)).map(
    ({ matchedBy, score, joinedAt }) =>
      [matchedBy, score ?? [], joinedAt === CREATED ? 'created' : []].flat().join(' '),
  );

test('Who is seen alone stands alone, since it was first read in, whatever it is joined with', () => {
  for (const one of [
    mention('a'),
    byNumber('1a'),
    byScore('a', 'hidden'),
    mention('a', { matchedBy: 'HUMAN', matchedWith: 'x' }),
  ])
    expect(reasons(one)).toEqual(['SINGLE created']);
});

test('Two of one number say so; a number that nobody else who is seen has joined nobody', () => {
  expect(reasons(byNumber('1a'), byNumber('1b'))).toEqual(['CITIZEN_ID', 'CITIZEN_ID']);
  expect(reasons(byNumber('1a'), byScore('b', '1a'))).toEqual(['SCORE 31', 'SCORE 31']);
});

test('What joined one to another joined the other to it; a hidden third is not hinted at', () => {
  expect(reasons(byScore('a', 'hidden'), byScore('b', 'a', 28))).toEqual(['SCORE 28', 'SCORE 28']);
  expect(reasons(byScore('a', 'hidden'), byScore('b', 'hidden'))).toEqual(['SINGLE created', 'SINGLE created']);
  expect(reasons(byScore('1a', 'hidden'), byScore('1b', 'hidden'))).toEqual(['CITIZEN_ID', 'CITIZEN_ID']);
});
