import { createPublicKey, verify } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { makeSecret, parseSigningKey, parseVerifyingKey } from './secret.ts';

// RFC 8032, 7.1, test 1.
const SEED = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
const POINT = Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex');

describe('making', () => {
  it('gives 32 random bytes as whsec_ for both HMAC schemes, the same to both sides', () => {
    for (const scheme of ['V1', 'V1_SM3'] as const) {
      const { signing, shown } = makeSecret(scheme);
      expect(signing).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
      expect(shown).toBe(signing);
      expect(makeSecret(scheme).signing).not.toBe(signing);
    }
  });

  it('keeps the private key of an Ed25519 pair and shows the public one', () => {
    expect(makeSecret('V1A', () => SEED)).toEqual({
      signing: `whsk_${SEED.toString('base64')}`,
      shown: `whpk_${POINT.toString('base64')}`,
    });
  });
});

describe('reading', () => {
  const shared = makeSecret('V1').signing;
  const { signing, shown } = makeSecret('V1A', () => SEED);

  it('takes a private key with or without its public key behind it', () => {
    const both = `whsk_${Buffer.concat([SEED, POINT]).toString('base64')}`;
    for (const text of [signing, both]) {
      const key = parseSigningKey('V1A', text);
      if (key.scheme !== 'V1A') throw new Error('not an Ed25519 key');
      expect(createPublicKey(key.privateKey).export({ format: 'jwk' }).x).toBe(POINT.toString('base64url'));
    }
  });

  it('verifies what the private key signed with the public key, or with the private one', () => {
    // RFC 8032, 7.1, test 1: the signature of nothing at all.
    const signature = Buffer.from(
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
      'hex',
    );
    for (const text of [signing, shown]) {
      const key = parseVerifyingKey(text);
      if (key.kind !== 'public') throw new Error('not a public key');
      expect(verify(null, Buffer.alloc(0), key.publicKey, signature)).toBe(true);
    }
  });

  it('refuses a secret that is not of the kind its scheme needs', () => {
    const refused = expect.objectContaining({ code: 'BAD_USER_INPUT', details: { field: 'secret' } });
    expect(() => parseSigningKey('V1', signing)).toThrow(refused);
    expect(() => parseSigningKey('V1_SM3', signing)).toThrow(refused);
    expect(() => parseSigningKey('V1A', shared)).toThrow(refused);
    expect(() => parseSigningKey('V1A', shown)).toThrow(refused);
  });

  it.each([
    ['nothing', ''],
    ['only a prefix', 'whsec_'],
    ['no prefix', shared.slice('whsec_'.length)],
    ['another prefix', `sk_${shared.slice('whsec_'.length)}`],
    ['a character that base64 does not have', `${shared.slice(0, -4)}*AA=`],
    ['a line break', `${shared}\n`],
    // 41 characters: no bytes give so many. One fewer or more may be another, shorter secret.
    ['characters missing at its end', shared.slice(0, -3)],
    ['fewer than 24 bytes', `whsec_${Buffer.alloc(23).toString('base64')}`],
    ['more than 64 bytes', `whsec_${Buffer.alloc(65).toString('base64')}`],
    ['a short public key', `whpk_${Buffer.alloc(31).toString('base64')}`],
    ['a short private key', `whsk_${Buffer.alloc(31).toString('base64')}`],
  ])('refuses %s and does not repeat it', (_, text) => {
    const attempt = () => parseVerifyingKey(text);
    expect(attempt).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
    if (text.length > 10) expect(attempt).not.toThrow(text.slice(-10));
  });

  it('prints nothing of a key', () => {
    const printed = inspect([parseVerifyingKey(shared), parseSigningKey('V1A', signing)], { depth: 9 });
    expect(printed).not.toContain(shared.slice(6, 20));
    expect(JSON.stringify(parseVerifyingKey(shared))).toBe('{"kind":"shared","secret":{}}');
  });
});
