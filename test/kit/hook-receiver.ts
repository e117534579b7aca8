/** A department's system that takes messages: a real server on this machine, which can be told how to answer. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

export interface TakenMessage {
  readonly id: string;
  readonly body: {
    readonly type: string;
    readonly sequence?: number;
    readonly data: Readonly<Record<string, unknown>>;
  };
  /** By the reference library, with the secret given. */
  readonly verified: boolean;
  /** The HTTP status that it was answered with. */
  readonly answered: number;
}

export interface HookReceiver {
  readonly url: string;
  /** Everything that came, repetitions too. */
  readonly taken: readonly TakenMessage[];
  /** Its secret, known only after it has been registered. */
  trust(secret: string): void;
  /** 204 unless told otherwise. */
  answer(status: number): void;
  close(): Promise<void>;
}

const readAll = async (request: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const part of request.setEncoding('utf8')) text += part as string;
  return text;
};

export async function openHookReceiver(): Promise<HookReceiver> {
  const taken: TakenMessage[] = [];
  let status = 204;
  let webhook: Webhook | null = null;
  const verify = (text: string, headers: Record<string, string>): boolean => {
    try {
      webhook?.verify(text, headers);
      return webhook !== null;
    } catch {
      return false;
    }
  };
  const server = createServer((request, response) => {
    void readAll(request).then((text) => {
      const headers = Object.fromEntries(
        ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [
          name,
          String(request.headers[name] ?? ''),
        ]),
      );
      taken.push({
        id: headers['webhook-id'] ?? '',
        body: JSON.parse(text) as TakenMessage['body'],
        verified: verify(text, headers),
        answered: status,
      });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    taken,
    trust: (secret) => {
      webhook = new Webhook(secret);
    },
    answer: (next) => {
      status = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
