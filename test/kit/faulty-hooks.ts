/** Departments' systems that take messages, on this machine: one for each path, answering as they are told. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TakenMessage {
  readonly id: string;
  readonly path: string;
  readonly text: string;
}

/** `answer`: a status; null hangs up. */
export async function openFaultyHooks(taken: TakenMessage[], answer: (message: TakenMessage) => number | null) {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const id = String(request.headers['webhook-id']);
      const message = { id, path: request.url ?? '', text: Buffer.concat(parts).toString() };
      taken.push(message);
      const status = answer(message);
      if (status === null) request.socket.destroy();
      else response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
