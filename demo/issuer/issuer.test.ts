import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, expect, test } from 'vitest';
import { openDemoIssuer } from './issuer.ts';

const folder = mkdtempSync(join(tmpdir(), 'issuer-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let now = new Date('2026-03-01T08:00:00Z');
const open = () => openDemoIssuer({ folder, audience: 'maplebridge', clock: { wall: () => now } });
const li = { org: 'centre', roles: ['centre.operator'], subject: 'li', name: '李梅' };

test('A token is verified by discovery and JWKS like that of any issuer, also after a restart', async () => {
  const token = await (await open()).mintToken(li);
  const issuer = await open();
  const server = await issuer.serve();
  const discovery = (await (await fetch(`${issuer.url}/.well-known/openid-configuration`)).json()) as Record<
    string,
    string
  >;
  expect(discovery['issuer']).toBe(issuer.url);
  const jwks = createRemoteJWKSet(new URL(discovery['jwks_uri'] ?? ''));
  const { payload } = await jwtVerify(token, jwks, { issuer: issuer.url, audience: 'maplebridge', currentDate: now });
  expect(payload).toMatchObject({ sub: 'li', name: '李梅', org: 'centre', roles: ['centre.operator'] });
  expect(await (await fetch(`${issuer.url}/jwks`)).text()).not.toContain('"d"');
  expect((await fetch(`${issuer.url}/__proto__`)).status).toBe(404);
  await expect((await open()).serve()).rejects.toThrow(/cannot listen on port/);
  await server.close();
});

test('A ticket stands for a token for an hour, is no token itself, and a token is no ticket', async () => {
  const issuer = await open();
  const ticket = await issuer.mintTicket(li);
  expect(await issuer.redeemTicket(ticket)).toMatch(/^ey/);
  expect(await issuer.redeemTicket(await issuer.mintToken(li))).toBeNull();
  expect(await issuer.redeemTicket('nonsense')).toBeNull();
  now = new Date(now.getTime() + 61 * 60 * 1000);
  expect(await issuer.redeemTicket(ticket)).toBeNull();
});

test('It listens on this machine only', async () => {
  await expect(openDemoIssuer({ folder, audience: 'm', clock: { wall: () => now }, host: '0.0.0.0' })).rejects.toThrow(
    /this machine only/,
  );
});
