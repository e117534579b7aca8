/** How a checkpoint is sent to a witness: one request, bounded in time and size. */
import { Agent, request } from 'undici';
import type { WitnessAnswer } from './witness.ts';

const TIMEOUT_MS = 5_000;
/** A size, or signatures: more is not read. */
const MOST_BYTES = 16 * 1_024;

export interface WitnessClient {
  post(url: string, body: string): Promise<WitnessAnswer>;
  close(): Promise<void>;
}

export function createWitnessClient(): WitnessClient {
  const agent = new Agent({ connect: { timeout: TIMEOUT_MS }, maxResponseSize: MOST_BYTES });
  return {
    async post(url, body) {
      const answer = await request(url, {
        dispatcher: agent,
        method: 'POST',
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        body,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return { status: answer.statusCode, body: await answer.body.text() };
    },
    close: () => agent.close(),
  };
}
