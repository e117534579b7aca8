/** The GraphQL API as a good client uses it: whatever got no definite answer is asked again, with the same key. */
import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { DemoIssuer } from '../../demo/issuer/issuer.ts';
import type { Asker } from '../kit/installation.ts';
import type { Notes } from './notes.ts';
import { retryMs } from './retry.ts';

export interface Answer<Data> {
  /** Null when it was refused. */
  readonly data: Data | null;
  /** `extensions.code` of the first error. */
  readonly code: string | null;
}

export interface Api {
  /** Rejects when there was no definite answer for five minutes. */
  ask<Data>(who: Asker, query: string, variables: object): Promise<Answer<Data>>;
  close(): Promise<void>;
}

/** By these it is not known whether anything was done. */
const INDEFINITE: ReadonlySet<unknown> = new Set(['INTERNAL', 'SOURCE_UNAVAILABLE', 'RATE_LIMITED']);

const PATIENCE_MS = 5 * 60_000;
const ANSWER_MS = 20_000;

interface Body<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly { readonly extensions?: { readonly code?: string } }[];
}

export function createApi(url: string, issuer: DemoIssuer, notes: Notes): Api {
  const agent = new Agent({ connections: 64, pipelining: 1 });
  const tokens = new Map<string, Promise<string>>();
  const tokenOf = ({ org, roles, subject = org }: Asker): Promise<string> => {
    const known = tokens.get(subject) ?? issuer.mintToken({ org, roles, subject, name: subject });
    tokens.set(subject, known);
    return known;
  };

  /** Null when there is no definite answer. */
  async function askOnce<Data>(who: Asker, body: string): Promise<Answer<Data> | null> {
    try {
      const answer = await request(`${url}/graphql`, {
        method: 'POST',
        dispatcher: agent,
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${await tokenOf(who)}`,
          ...(who.purpose ? { 'x-purpose': who.purpose } : {}),
        },
        body,
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      const { data = null, errors } = JSON.parse(await answer.body.text()) as Body<Data>;
      const codes = (errors ?? []).map(({ extensions }) => extensions?.code ?? 'INTERNAL');
      const indefinite = codes.find((code) => INDEFINITE.has(code));
      if (indefinite !== undefined) notes.count(`requests to the API answered ${indefinite}`);
      if (indefinite !== undefined || (data === null && codes.length === 0)) return null;
      return { data: codes.length > 0 ? null : data, code: codes[0] ?? null };
    } catch (error) {
      // Refused, reset, cut off, timed out: the same to a client.
      const { name, code = name } = error as NodeJS.ErrnoException;
      notes.count(`requests to the API without an answer (${code})`);
      return null;
    }
  }

  return {
    async ask<Data>(who: Asker, query: string, variables: object) {
      const body = JSON.stringify({ query, variables });
      const deadline = performance.now() + PATIENCE_MS;
      for (let tries = 0; performance.now() < deadline; tries++) {
        notes.count('requests to the API');
        const answer = await askOnce<Data>(who, body);
        if (answer) return answer;
        await delay(retryMs(tries));
      }
      throw new Error('The gateway gave no definite answer for five minutes.');
    },
    close: () => agent.destroy(),
  };
}
