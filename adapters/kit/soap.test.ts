import { expect, test } from 'vitest';
import type { Clock } from '../../core/platform/clock.ts';
import type { Http, HttpReply } from './http.ts';
import { createSoap, passwordDigest } from './soap.ts';
import { isWireFault } from './wire-fault.ts';

const at = new Date('2026-03-01T06:05:00.000Z');
const clock: Clock = { business: () => at, wall: () => at };
const { signal } = new AbortController();

const service = (reply: Partial<HttpReply>) => {
  const sent: string[] = [];
  const http: Http = {
    request: async ({ body }) => {
      sent.push(String(body));
      return { status: 200, headers: {}, body: Buffer.alloc(0), ...reply };
    },
    close: async () => undefined,
  };
  const soap = createSoap({
    source: 'COURTS',
    http,
    path: '/',
    namespace: 'urn:x',
    username: 'u&',
    password: 'secret',
    clock,
  });
  return { soap, sent };
};
const envelope = (body: string): Buffer =>
  Buffer.from(`<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>${body}</e:Body></e:Envelope>`);
const faultOf = async (call: Promise<unknown>) => {
  const error: unknown = await call.catch((fault: unknown) => fault);
  if (!isWireFault(error)) throw new Error('no WireFault');
  return error;
};

test('The digest is the one of the UsernameToken profile, and the password itself is not sent', async () => {
  const { soap, sent } = service({ body: envelope('<x:EchoResponse><x:ZT>OK</x:ZT></x:EchoResponse>') });
  await expect(soap.call('Echo', '', { signal })).resolves.toEqual({ ZT: 'OK' });
  const [xml = ''] = sent;
  const part = (name: string): string => new RegExp(`:${name}[^>]*>([^<]*)<`).exec(xml)?.[1] ?? '';
  expect(part('Password')).toBe(passwordDigest(Buffer.from(part('Nonce'), 'base64'), part('Created'), 'secret'));
  expect(part('Created')).toBe(at.toISOString());
  expect(xml).not.toContain('secret');
  expect(xml).toContain('<wsse:Username>u&#38;</wsse:Username>');
});

test('A SOAP fault is a refusal that names the code and not the text', async () => {
  const body = envelope(
    '<e:Fault><faultcode>e:Server</faultcode><faultstring>张三 990102197103150028</faultstring></e:Fault>',
  );
  const fault = await faultOf(service({ status: 500, body }).soap.call('Echo', '', { signal }));
  expect(fault.reason).toBe('refused');
  expect((fault.cause as Error).message).toBe('SOAP fault e:Server');
});

test("A proxy's page is a refusal, a lost gateway unreachable, another answer unparsable", async () => {
  const page = Buffer.from('<html><p>Not today</html>');
  expect((await faultOf(service({ status: 503, body: page }).soap.call('Echo', '', { signal }))).reason).toBe(
    'refused',
  );
  expect((await faultOf(service({ status: 502, body: page }).soap.call('Echo', '', { signal }))).reason).toBe(
    'unreachable',
  );
  const other = await faultOf(service({ body: envelope('<OtherResponse/>') }).soap.call('Echo', '', { signal }));
  expect([other.reason, other.field]).toEqual(['unparsable', 'EchoResponse']);
  const torn = await faultOf(service({ body: Buffer.from('<e:Envelope') }).soap.call('Echo', '', { signal }));
  expect([torn.reason, torn.field]).toEqual(['unparsable', '(xml)']);
});
