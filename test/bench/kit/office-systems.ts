/** The offices' own systems, on one server: take a referral, accept it, feed its result back; the centre's hears that and closes. */
import { createHmac, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pool } from 'undici';
import type { Office } from '../referrals-program.ts';

export interface Heard {
  readonly office: string;
  readonly type: string;
  readonly referral: string;
  readonly sequence: number;
}

export interface OfficeSystems {
  readonly url: string;
  connect(gateway: string, offices: readonly Office[]): void;
  /** Messages to the gateway that it took. */
  send(office: string, type: string, data: object): Promise<void>;
  close(): Promise<void>;
}

async function readAll(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts).toString();
}

export async function openOfficeSystems(hear: (heard: Heard) => void): Promise<OfficeSystems> {
  let pool: Pool | null = null;
  let keys = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    void readAll(request).then((text) => {
      response.writeHead(204).end();
      const { type, sequence, data } = JSON.parse(text) as {
        type: string;
        sequence: number;
        data: { referral: string };
      };
      hear({ office: request.url?.slice(1) ?? '', type, referral: data.referral, sequence });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    connect(gateway, offices) {
      pool = new Pool(gateway, { connections: 32 });
      keys = new Map(offices.map(({ code, secret }) => [code, Buffer.from(secret.replace('whsec_', ''), 'base64')]));
    },
    async send(office, type, data) {
      const body = JSON.stringify({ type, timestamp: new Date().toISOString(), data });
      const id = `msg_${randomUUID()}`;
      const timestamp = String(Math.floor(Date.now() / 1_000));
      const key = keys.get(office);
      if (!pool || !key) throw new Error(`${office} is not connected.`);
      const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
      const answer = await pool.request({
        path: `/webhooks/in/${office}`,
        method: 'POST',
        headers: {
          ...{ 'content-type': 'application/json', 'webhook-id': id },
          ...{ 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` },
        },
        body,
      });
      await answer.body.dump();
      if (answer.statusCode !== 202) throw new Error(`The gateway answered ${answer.statusCode}.`);
    },
    async close() {
      await pool?.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
