import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it, vi } from 'vitest';
import { makeSecret, parseSigningKey, parseVerifyingKey, type SigningScheme } from './secret.ts';
import { explainRefusal, sign, verify } from './signature.ts';

const now = new Date('2026-11-21T02:00:00.400Z');
const timestamp = Math.floor(now.getTime() / 1_000);
const body = '{"type":"referral.dispatched","data":{"note":"枫桥"}}';
const pair = (scheme: SigningScheme) => {
  const { signing, shown } = makeSecret(scheme);
  return { secret: shown, signs: parseSigningKey(scheme, signing), verifies: parseVerifyingKey(shown) };
};
const own = pair('V1');
const headersOf = (changed: Record<string, string | string[] | undefined> = {}) => ({
  'webhook-id': 'msg_1',
  'webhook-timestamp': String(timestamp),
  'webhook-signature': sign([own.signs], { id: 'msg_1', timestamp, body }),
  ...changed,
});
const refusal = (changed: Record<string, string | string[] | undefined>) => {
  expect(verify([own.verifies], headersOf(changed), body, now)).toBe('refused');
  return explainRefusal([own.verifies], headersOf(changed), body, now);
};

describe('the reference library', () => {
  it('gets the same signature for the example of the specification', () => {
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
    expect(sign([parseSigningKey('V1', secret)], { id, timestamp: 1614265330, body: '{"test": 2432232314}' })).toBe(
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    );
  });

  it('verifies what we sign', () => {
    vi.useFakeTimers({ now, toFake: ['Date'] });
    try {
      const reference = new Webhook(own.secret);
      expect(reference.verify(body, headersOf() as Record<string, string>)).toEqual(JSON.parse(body));
      const rotating = sign([pair('V1_SM3').signs, own.signs], { id: 'msg_1', timestamp, body });
      expect(() =>
        reference.verify(body, headersOf({ 'webhook-signature': rotating }) as Record<string, string>),
      ).not.toThrow();
    } finally {
      vi.useRealTimers();
    }
  });

  it('signs what we verify, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.stringMatching(/^[A-Za-z0-9_-]{1,50}$/), (text, id) => {
        const signature = new Webhook(own.secret).sign(id, now, text);
        const headers = headersOf({ 'webhook-id': id, 'webhook-signature': signature });
        expect(verify([own.verifies], headers, Buffer.from(text), now)).toBe('ok');
        expect(sign([own.signs], { id, timestamp, body: text })).toBe(signature);
      }),
      { numRuns: 40 },
    );
  });
});

describe('schemes', () => {
  it('V1A is one Ed25519 signature that the public key verifies', () => {
    const { signs, verifies } = pair('V1A');
    const signature = sign([signs], { id: 'msg_1', timestamp, body });
    expect(signature).toMatch(/^v1a,[A-Za-z0-9+/]{86}==$/);
    expect(verify([verifies], headersOf({ 'webhook-signature': signature }), body, now)).toBe('ok');
    expect(verify([pair('V1A').verifies], headersOf({ 'webhook-signature': signature }), body, now)).toBe('refused');
    expect(verify([verifies], headersOf({ 'webhook-signature': signature }), `${body} `, now)).toBe('refused');
  });

  it('V1_SM3 is two signatures, each of which is enough for a receiver that knows only one', () => {
    const { signs, verifies } = pair('V1_SM3');
    const [v1 = '', sm3 = '', ...more] = sign([signs], { id: 'msg_1', timestamp, body }).split(' ');
    expect([v1.slice(0, 3), sm3.slice(0, 6), more]).toEqual(['v1,', 'v1sm3,', []]);
    expect(verify([verifies], headersOf({ 'webhook-signature': v1 }), body, now)).toBe('ok');
    expect(verify([verifies], headersOf({ 'webhook-signature': sm3 }), body, now)).toBe('ok');
  });

  it('v1sm3 is HMAC (RFC 2104) over the hash SM3', () => {
    const sm3 = (...parts: Buffer[]) => createHash('sm3').update(Buffer.concat(parts)).digest();
    expect(sm3(Buffer.from('abc')).toString('hex')).toBe(
      '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0',
    );
    const key = Buffer.alloc(64);
    key.fill(7, 0, 32);
    const inner = sm3(Buffer.from(key.map((byte) => byte ^ 0x36)), Buffer.from('a.1.b'));
    const expected = sm3(Buffer.from(key.map((byte) => byte ^ 0x5c)), inner).toString('base64');
    const signs = parseSigningKey('V1_SM3', `whsec_${Buffer.alloc(32, 7).toString('base64')}`);
    expect(sign([signs], { id: 'a', timestamp: 1, body: 'b' }).split(' ')[1]).toBe(`v1sm3,${expected}`);
  });

  it('both the old and the new secret sign while one is being rotated, and either is enough', () => {
    const next = pair('V1');
    const signature = sign([next.signs, own.signs], { id: 'msg_1', timestamp, body });
    expect(signature.split(' ')).toHaveLength(2);
    for (const keys of [[own.verifies], [next.verifies], [next.verifies, own.verifies]]) {
      expect(verify(keys, headersOf({ 'webhook-signature': signature }), body, now)).toBe('ok');
    }
    expect(verify([pair('V1').verifies], headersOf({ 'webhook-signature': signature }), body, now)).toBe('refused');
  });

  it('a third secret is not forgotten', () => {
    const keys = [pair('V1').verifies, pair('V1').verifies, own.verifies];
    expect(verify(keys, headersOf(), body, now)).toBe('ok');
  });
});

describe('time', () => {
  const at = (seconds: number) => {
    const moved = timestamp + seconds;
    return headersOf({
      'webhook-timestamp': String(moved),
      'webhook-signature': sign([own.signs], { id: 'msg_1', timestamp: moved, body }),
    });
  };

  it('accepts five minutes either way', () => {
    expect(verify([own.verifies], at(-300), body, now)).toBe('ok');
    expect(verify([own.verifies], at(300), body, now)).toBe('ok');
  });

  it('refuses a message that is older', () => {
    expect(verify([own.verifies], at(-301), body, now)).toBe('refused');
    expect(explainRefusal([own.verifies], at(-301), body, now)).toBe('too old');
  });

  it('refuses a message from later', () => {
    expect(verify([own.verifies], at(301), body, now)).toBe('refused');
    expect(explainRefusal([own.verifies], at(301), body, now)).toBe('too new');
  });

  it('refuses another timestamp than the signed one', () => {
    expect(refusal({ 'webhook-timestamp': String(timestamp + 1) })).toBe('no match');
  });

  it.each([
    '',
    'now',
    '1.5e9',
    '-1',
    '+1',
    '0',
    ` ${timestamp}`,
    `0${timestamp}`,
    `${timestamp}.0`,
    `${timestamp}000000`,
  ])('refuses the malformed timestamp %j', (text) => {
    expect(refusal({ 'webhook-timestamp': text })).toBe('malformed timestamp');
  });
});

describe('refuses', () => {
  it.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('a message without %s', (name) => {
    expect(refusal({ [name]: undefined })).toBe('missing header');
  });

  it('a header that came twice', () => {
    expect(refusal({ 'webhook-id': ['msg_1', 'msg_1'] })).toBe('missing header');
  });

  it.each(['', 'msg 1', 'msg.1', 'msg_1\n', '枫', 'm'.repeat(201)])('the malformed id %j', (id) => {
    expect(refusal({ 'webhook-id': id })).toBe('malformed id');
  });

  it('another id than the signed one', () => {
    expect(refusal({ 'webhook-id': 'msg_2' })).toBe('no match');
  });

  it('a body of which one byte has changed', () => {
    const changed = Buffer.from(body);
    changed[5] = (changed[5] ?? 0) ^ 1;
    expect(verify([own.verifies], headersOf(), changed, now)).toBe('refused');
  });

  it('the same JSON written differently', () => {
    expect(verify([own.verifies], headersOf(), JSON.stringify(JSON.parse(body), null, 1), now)).toBe('refused');
  });

  it('a signature of another secret', () => {
    const signature = sign([pair('V1').signs], { id: 'msg_1', timestamp, body });
    expect(refusal({ 'webhook-signature': signature })).toBe('no match');
  });

  it('an HMAC given out for a signature of another version', () => {
    const signature = headersOf()['webhook-signature'];
    expect(refusal({ 'webhook-signature': signature.replace('v1,', 'v1sm3,') })).toBe('no match');
    expect(refusal({ 'webhook-signature': signature.replace('v1,', 'v2,') })).toBe('malformed signature');
  });

  it('a public key taken for a shared secret', () => {
    const ed25519 = makeSecret('V1A');
    const asShared = parseSigningKey('V1', ed25519.shown.replace('whpk_', 'whsec_'));
    const signature = sign([asShared], { id: 'msg_1', timestamp, body });
    const headers = headersOf({ 'webhook-signature': signature });
    expect(verify([parseVerifyingKey(ed25519.shown)], headers, body, now)).toBe('refused');
  });

  it.each(['', ' ', 'v1', 'v1,', ',', 'v1;abc', 'v1,AAAA', 'v1,not base64', `v1,${'A'.repeat(4_000)}`])(
    'the malformed signature %j',
    (signature) => {
      expect(refusal({ 'webhook-signature': signature })).toBe('malformed signature');
    },
  );

  it('a good signature hidden among too many', () => {
    const good = headersOf()['webhook-signature'];
    expect(refusal({ 'webhook-signature': `${`v1,${'A'.repeat(43)}= `.repeat(10)}${good}` })).toBe(
      'malformed signature',
    );
  });

  it('everything when no secret is known, the decoy’s own signature too', () => {
    const decoy = parseSigningKey('V1_SM3', `whsec_${Buffer.alloc(32).toString('base64')}`);
    const signature = sign([decoy], { id: 'msg_1', timestamp, body });
    expect(verify([], headersOf(), body, now)).toBe('refused');
    expect(verify([], headersOf({ 'webhook-signature': signature }), body, now)).toBe('refused');
    expect(verify([own.verifies], headersOf({ 'webhook-signature': signature }), body, now)).toBe('refused');
  });
});

it('passes over signatures that cannot be read beside one that is good', () => {
  const good = headersOf()['webhook-signature'];
  expect(verify([own.verifies], headersOf({ 'webhook-signature': `v9,AAAA rubbish ${good}` }), body, now)).toBe('ok');
});

it('signs no id or time that nobody could verify', () => {
  const refused = expect.objectContaining({ code: 'INTERNAL' });
  expect(() => sign([own.signs], { id: 'a.b', timestamp, body })).toThrow(refused);
  expect(() => sign([own.signs], { id: 'a', timestamp: 1.5, body })).toThrow(refused);
  expect(() => sign([], { id: 'a', timestamp, body })).toThrow(refused);
});
