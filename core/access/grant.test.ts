import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createKeyring } from '../platform/keyring.ts';
import type { Caller } from './caller.ts';
import { record } from '../../test/kit/paper-department.ts';
import { isGuardedSince, issueGrant, openGrant } from './grant.ts';

let now = Date.parse('2026-11-21T08:00:00Z');
const clock = { wall: () => new Date(now), business: () => new Date(now) };
const deps = { keyring: createKeyring(Buffer.alloc(32, 3)), clock };
const caller = (subject: string, organisation = 'org_1'): Caller => ({
  subject,
  name: null,
  organisation: {
    id: organisation,
    code: 'centre',
    kind: 'CENTRE',
    path: 'county/centre/',
    selfAndAbove: [organisation],
    sources: [],
  },
  roles: ['centre.operator'],
  purpose: 'mediation',
  reason: null,
  requestId: 'req_1',
});
const content = {
  records: [{ id: 'rec_1', key: '10000017', at: '2026-03-01T00:00:00.000Z', people: { '1': 'per_1' } }],
  withheld: 0,
  refused: null,
  indexedAt: null,
};

it('is opened by the department it was made for, for the caller it was made for', () => {
  const text = issueGrant(deps, 'COURTS', caller('li'), content);
  expect(openGrant(deps, 'COURTS', caller('li'), text)).toMatchObject(content);
  expect(text).not.toContain('10000017');
  expect(Buffer.from(text, 'base64url').toString('latin1')).not.toContain('10000017');
});

it('is worth nothing to another department, another caller or another organisation', () => {
  const text = issueGrant(deps, 'COURTS', caller('li'), content);
  const refused = expect.objectContaining({ code: 'FORBIDDEN' });
  expect(() => openGrant(deps, 'POLICE', caller('li'), text)).toThrow(refused);
  expect(() => openGrant(deps, 'COURTS', caller('wang'), text)).toThrow(refused);
  expect(() => openGrant(deps, 'COURTS', caller('li', 'org_2'), text)).toThrow(refused);
  expect(() =>
    openGrant({ ...deps, keyring: createKeyring(Buffer.alloc(32, 4)) }, 'COURTS', caller('li'), text),
  ).toThrow(refused);
  expect(() => openGrant(deps, 'COURTS', caller('li'), 'forged')).toThrow(refused);
});

it('is refused with any bit of it changed, cut off or added to', () => {
  const bytes = Buffer.from(issueGrant(deps, 'COURTS', caller('li'), content), 'base64url');
  const refused = (changed: Buffer): void =>
    expect(() => openGrant(deps, 'COURTS', caller('li'), changed.toString('base64url'))).toThrow(
      expect.objectContaining({ code: 'FORBIDDEN' }),
    );
  fc.assert(
    fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      refused(changed);
      refused(bytes.subarray(0, bit >> 3));
      refused(Buffer.concat([bytes, changed.subarray(0, 1 + (bit >> 3))]));
    }),
    { seed: 4 },
  );
});

it('ends after a minute', () => {
  const text = issueGrant(deps, 'COURTS', caller('li'), content);
  now += 60_001;
  expect(() => openGrant(deps, 'COURTS', caller('li'), text)).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }));
});

const granted = { id: 'rec_1', key: 'k', at: '2026-03-01T00:00:00.000Z', people: {}, marks: 0 };
const petition = (purpose: string, accused: readonly string[]) => ({
  ...record('PETITIONS', 'k', { accused: [...accused] }),
  ...{ kind: 'PETITION', purpose },
});
it.each([
  ['violence at home that nobody has marked', record('POLICE', 'k', { category: 'DOMESTIC_VIOLENCE' }), true],
  ['an accusation of nobody that is named', petition('ACCUSATION', []), true],
  ['an accusation of the caller’s own house', petition('ACCUSATION', ['centre']), true],
  ['an accusation of another', petition('ACCUSATION', ['court']), false],
  ['an appeal', petition('APPEAL', []), false],
])('what its department says now is guarded as the index will guard it: %s', (_, said, isGuarded) => {
  expect(isGuardedSince(caller('li'), granted, said)).toBe(isGuarded);
});
