import { createHash, createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { PoliceRow } from '../../county/model.ts';
import { createIncidentRegister } from './incident-register.ts';
import { createQuota } from './quota.ts';
import { signatureFault } from './request-signature.ts';

describe('The quota', () => {
  test('lets so many calls through in the minute that the first of them begins', () => {
    let at = Date.UTC(2026, 2, 1);
    const quota = createQuota(3, () => new Date(at));
    expect([quota.take(), quota.take(), quota.take()]).toEqual([null, null, null]);
    at += 20_500;
    expect(quota.take()).toBe(40);
    at += 39_499;
    expect(quota.take()).toBe(1);
    at += 1;
    expect(quota.take()).toBeNull();
  });
});

describe('The signature', () => {
  const now = new Date('2026-03-01T00:30:00Z');
  const body = Buffer.from('{}');
  const signed = (date: Date, secret = 'secret', target = '/jqcx') => {
    const digest = `SHA-256=${createHash('sha256').update(body).digest('base64')}`;
    const text = ['POST', target, date.toUTCString(), digest].join('\n');
    const signature = createHmac('sha256', secret).update(text).digest('base64');
    return {
      method: 'POST',
      target: '/jqcx',
      headers: {
        date: date.toUTCString(),
        digest,
        authorization: `HMAC-SHA256 Credential=zzzx-01, Signature=${signature}`,
      },
      body,
    };
  };
  const minutes = (count: number): Date => new Date(now.getTime() + count * 60_000);

  test('is good within five minutes of our clock, either way', () => {
    for (const date of [now, minutes(5), minutes(-5)]) expect(signatureFault('secret', signed(date), now)).toBeNull();
    for (const date of [minutes(6), minutes(-6)]) expect(signatureFault('secret', signed(date), now)).toBe('4011');
  });

  test('of another key, of another path, or over another body is none', () => {
    const good = signed(now);
    expect(signatureFault('other', good, now)).toBe('4010');
    expect(signatureFault('secret', signed(now, 'secret', '/jqbg'), now)).toBe('4010');
    expect(signatureFault('secret', { ...good, body: Buffer.from('{"jqbs":[]}') }, now)).toBe('4010');
    expect(signatureFault('secret', { ...good, headers: {} }, now)).toBe('4010');
    expect(signatureFault('secret', signed(minutes(60), 'other'), now)).toBe('4010');
  });
});

describe('The register', () => {
  const row = (key: string, changedAt: string): PoliceRow => ({
    key,
    number: `J${key}`,
    at: changedAt,
    changedAt,
    office: 'station-t01',
    place: null,
    participants: [],
    references: [],
    category: null,
    sealed: false,
    classified: false,
    protected: false,
    kind: 'HELP',
    scene: null,
    disposition: null,
  });
  const keys = (page: { readonly incidents: readonly { readonly key: string }[] }): string[] =>
    page.incidents.map(({ key }) => key);

  test('tells what changed in order, each incident once, deletions too', () => {
    const a = row('a', '2026-01-01T00:00:00.000Z');
    const register = createIncidentRegister([a, row('b', '2026-01-02T00:00:00.000Z')]);
    const first = register.changedAfter(0, 1);
    expect([keys(first), first.more]).toEqual([['a'], true]);
    const place = first.incidents[0]?.changedAt ?? 0;

    register.put(a, new Date('2026-01-03T00:00:00Z'));
    // A clock that stands still, or goes back, must not make two changes of one time.
    register.remove('b', new Date('2026-01-03T00:00:00Z'));
    const rest = register.changedAfter(place, 10);
    expect([keys(rest), rest.more]).toEqual([['a', 'b'], false]);
    expect(rest.incidents[1]?.row).toBeNull();
    expect(register.size).toBe(1);
    expect(register.find('b')).toBeNull();
    expect(keys(register.changedAfter(rest.incidents[1]?.changedAt ?? 0, 10))).toEqual([]);
  });
});
