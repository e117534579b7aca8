/**
 * One message to one endpoint. The lease stands in PostgreSQL before the POST, the outcome after it: whatever happens between,
 * the message is sent again with the same webhook-id.
 */
import type { Clock } from '../platform/clock.ts';
import { createBatches } from '../platform/batch.ts';
import type { Db } from '../platform/db.ts';
import type { Keyring } from '../platform/keyring.ts';
import { isDead, MAX_PROBES, nextProbeAt } from './back-off.ts';
import { claimDeliveries, findDueDeliveries, type Claim } from './claim.ts';
import { secretContext, urlContext } from './endpoint.ts';
import { findStuckLanes, moveOn, type Look } from './lane.ts';
import { outcomeOf } from './outcome.ts';
import { parseSigningKey } from './secret.ts';
import { giveBack, isPlain, settle, settleArrived, type Attempt, type Settlement, type Verdict } from './settle.ts';
import { sign } from './signature.ts';
import type { WebhookAnswer, WebhookClient, WebhookFailure } from './webhook-client.ts';

export interface DeliverDeps {
  readonly db: Db;
  readonly keyring: Keyring;
  readonly clock: Pick<Clock, 'wall'>;
  readonly client: Pick<WebhookClient, 'post'>;
  /** [0, 1). */
  readonly random: () => number;
}

export interface Delivered {
  /** What can be sent now. */
  readonly looks: readonly Look[];
  /** Where something is to be dispatched now: what is told of a message that was given up. */
  readonly lanes: readonly string[];
}

export interface Deliver {
  /** Sends the message if it is due, its lane and its endpoint are free, and nobody else is at it; otherwise does nothing. */
  deliver(id: string, signal?: AbortSignal): Promise<Delivered>;
  /** What can be sent now and nobody is at. */
  due(): Promise<Look[]>;
}

const NOTHING: Delivered = { looks: [], lanes: [] };
const DAY_MS = 24 * 60 * 60 * 1_000;

const SENT = { health: null, isHealthCertain: false, isExhausted: false, disable: null, nextAttemptAt: null } as const;

// The reason says no more than that: it is read where it must not be known why.
const BARRED: Verdict = { ...SENT, status: 'SKIPPED', reason: 'NOT_FOR_RECEIVER', attempt: null };

const attemptOf = (answer: WebhookAnswer | WebhookFailure): Attempt =>
  'error' in answer
    ? { status: null, durationMs: answer.durationMs, error: answer.error, excerpt: null }
    : // PostgreSQL takes no NUL in a text.
      { ...answer, error: null, excerpt: answer.excerpt.replaceAll('\u0000', '\ufffd') };

/** What follows from an answer; null when nothing does. */
export function verdictOf(
  claim: Pick<Claim, 'attempts' | 'failures' | 'failingSince'>,
  answer: WebhookAnswer | WebhookFailure,
  now: Date,
  random: () => number,
): Verdict | null {
  const outcome = outcomeOf(answer);
  const attempt = attemptOf(answer);
  switch (outcome.kind) {
    case 'ABORTED':
      return null;
    case 'DELIVERED': {
      const health = { failures: 0, failingSince: null, nextProbeAt: null };
      return { ...SENT, status: 'DELIVERED', reason: null, attempt, health, isHealthCertain: true };
    }
    case 'POISONED':
      return { ...SENT, status: 'FAILED', reason: outcome.reason, attempt };
    case 'GONE':
      return { ...SENT, status: 'RETRYING', reason: 'HTTP_410', attempt, nextAttemptAt: now, disable: 'GONE' };
    case 'FAILED': {
      const failures = claim.failures + 1;
      const attempts = claim.attempts + 1;
      const failingSince = claim.failingSince ?? now;
      const after = (count: number): Date =>
        // Ten probes in a row: from then on once a day, with the next message.
        nextProbeAt(count, now, outcome.retryAfterMs, random) ?? new Date(now.getTime() + DAY_MS);
      const probe = after(failures);
      // Two short outages may meet the same message: the endpoint has been well between them, and the message waits no
      // longer for it than the others do.
      const isOfEndpoint = outcome.isUnreached || attempts === failures;
      const isExhausted = failures === MAX_PROBES || (attempts >= MAX_PROBES && !outcome.isUnreached);
      return {
        status: isExhausted ? 'FAILED' : 'RETRYING',
        reason: isExhausted ? 'EXHAUSTED' : outcome.reason,
        nextAttemptAt: isExhausted ? null : isOfEndpoint ? probe : after(attempts),
        attempt,
        health: { failures, failingSince, nextProbeAt: probe },
        isHealthCertain: false,
        isExhausted,
        disable: isDead(failingSince, now) ? 'FAILING' : null,
      };
    }
  }
}

/** Messages claimed or settled in one statement, and such statements at once. */
const TOGETHER = { most: 32, atOnce: 1 };

/** Who leaves a crowded endpoint lets others in: more than one, as those that leave together find the same. */
const SUCCESSORS = 2;

/** Milliseconds between two looks for lanes that nobody moved on: only a crash at the wrong moment leaves one. */
const STUCK_EVERY_MS = 5_000;

export function createDeliver({ db, keyring, clock, client, random }: DeliverDeps): Deliver {
  function post(claim: Claim, signal: AbortSignal | undefined): Promise<WebhookAnswer | WebhookFailure> {
    const { endpointId, messageId: id, body, signing } = claim;
    const open = (cipher: Buffer, context: string): string => keyring.open('webhook', cipher, context).toString();
    const keys = claim.secretCiphers.map((cipher) => parseSigningKey(signing, open(cipher, secretContext(endpointId))));
    const timestamp = Math.floor(clock.wall().getTime() / 1_000);
    return client.post(open(claim.urlCipher, urlContext(endpointId)), {
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': sign(keys, { id, timestamp, body }),
      },
      body,
      ...(signal ? { signal } : {}),
    });
  }

  const claimed = createBatches((ids: readonly string[]) => claimDeliveries(db, ids, clock.wall()), TOGETHER);
  const arrived = createBatches((some: readonly Settlement[]) => settleArrived(db, some), TOGETHER);
  let stuckAt = -Infinity;

  async function moveStuckOn(now: Date): Promise<void> {
    if (now.getTime() - stuckAt < STUCK_EVERY_MS) return;
    stuckAt = now.getTime();
    const stuck = await findStuckLanes(db);
    if (stuck.length > 0) await moveOn(db, stuck, now);
  }

  async function settled(claim: Claim, verdict: Verdict): Promise<Delivered> {
    const now = clock.wall();
    const settlement = { claim, verdict, at: now };
    const next = isPlain(settlement) ? await arrived(settlement) : await settle(db, claim, verdict, now);
    // The lease was lost while we were sending: whoever has it now says what became of it.
    if (next === null) return NOTHING;
    const { endpointId } = claim;
    const isProbe = claim.failures > 0 && verdict.status !== 'RETRYING' && !verdict.isExhausted;
    const others =
      isProbe || claim.isCrowded ? await findDueDeliveries(db, now, endpointId, isProbe ? undefined : SUCCESSORS) : [];
    const known = new Set(next.map(({ id }) => id));
    return {
      looks: [...next, ...others.filter(({ id }) => !known.has(id))],
      lanes: verdict.isExhausted || verdict.disable !== null ? [endpointId] : [],
    };
  }

  return {
    async deliver(id, signal) {
      if (signal?.aborted) return NOTHING;
      const claim = await claimed(id);
      if (!claim) return NOTHING;
      if (claim.barred) return settled(claim, BARRED);
      const answer = await post(claim, signal);
      // Crash here: it was sent, and is sent again with the same webhook-id when the lease ends.
      const verdict = verdictOf(claim, answer, clock.wall(), random);
      if (verdict) return settled(claim, verdict);
      await giveBack(db, claim);
      return NOTHING;
    },
    async due() {
      const now = clock.wall();
      await moveStuckOn(now);
      return findDueDeliveries(db, now);
    },
  };
}
