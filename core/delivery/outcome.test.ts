import { describe, expect, it } from 'vitest';
import { MAX_PROBES } from './back-off.ts';
import { verdictOf } from './deliver.ts';
import { outcomeOf } from './outcome.ts';

const answer = (status: number, retryAfterMs: number | null = null) => ({
  ...{ status, retryAfterMs, excerpt: '', durationMs: 1 },
});

describe('An answer', () => {
  it('is success only from 200 to 299', () => {
    const delivered = Array.from({ length: 500 }, (_, index) => index + 100).filter(
      (status) => outcomeOf(answer(status)).kind === 'DELIVERED',
    );
    expect(delivered).toEqual(Array.from({ length: 100 }, (_, index) => index + 200));
  });

  it('of 400 and 422 is about the message, 410 about the endpoint for ever, everything else about it for now', () => {
    expect([400, 422, 410, 302, 401, 404, 429, 500].map((status) => outcomeOf(answer(status)).kind)).toEqual([
      ...['POISONED', 'POISONED', 'GONE', 'FAILED', 'FAILED', 'FAILED', 'FAILED', 'FAILED'],
    ]);
    expect(outcomeOf({ error: 'timeout', durationMs: 15_000 })).toMatchObject({ kind: 'FAILED', reason: 'TIMEOUT' });
    expect(outcomeOf({ error: 'aborted', durationMs: 1 })).toEqual({ kind: 'ABORTED' });
  });
});

describe('What follows from a failure', () => {
  const now = new Date('2026-11-21T02:00:00Z');
  const after = (claim: { attempts: number; failures: number; failingSince: Date | null }) =>
    verdictOf(claim, answer(500), now, () => 0.5);

  it('is another probe, by the endpoint’s own count', () => {
    expect(after({ attempts: 0, failures: 2, failingSince: new Date('2026-11-21T01:00:00Z') })).toMatchObject({
      status: 'RETRYING',
      health: { failures: 3, nextProbeAt: new Date('2026-11-21T02:30:00Z') },
      nextAttemptAt: new Date('2026-11-21T02:00:05Z'),
    });
  });

  it('waits for the endpoint alone when nothing of the message got there, however often that has been so', () => {
    const claim = { attempts: 20, failures: 0, failingSince: null };
    const refused = { error: 'connection_refused', durationMs: 1 } as const;
    expect(verdictOf(claim, refused, now, () => 0.5)).toMatchObject({
      ...{ status: 'RETRYING', isExhausted: false, nextAttemptAt: new Date('2026-11-21T02:00:05Z') },
    });
    expect(verdictOf({ ...claim, attempts: 1 }, answer(500), now, () => 0.5)).toMatchObject({
      ...{ status: 'RETRYING', nextAttemptAt: new Date('2026-11-21T02:05:00Z') },
    });
  });

  it('is the end of the message when the endpoint’s probes or its own are used up', () => {
    const last = { failures: 0, attempts: 0, failingSince: null, isExhausted: true };
    for (const claim of [
      { ...last, failures: MAX_PROBES - 1 },
      { ...last, attempts: MAX_PROBES - 1 },
    ])
      expect(after(claim)).toMatchObject({
        status: 'FAILED',
        reason: 'EXHAUSTED',
        isExhausted: true,
        nextAttemptAt: null,
      });
  });

  it('is the end of the endpoint after five days', () => {
    expect(after({ attempts: 0, failures: 11, failingSince: new Date('2026-11-16T02:00:00Z') })).toMatchObject({
      ...{ status: 'RETRYING', disable: 'FAILING' },
    });
  });
});
