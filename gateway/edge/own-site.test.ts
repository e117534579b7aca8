import type { IncomingHttpHeaders } from 'node:http';
import { expect, test } from 'vitest';
import { assertOwnSite } from './own-site.ts';

const host = 'centre.example:4000';
const cookie = 'maplebridge_session=x';

test.each<[string, IncomingHttpHeaders]>([
  ['a browser on this site’s page', { 'sec-fetch-site': 'same-origin', origin: `http://${host}`, host, cookie }],
  [
    'a browser behind a proxy that calls us something else',
    { 'sec-fetch-site': 'same-origin', host: 'inside', cookie },
  ],
  ['an old browser on this site’s page', { origin: `https://${host}`, host, cookie }],
  ['a program with a token', { host, authorization: 'Bearer x' }],
])('A change is taken from %s', (_who, headers) => {
  expect(() => assertOwnSite('PUT', headers)).not.toThrow();
});

test.each<[string, IncomingHttpHeaders]>([
  ['another site', { 'sec-fetch-site': 'cross-site', host, cookie }],
  ['a sister site', { 'sec-fetch-site': 'same-site', host, cookie }],
  ['another site that calls itself ours', { 'sec-fetch-site': 'cross-site', origin: `http://${host}`, host, cookie }],
  ['an address that was typed', { 'sec-fetch-site': 'none', host, cookie }],
  ['another site in an old browser', { origin: 'https://elsewhere.example', host, cookie }],
  ['another port of the same machine', { origin: 'http://centre.example:8080', host, cookie }],
  ['a page without an origin', { origin: 'null', host, cookie }],
  ['a proxy’s user whose browser says nothing', { host, cookie, authorization: 'Bearer x' }],
  [
    'another site, with the token that a proxy adds',
    { 'sec-fetch-site': 'cross-site', host, authorization: 'Bearer x' },
  ],
])('A change is refused from %s', (_who, headers) => {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
    expect(() => assertOwnSite(method, headers)).toThrow('own page');
});

test('Looking is allowed from anywhere', () => {
  for (const method of ['GET', 'HEAD', 'OPTIONS'])
    expect(() => assertOwnSite(method, { 'sec-fetch-site': 'cross-site', host })).not.toThrow();
});
