/** A server that is away at the moment at which a queue connects for the first time. */
import { randomBytes } from 'node:crypto';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/kit/database.ts';
import { silentLog } from '../../test/kit/index-rig.ts';
import { createQueues } from './queue.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

interface Door {
  readonly url: string;
  shut(): Promise<void>;
  open(): Promise<void>;
}

/** The way to the database, which can be shut for all that come and all that are in. */
async function openDoor(url: string): Promise<Door> {
  const there = new URL(url);
  const inside = new Set<Socket>();
  let server: Server | undefined;
  const listen = (port: number): Promise<void> =>
    new Promise((resolve) => {
      server = createServer((socket) => {
        const onward = connect(Number(there.port), there.hostname);
        for (const end of [socket, onward]) {
          inside.add(end);
          end.on('error', () => undefined);
          end.on('close', () => [socket, onward].forEach((one) => one.destroy()));
        }
        socket.pipe(onward).pipe(socket);
      });
      server.listen(port, '127.0.0.1', resolve);
    });
  await listen(0);
  const { port } = server?.address() as AddressInfo;
  const here = new URL(url);
  here.host = `127.0.0.1:${port}`;
  return {
    url: here.href,
    shut: () =>
      new Promise((resolve) => {
        server?.close(() => resolve());
        for (const socket of inside) socket.destroy();
        inside.clear();
      }),
    open: () => listen(port),
  };
}

test('A queue and a worker that were made while the server was away work as soon as it is back', async () => {
  const door = await openDoor(database.url);
  const queues = await createQueues({ databaseUrl: door.url, redisUrl: null, log: silentLog });
  const name = `q${randomBytes(4).toString('hex')}`;
  await door.shut();
  const done = new Promise<unknown>((resolve) => queues.work(name, async (data) => resolve(data)));
  await expect(queues.queue(name).look('a', 0)).rejects.toThrow();
  await door.open();
  await queues.queue(name).look('a', 0);
  expect(await done).toEqual({ id: 'a' });
  expect(await queues.inspect(name).getFailedCount()).toBe(0);
  await queues.close();
  await door.shut();
});
