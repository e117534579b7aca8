/**
 * A message from a department's system, up to where it is stored: raw bytes, signature, remembered id, schema, stored, 202.
 * Checked in the order of the contract. What is refused tells nothing of who and what there is.
 */
import { hash } from 'node:crypto';
import { createBatches } from '../platform/batch.ts';
import type { Clock } from '../platform/clock.ts';
import type { Db } from '../platform/db.ts';
import { AppError, type ErrorCode } from '../platform/errors.ts';
import { newId } from '../platform/id.ts';
import type { Keyring } from '../platform/keyring.ts';
import type { Log } from '../platform/log.ts';
import { createInboundKeys } from './inbound-secret.ts';
import type { InboundFault } from './message-type-inbound.ts';
import { addressKey, createRate, type RateOptions } from './rate.ts';
import { isAccusation, readBody, referralOf } from './read-body.ts';
import { verify, type SignatureHeaders } from './signature.ts';

export const MAX_INBOUND_BYTES = 256 * 1_024;

export interface ReceiveDeps {
  readonly db: Db;
  readonly keyring: Keyring;
  readonly clock: Pick<Clock, 'wall'>;
  readonly log: Log;
  /** Queues `inbox` to look at this id. */
  readonly announce: (id: string) => Promise<void>;
  readonly rates?: { readonly address: RateOptions; readonly organisation: RateOptions };
}

/** A department's office may share one address with others: an address has more than an organisation. */
export const RECEIVE_RATES = {
  address: { perMinute: 1_200, burst: 400, most: 20_000 },
  organisation: { perMinute: 600, burst: 200, most: 5_000 },
} as const;

export interface Incoming {
  readonly organisationCode: string;
  readonly address: string;
  readonly headers: SignatureHeaders;
  /** As it came, before anything parsed it; null when it was longer than MAX_INBOUND_BYTES and not read to its end. */
  readonly rawBody: Buffer | null;
}

/** RFC 9457, with the API's code. */
export interface Problem {
  readonly status: 401 | 409 | 413 | 422 | 429;
  readonly title: string;
  readonly code: ErrorCode;
  /** What to do. */
  readonly detail?: string;
  readonly errors?: readonly InboundFault[];
  /** Seconds. */
  readonly retryAfter?: number;
}

export interface Accepted {
  readonly status: 202;
  readonly body: { readonly id: string; readonly status: 'accepted' | 'duplicate' };
}

export type Received = Accepted | Problem;

export interface Receive {
  receive(incoming: Incoming): Promise<Received>;
}

const TOO_LARGE: Problem = { status: 413, title: 'The message is larger than 256 kB.', code: 'QUERY_TOO_COMPLEX' };
const NOT_VERIFIED: Problem = {
  status: 401,
  title: 'The message is not verified.',
  code: 'UNAUTHENTICATED',
  // The same whatever was wrong: a stranger learns nothing from it.
  detail:
    'Check the organisation’s code, the secret and the clock, and that the bytes signed are those sent. `maplebridge webhook listen` says which it is.',
};
const OTHER_BODY: Problem = {
  status: 409,
  title: 'This webhook-id was used for something else; take a new one.',
  code: 'IDEMPOTENCY_KEY_REUSED',
  detail: 'A message sent again has to be the same bytes: keep the first, and sign it anew.',
};
const tooMany = (retryAfter: number): Problem => ({
  ...{ status: 429, title: 'Too many messages; send it again later.', code: 'RATE_LIMITED', retryAfter },
});
const notValid = (errors: readonly InboundFault[]): Problem => ({
  ...{ status: 422, title: 'The message is not what its type asks for.', code: 'BAD_USER_INPUT', errors },
});

interface Known {
  readonly id: string;
  readonly digest: Buffer;
}

const KNOWN = 'select id, body_digest as digest from inbox where organisation_id = $1 and message_id = $2';

// In the order in which they came: so they are applied.
const STORE = `
insert into inbox (id, organisation_id, message_id, body_digest, type, lane, accusation, body_cipher, received_at, next_attempt_at)
select id, organisation, message, digest, type, lane, accusation, cipher, at, at
from unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::text[], $6::text[], $7::boolean[], $8::bytea[], $9::timestamptz[])
  with ordinality as m(id, organisation, message, digest, type, lane, accusation, cipher, at, turn)
order by turn on conflict (organisation_id, message_id) do nothing returning id`;

interface NewMessage {
  readonly id: string;
  readonly organisationId: string;
  readonly messageId: string;
  readonly digest: Buffer;
  readonly type: string;
  readonly lane: string | null;
  readonly accusation: boolean;
  readonly bodyCipher: Buffer;
  readonly at: Date;
}

/** Messages stored in one statement, and statements at once. */
const TOGETHER = { most: 32, atOnce: 2 };

/** For each whether it is new. */
async function storeMessages(db: Db, messages: readonly NewMessage[]): Promise<boolean[]> {
  const column = <K extends keyof NewMessage>(name: K): NewMessage[K][] => messages.map((message) => message[name]);
  const stored = await db.query<{ id: string }>(STORE, [
    ...[column('id'), column('organisationId'), column('messageId'), column('digest'), column('type')],
    ...[column('lane'), column('accusation'), column('bodyCipher'), column('at')],
  ]);
  const ids = new Set(stored.map(({ id }) => id));
  return messages.map(({ id }) => ids.has(id));
}

export function createReceive({ db, keyring, clock, log, announce, rates = RECEIVE_RATES }: ReceiveDeps): Receive {
  const keys = createInboundKeys({ db, keyring, clock });
  const byAddress = createRate(rates.address, () => clock.wall());
  // Only who is verified is counted here: a stranger cannot use up a department's limit.
  const byOrganisation = createRate(rates.organisation, () => clock.wall());

  const store = createBatches((messages: readonly NewMessage[]) => storeMessages(db, messages), TOGETHER);

  const again = ({ id, digest }: Known, now: Buffer): Received =>
    digest.equals(now) ? { status: 202, body: { id, status: 'duplicate' } } : OTHER_BODY;

  return {
    async receive({ organisationCode, address, headers, rawBody }) {
      const wait = byAddress.take(addressKey(address));
      if (wait > 0) return tooMany(wait);
      if (rawBody === null || rawBody.length > MAX_INBOUND_BYTES) return TOO_LARGE;

      const now = clock.wall();
      const { organisationId, keys: inForce } = await keys.find(organisationCode);
      const verdict = verify(inForce, headers, rawBody, now);
      const messageId = headers['webhook-id'];
      if (verdict === 'refused' || organisationId === null || typeof messageId !== 'string') return NOT_VERIFIED;

      const busy = byOrganisation.take(organisationId);
      if (busy > 0) return tooMany(busy);

      const digest = keyring.hash('webhook', 'body', organisationId, hash('sha256', rawBody));
      const known = (): Promise<Known | null> => db.maybeOne<Known>(KNOWN, [organisationId, messageId]);
      const read = readBody(rawBody);
      if ('faults' in read) {
        // An id that is known counts before what is wrong with it.
        const first = await known();
        return first ? again(first, digest) : notValid(read.faults);
      }

      const { message } = read;
      const id = newId('msg', now);
      const isNew = await store({
        ...{ id, organisationId, messageId, digest, at: now, bodyCipher: keyring.seal('webhook', rawBody, id) },
        ...{ type: message.type, lane: referralOf(message), accusation: isAccusation(message) },
      });
      if (!isNew) {
        const first = await known();
        if (first) return again(first, digest);
        throw new AppError('INTERNAL', 'A message was there and is not any more.', { retryable: true });
      }
      // Crash here: stored, neither queued nor answered. The sweep finds it; the sender sends it again and is told `duplicate`.
      announce(id).catch(() => log.warn({ queue: 'inbox' }, 'a message could not be queued; the sweep finds it'));
      return { status: 202, body: { id, status: 'accepted' } };
    },
  };
}
