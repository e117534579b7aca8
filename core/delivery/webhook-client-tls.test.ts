import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createTargetPolicy } from './target.ts';
import { createWebhookClient } from './webhook-client.ts';

// A certificate of one's own, in DER: Node can read one but not make one.
const der = (tag: number, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  const length = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
};
const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const pem = (label: string, bytes: Buffer): string =>
  `-----BEGIN ${label}-----\n${bytes.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`;

/** Self-signed, for a DNS name and for 127.0.0.1. */
function makeCertificate(name: string): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ecdsaWithSha256 = der(0x30, hex('06082a8648ce3d040302'));
  const subject = der(0x30, der(0x31, der(0x30, hex('0603550403'), der(0x0c, Buffer.from(name)))));
  const validity = der(0x30, der(0x17, Buffer.from('200101000000Z')), der(0x17, Buffer.from('491231235959Z')));
  const names = der(0x30, der(0x82, Buffer.from(name)), der(0x87, Buffer.from([127, 0, 0, 1])));
  const extensions = der(0xa3, der(0x30, der(0x30, hex('0603551d11'), der(0x04, names))));
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  const serial = der(
    0x02,
    Buffer.concat([Buffer.from([1]), createHash('sha256').update(spki).digest().subarray(0, 8)]),
  );
  const body = der(
    0x30,
    ...[der(0xa0, der(0x02, Buffer.from([2]))), serial, ecdsaWithSha256, subject, validity, subject, spki, extensions],
  );
  const signature = der(0x03, Buffer.from([0]), sign('sha256', body, privateKey));
  return {
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
    cert: pem('CERTIFICATE', der(0x30, body, ecdsaWithSha256, signature)),
  };
}

const NAME = 'hook.example.cn';
const pair = makeCertificate(NAME);
const asked: (string | false)[] = [];
const server = createServer(pair, (request, response) => {
  asked.push((request.socket as unknown as { servername: string | false }).servername);
  response.end('verified');
});
let port = 0;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

let close = async (): Promise<void> => undefined;
afterEach(() => close());

function post(host: string, ca?: string) {
  const client = createWebhookClient({
    policy: createTargetPolicy({ allow: ['127.0.0.1/32'] }),
    clock: { wall: () => new Date() },
    connections: 1,
    lookup: async () => ['127.0.0.1'],
    ...(ca === undefined ? {} : { ca }),
  });
  close = () => client.close();
  return client.post(`https://${host}:${port}/`, { headers: {}, body: '{}', timeoutMs: 5_000 });
}

it('the certificate is verified for the name, though the connection goes to an address', async () => {
  expect(await post(NAME, pair.cert)).toMatchObject({ status: 200, excerpt: 'verified' });
  expect(asked.at(-1)).toBe(NAME);
});

it('a certificate for the address is enough when the address is what was registered', async () => {
  expect(await post('127.0.0.1', pair.cert)).toMatchObject({ status: 200 });
  expect(asked.at(-1)).toBe(false);
});

it('a certificate for another name is refused', async () => {
  expect(await post('other.example.cn', pair.cert)).toMatchObject({ error: 'tls' });
});

it('a certificate that nobody vouches for is refused, whatever the environment says', async () => {
  const count = asked.length;
  expect(await post(NAME)).toMatchObject({ error: 'tls' });
  expect(await post(NAME, makeCertificate(NAME).cert)).toMatchObject({ error: 'tls' });
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  try {
    expect(await post(NAME)).toMatchObject({ error: 'tls' });
  } finally {
    delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  }
  expect(asked).toHaveLength(count);
});
