import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTargetPolicy } from './target.ts';
import { createWebhookClient, type WebhookClient, type WebhookClientOptions } from './webhook-client.ts';

const clock = { wall: () => new Date('2026-11-21T02:00:00Z') };
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

function listen(server: Server, host = '127.0.0.1'): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => void sockets.add(socket));
  open.push({
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  });
  return new Promise((resolve) => {
    server.listen(0, host, () => resolve((server.address() as AddressInfo).port));
  });
}

const answering = (listener: RequestListener, host?: string) => listen(createServer(listener), host);

function clientOf({ allow = ['127.0.0.1/32'], ...options }: Partial<WebhookClientOptions> & { allow?: string[] } = {}) {
  const client = createWebhookClient({ policy: createTargetPolicy({ allow }), clock, connections: 2, ...options });
  open.push(client);
  return client;
}

const post = (client: WebhookClient, url: string, timeoutMs = 5_000) =>
  client.post(url, { headers: { 'content-type': 'application/json' }, body: '{}', timeoutMs });

describe('a hostile target', () => {
  let reached = 0;
  let port = 0;
  beforeEach(async () => {
    reached = 0;
    port = await listen(createTcpServer((socket) => void (reached++, socket.destroy())));
  });

  it.each([
    ...['127.0.0.1', '127.255.255.254', '2130706433', '0177.0.0.1', '0x7f000001', '0x7f.1', '127.1', '127.0.0.1.'],
    ...['0', '0.0.0.0', '１２７．０．０．１', '127。0。0。1', 'localhost', 'hook.localhost', 'localhost.'],
    ...['10.0.0.1', '172.16.0.1', '192.168.0.1', '169.254.0.1', '100.64.0.1', '224.0.0.1', '255.255.255.255'],
    ...['169.254.169.254', '0xa9fea9fe', '100.100.100.200', '168.63.129.16', '[fd00:ec2::254]'],
    ...['192.0.2.1', '198.51.100.1', '203.0.113.1', '198.18.0.1', '240.0.0.1', '192.88.99.1'],
    ...[
      '[::1]',
      '[::]',
      '[fe80::1]',
      '[fc00::1]',
      '[ff02::1]',
      '[2001:db8::1]',
      '[::ffff:127.0.0.1]',
      '[::ffff:7f00:1]',
    ],
    ...['[::127.0.0.1]', '[64:ff9b::7f00:1]', '[2002:7f00:1::]', '[2001:0:4136:e378:8000:63bf:3fff:fdd2]'],
    ...['8.8.8.8@127.0.0.1', 'user:password@127.0.0.1'],
  ])('is refused as written: https://%s/', async (host) => {
    const client = clientOf({ allow: [], lookup: async () => ['127.0.0.1'] });
    expect(await post(client, `https://${host}:${port}/`)).toMatchObject({ error: 'target_refused' });
    expect(reached).toBe(0);
  });

  it.each([
    ['loopback', ['127.0.0.1']],
    ['IPv6 loopback', ['::1']],
    ['a private address', ['10.0.0.1']],
    ['cloud metadata', ['169.254.169.254']],
    ['carrier-grade NAT', ['100.64.0.1']],
    ['an IPv4-mapped address', ['::ffff:127.0.0.1']],
    ['a public address and a private one', ['8.8.8.8', '127.0.0.1']],
    ['a private address and a public one', ['127.0.0.1', '8.8.8.8']],
    ['a public address and a link-local one with its zone', ['2600::1', 'fe80::1%lo']],
    ['what is no address', ['0x7f000001']],
  ])('is refused when its name leads to %s', async (_, addresses) => {
    const client = clientOf({ allow: [], lookup: async () => addresses });
    expect(await post(client, `https://hook.example.cn:${port}/`)).toMatchObject({ error: 'target_refused' });
    expect(reached).toBe(0);
  });

  it('is refused by http, though its address is public, unless its range is listed', async () => {
    const client = clientOf({ allow: ['10.20.0.0/16'], lookup: async () => ['8.8.8.8'] });
    expect(await post(client, `http://hook.example.cn:${port}/`)).toMatchObject({ error: 'target_refused' });
    expect(await post(clientOf({ allow: [] }), `http://8.8.8.8:${port}/`)).toMatchObject({ error: 'target_refused' });
  });

  it('is refused when its name led to a good address first and to a bad one after', async () => {
    // The good one is a loopback address that is listed, the bad one another that is not, with the same port on both.
    const good = await answering((_, response) => response.setHeader('connection', 'close').end('good'), '127.0.0.2');
    let bad = 0;
    const trap = createTcpServer((socket) => void (bad++, socket.destroy()));
    open.push({ close: () => new Promise((resolve) => trap.close(resolve)) });
    await new Promise<void>((resolve) => trap.listen(good, '127.0.0.1', resolve));
    const asked: string[] = [];
    const lookup = async (name: string) => (asked.push(name), [asked.length === 1 ? '127.0.0.2' : '127.0.0.1']);
    const client = clientOf({ allow: ['127.0.0.2/32'], lookup });
    const url = `http://hook.example.cn:${good}/`;
    expect(await post(client, url)).toMatchObject({ status: 200, excerpt: 'good' });
    // Asked once for the connection: the address judged is the address connected to.
    expect(asked).toEqual(['hook.example.cn']);
    expect(await post(client, url)).toMatchObject({ error: 'target_refused' });
    expect(asked).toHaveLength(2);
    expect(bad).toBe(0);
  });

  it('is not reached by a redirect', async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      const location = `http://127.0.0.1:${port}/`;
      const server = await answering((_, response) => response.writeHead(status, { location }).end());
      expect(await post(clientOf(), `http://127.0.0.1:${server}/`)).toMatchObject({ status });
    }
    expect(reached).toBe(0);
  });
});

describe('an answer', () => {
  it('comes with status, excerpt and time; the endpoint gets the very bytes and headers', async () => {
    let got = {};
    const port = await answering((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        got = { body: Buffer.concat(parts).toString(), method: request.method, url: request.url, ...request.headers };
        response.writeHead(202).end('收到');
      });
    });
    const answer = await clientOf({ lookup: async () => ['127.0.0.1'] }).post(`http://hook.example.cn:${port}/a?b=c`, {
      headers: { 'webhook-id': 'msg_1', 'content-type': 'application/json' },
      body: Buffer.from('{"人":1}'),
    });
    expect(answer).toEqual({ status: 202, retryAfterMs: null, excerpt: '收到', durationMs: expect.any(Number) });
    expect(got).toMatchObject({ body: '{"人":1}', method: 'POST', url: '/a?b=c', 'webhook-id': 'msg_1' });
    expect(got).toMatchObject({ host: `hook.example.cn:${port}` });
    expect(got).not.toHaveProperty('cookie');
  });

  it('is kept of no cookie', async () => {
    const cookies: (string | undefined)[] = [];
    const port = await answering((request, response) => {
      cookies.push(request.headers.cookie);
      response.setHeader('set-cookie', 'a=b').end();
    });
    const client = clientOf();
    await post(client, `http://127.0.0.1:${port}/`);
    await post(client, `http://127.0.0.1:${port}/`);
    expect(cookies).toEqual([undefined, undefined]);
  });

  it('goes past the proxies that the environment names', async () => {
    process.env['http_proxy'] = process.env['HTTP_PROXY'] = 'http://127.0.0.1:1';
    try {
      const port = await answering((_, response) => response.end());
      expect(await post(clientOf(), `http://127.0.0.1:${port}/`)).toMatchObject({ status: 200 });
    } finally {
      delete process.env['http_proxy'];
      delete process.env['HTTP_PROXY'];
    }
  });

  it('says 410 like any other', async () => {
    const port = await answering((_, response) => response.writeHead(410).end('gone'));
    expect(await post(clientOf(), `http://127.0.0.1:${port}/`)).toMatchObject({ status: 410, excerpt: 'gone' });
  });

  it.each([
    ['120', 120_000],
    ['0', 0],
    ['Sat, 21 Nov 2026 02:01:30 GMT', 90_000],
    ['Saturday, 21-Nov-26 02:01:30 GMT', 90_000],
    ['Sat Nov 21 02:01:30 2026', 90_000],
    ['Sat, 21 Nov 2026 01:00:00 GMT', 0],
    ['-5', null],
    ['1.5', null],
    ['soon', null],
    ['Nonsense, 99 Foo 2026 99:99:99 GMT', null],
  ])('asks to wait: Retry-After: %s', async (value, retryAfterMs) => {
    const port = await answering((_, response) => response.writeHead(503, { 'retry-after': value }).end());
    expect(await post(clientOf(), `http://127.0.0.1:${port}/`)).toMatchObject({ status: 503, retryAfterMs });
  });

  it('is read to 1 kB, though it never ends, and does not hang', async () => {
    let closed: () => void;
    const isClosed = new Promise<void>((resolve) => (closed = resolve));
    const port = await answering((_, response) => {
      response.on('close', () => closed());
      const more = () => {
        while (response.write('枫'.repeat(1_000)) && !response.destroyed);
        response.once('drain', more);
      };
      more();
    });
    const answer = await post(clientOf(), `http://127.0.0.1:${port}/`);
    expect(answer).toMatchObject({ status: 200, excerpt: '枫'.repeat(341) });
    await isClosed;
  });

  it('that stops in the middle of its body keeps its status', async () => {
    const port = await answering((_, response) => void response.writeHead(200).write('half'));
    expect(await post(clientOf(), `http://127.0.0.1:${port}/`, 100)).toMatchObject({ status: 200, excerpt: 'half' });
  });

  it('is masked, and fit to be stored', async () => {
    const port = await answering((_, response) => response.end('\u0000no 330621199001011234, 13800138000\n'));
    expect(await post(clientOf(), `http://127.0.0.1:${port}/`)).toMatchObject({ excerpt: '\ufffdno ***, ***\n' });
  });
});

describe('no answer', () => {
  it('in time is a timeout', async () => {
    const port = await answering(() => undefined);
    expect(await post(clientOf(), `http://127.0.0.1:${port}/`, 50)).toMatchObject({ error: 'timeout' });
  });

  it('from a resolver that never answers is a timeout', async () => {
    const client = clientOf({ lookup: () => new Promise(() => undefined) });
    expect(await post(client, 'https://hook.example.cn/', 50)).toMatchObject({ error: 'timeout' });
  });

  it('because we are going down is not the endpoint’s fault', async () => {
    const stop = new AbortController();
    const port = await answering(() => stop.abort());
    const given = { headers: {}, body: '{}', signal: stop.signal };
    expect(await clientOf().post(`http://127.0.0.1:${port}/`, given)).toMatchObject({ error: 'aborted' });
    expect(await clientOf().post(`http://127.0.0.1:${port}/`, given)).toMatchObject({ error: 'aborted' });
  });

  it('says what went wrong', async () => {
    const rejected = Object.assign(new Error(), { code: 'ENOTFOUND' });
    const nowhere = clientOf({ lookup: () => Promise.reject(rejected) });
    expect(await post(nowhere, 'https://hook.example.cn/')).toMatchObject({ error: 'name_not_found' });
    const empty = clientOf({ lookup: async () => [] });
    expect(await post(empty, 'https://hook.example.cn/')).toMatchObject({ error: 'name_not_found' });
    const rude = await listen(createTcpServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')));
    expect(await post(clientOf(), `http://127.0.0.1:${rude}/`)).toMatchObject({ error: 'not_http' });
    const shut = await listen(createTcpServer((socket) => socket.once('data', () => socket.destroy())));
    expect(await post(clientOf(), `http://127.0.0.1:${shut}/`)).toMatchObject({ error: 'connection_lost' });
    const plain = await answering((_, response) => response.end());
    expect(await post(clientOf(), `https://127.0.0.1:${plain}/`)).toMatchObject({ error: 'tls' });
  });

  it('of one address lets the next be tried', async () => {
    const port = await answering((_, response) => response.end('second'), '127.0.0.3');
    const client = clientOf({ allow: ['127.0.0.0/8'], lookup: async () => ['127.0.0.2', '127.0.0.3'] });
    expect(await post(client, `http://hook.example.cn:${port}/`)).toMatchObject({ excerpt: 'second' });
    const none = clientOf({ allow: ['127.0.0.0/8'], lookup: async () => ['127.0.0.4'] });
    expect(await post(none, `http://hook.example.cn:${port}/`)).toMatchObject({ error: 'connection_refused' });
  });
});
