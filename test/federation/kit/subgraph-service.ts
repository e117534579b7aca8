/** A subgraph as a real service on this machine, which can be told to fail as a whole. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ExecutionResult } from 'graphql';
import type { SubgraphRequest } from './subgraph.ts';

export type Conduct = 'answers' | 'status 500' | 'malformed' | 'closes' | 'silent';

export interface SubgraphService {
  readonly url: string;
  /** Every request that came, in order. */
  readonly asked: readonly SubgraphRequest[];
  conduct: Conduct;
  close(): Promise<void>;
}

type Answering = (request: SubgraphRequest) => Promise<ExecutionResult> | ExecutionResult;

const readAll = async (request: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const part of request.setEncoding('utf8')) text += part as string;
  return text;
};

export async function openSubgraphService(answering: () => Answering): Promise<SubgraphService> {
  const asked: SubgraphRequest[] = [];

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = JSON.parse(await readAll(request)) as SubgraphRequest;
    asked.push(body);
    const send = (status: number, text: string) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(text);
    switch (service.conduct) {
      case 'answers':
        send(200, JSON.stringify(await answering()(body)));
        break;
      case 'status 500':
        send(500, '{"errors":[{"message":"out of order"}]}');
        break;
      case 'malformed':
        send(200, '{"data": {');
        break;
      case 'closes':
        request.socket.destroy();
        break;
      case 'silent':
    }
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ errors: [{ message: String(error) }] }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const service: SubgraphService = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    asked,
    conduct: 'answers',
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return service;
}
