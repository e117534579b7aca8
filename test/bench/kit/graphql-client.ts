import { Pool } from 'undici';

export interface GraphqlClient {
  /** Milliseconds until the answer was there, and the answer. */
  ask(query: string, variables: Readonly<Record<string, unknown>>): Promise<{ ms: number; data: unknown }>;
  close(): Promise<void>;
}

export function createGraphqlClient(url: string, token: string, connections: number): GraphqlClient {
  const pool = new Pool(url, { connections });
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}`, 'x-purpose': 'mediation' };
  return {
    async ask(query, variables) {
      const began = performance.now();
      const reply = await pool.request({
        path: '/graphql',
        method: 'POST',
        headers,
        body: JSON.stringify({ query, variables }),
      });
      const text = await reply.body.text();
      const ms = performance.now() - began;
      const { data, errors } = JSON.parse(text) as { data?: unknown; errors?: readonly { message: string }[] };
      if (errors) {
        const said = new Set(errors.map(({ message }) => message));
        throw new Error(`The gateway answered with errors: ${[...said].join('; ')}`);
      }
      return { ms, data };
    },
    close: () => pool.close(),
  };
}
