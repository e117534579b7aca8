/** A department's system that sends: signed, and sent again under the same id until it is told what became of it. */
import { setTimeout as delay } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { Agent, request } from 'undici';
import type { Notes } from './notes.ts';
import { retryMs } from './retry.ts';

export interface Post {
  readonly org: string;
  readonly secret: string;
  readonly id: string;
  readonly type: string;
  readonly data: object;
  /** When it happened; the same however often it is sent. */
  readonly timestamp: string;
}

export interface Poster {
  /** Resolves with 202, or with what it was refused by. */
  post(post: Post): Promise<number>;
  close(): Promise<void>;
}

const PATIENCE_MS = 5 * 60_000;
const ANSWER_MS = 20_000;

export function createPoster(url: string, notes: Notes): Poster {
  const agent = new Agent({ connections: 64, pipelining: 1 });

  async function postOnce({ org, secret, id }: Post, body: string): Promise<number | null> {
    const at = new Date();
    try {
      const answer = await request(`${url}/webhooks/in/${org}`, {
        method: 'POST',
        dispatcher: agent,
        headers: {
          'content-type': 'application/json',
          'webhook-id': id,
          'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
          'webhook-signature': new Webhook(secret).sign(id, at, body),
        },
        body,
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      const said = JSON.parse(await answer.body.text()) as { readonly status?: unknown };
      if (said.status === 'duplicate') notes.count('messages sent in: answered "duplicate"');
      return answer.statusCode;
    } catch {
      return null;
    }
  }

  return {
    async post(post) {
      const { type, timestamp, data } = post;
      const body = JSON.stringify({ type, timestamp, data });
      const deadline = performance.now() + PATIENCE_MS;
      for (let tries = 0; performance.now() < deadline; tries++) {
        notes.count('messages sent in: attempts');
        const status = await postOnce(post, body);
        if (status !== null && status < 500 && status !== 429) return status;
        await delay(status === 429 ? 1_000 : retryMs(tries));
      }
      throw new Error('What a department sent was not taken for five minutes.');
    },
    close: () => agent.destroy(),
  };
}
