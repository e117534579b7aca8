import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, expect, it, vi } from 'vitest';
import { makeSecret, parseVerifyingKey } from '../core/delivery/secret.ts';
import { systemClock, type Clock } from '../core/platform/clock.ts';
import { addWebhookCommand, createReceiver, sendWebhook } from './webhook.ts';

const now = new Date('2026-11-21T02:00:00Z');
const clock = { wall: () => now };
const { signing, shown } = makeSecret('V1');
const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function started(server: Server): Promise<string> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function receiver(answer = 200, at: Pick<Clock, 'wall'> = clock) {
  const lines: string[] = [];
  const kept: string[] = [];
  const keys = [parseVerifyingKey(shown)];
  const server = createReceiver({
    ...{ keys, path: '/hook', answer, clock: at },
    say: (line) => lines.push(line),
    keep: (id) => kept.push(id),
  });
  return { origin: await started(server), lines, kept };
}

const message = { secret: signing, type: 'referral.accept', data: '{"id":"ref_1"}', id: 'msg_1' };

it('what is sent is verified, printed in a line, kept once, and recognised when it comes again', async () => {
  const { origin, lines, kept } = await receiver(202);
  expect(await sendWebhook({ ...message, url: `${origin}/hook` }, clock)).toMatchObject({ id: 'msg_1', status: 202 });
  expect(await sendWebhook({ ...message, url: `${origin}/hook?a=b` }, clock)).toMatchObject({ status: 202 });
  expect(lines).toEqual([
    '2026-11-21T02:00:00.000Z 202 msg_1 verified "referral.accept" {"id":"ref_1"}',
    '2026-11-21T02:00:00.000Z 202 msg_1 again "referral.accept" {"id":"ref_1"}',
  ]);
  expect(kept).toEqual(['msg_1']);
});

it('a refusal says why', async () => {
  const { origin, lines, kept } = await receiver();
  const url = `${origin}/hook`;
  expect(await sendWebhook({ ...message, url, secret: makeSecret('V1').signing }, clock)).toMatchObject({
    status: 401,
  });
  const early = { wall: () => new Date(now.getTime() - 301_000) };
  expect(await sendWebhook({ ...message, url }, early)).toMatchObject({ status: 401 });
  expect(await sendWebhook({ ...message, url: `${origin}/other` }, clock)).toMatchObject({ status: 404 });
  expect((await fetch(url)).status).toBe(405);
  expect((await fetch(url, { method: 'POST' })).status).toBe(401);
  expect((await fetch(url, { method: 'POST', body: Buffer.alloc(1024 * 1024 + 1) })).status).toBe(413);
  expect(lines.map((line) => line.slice(25))).toEqual([
    '401 "msg_1" refused, no match: no signature fits: another secret, or the body was changed on its way (even by one space)',
    '401 "msg_1" refused, too old: webhook-timestamp is more than 5 minutes ago: is a clock wrong, or is this a replay?',
    '404 refused: not sent to /hook',
    '405 refused: GET is not POST',
    expect.stringMatching(/^401 "-" refused, missing header/),
    '413 refused: larger than 1 MB',
  ]);
  expect(kept).toEqual([]);
});

it('a public key verifies what the private one signed', async () => {
  const pair = makeSecret('V1A');
  const lines: string[] = [];
  const keys = [parseVerifyingKey(pair.shown)];
  const options = {
    keys,
    path: '/',
    answer: 200,
    clock,
    say: (line: string) => lines.push(line),
    keep: () => undefined,
  };
  const url = await started(createReceiver(options));
  expect(await sendWebhook({ ...message, url, secret: pair.signing }, clock)).toMatchObject({ status: 200 });
});

it('data may come from a file, and each message gets an id of its own', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'maplebridge-webhook-'));
  try {
    const file = join(folder, 'data.json');
    writeFileSync(file, '{"id":"ref_2"}\n');
    const { origin, lines, kept } = await receiver();
    const sent = { secret: signing, type: 'referral.start', data: `@${file}`, url: `${origin}/hook` };
    await sendWebhook(sent, clock);
    await sendWebhook(sent, clock);
    expect(lines[0]).toContain('"referral.start" {"id":"ref_2"}');
    expect(new Set(kept).size).toBe(2);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('what cannot be sent is told before anything is sent', async () => {
  const refused = expect.objectContaining({ code: 'BAD_USER_INPUT' });
  const url = 'http://127.0.0.1:1/';
  await expect(sendWebhook({ ...message, url, data: '{id:1}' }, clock)).rejects.toThrow(refused);
  await expect(sendWebhook({ ...message, url, data: '@/nowhere/data.json' }, clock)).rejects.toThrow(refused);
  await expect(sendWebhook({ ...message, url, id: 'a.b' }, clock)).rejects.toThrow(refused);
  await expect(sendWebhook({ ...message, url: 'gateway' }, clock)).rejects.toThrow(refused);
  await expect(sendWebhook({ ...message, url, secret: 'secret' }, clock)).rejects.toThrow(refused);
});

it('an address where nobody answers is named as such, and a redirect is shown, not followed', async () => {
  const server = createServer((_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end());
  const url = await started(server);
  expect(await sendWebhook({ ...message, url }, clock)).toMatchObject({ status: 302 });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await expect(sendWebhook({ ...message, url }, clock)).rejects.toThrow(
    expect.objectContaining({ code: 'SOURCE_UNAVAILABLE' }),
  );
});

it('the command prints the answer, and fails when that is no success', async () => {
  const written: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => written.push(String(chunk)) > 0);
  vi.stubEnv('WEBHOOK_SECRET', signing);
  try {
    const words = [
      'webhook',
      'send',
      '--type',
      'referral.accept',
      '--data',
      '{"id":"ref_1"}',
      '--id',
      'msg_1',
      '--url',
    ];
    const run = (url: string) => {
      const program = new Command().exitOverride();
      addWebhookCommand(program);
      return program.parseAsync([...words, url], { from: 'user' });
    };
    const { origin } = await receiver(200, systemClock);
    await run(`${origin}/hook`);
    await expect(run(`${origin}/other`)).rejects.toThrow(expect.objectContaining({ code: 'INTERNAL' }));
  } finally {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  }
  expect(written).toEqual(['msg_1 200 \n', 'msg_1 404 \n']);
});
