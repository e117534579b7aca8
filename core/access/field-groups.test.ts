import { expect, it } from 'vitest';
import type { Caller } from './caller.ts';
import { decideFields, type Agreement } from './field-groups.ts';
import { maskCitizenId, maskPhone } from './mask.ts';

const agreements = new Map<string, Agreement>([
  ['COURTS', { source: 'COURTS', purposes: ['mediation'], fieldGroups: ['contents'], expires: '2026-11-21' }],
]);
const caller = (given: Partial<Caller> = {}, sources: readonly string[] = []): Caller => ({
  subject: 'li',
  name: null,
  organisation: {
    id: 'org_1',
    code: 'centre',
    kind: 'CENTRE',
    path: 'county/centre/',
    selfAndAbove: ['org_1'],
    sources,
  },
  roles: ['centre.operator'],
  purpose: 'mediation',
  reason: null,
  requestId: 'req_1',
  ...given,
});

it('reads a department under an agreement in force that names the purpose, up to its last day', () => {
  expect(decideFields(caller(), agreements, '2026-11-21').source('COURTS')).toEqual({ allowed: true });
  expect(decideFields(caller(), agreements, '2026-11-22').source('COURTS')).toEqual({
    allowed: false,
    because: 'EXPIRED',
  });
  expect(decideFields(caller({ purpose: 'policing' }), agreements, '2026-11-21').source('COURTS')).toEqual({
    allowed: false,
    because: 'PURPOSE',
  });
  expect(decideFields(caller(), agreements, '2026-11-21').source('POLICE')).toEqual({
    allowed: false,
    because: 'NO_AGREEMENT',
  });
});

it('reads what records say only where the agreement names such fields', () => {
  const of = (fieldGroups: readonly string[], sources: readonly string[] = []) =>
    decideFields(
      caller({}, sources),
      new Map([['COURTS', { source: 'COURTS', purposes: ['mediation'], fieldGroups, expires: '2026-11-21' }]]),
      '2026-11-21',
    );
  expect(of(['identity', 'cases']).contents('COURTS')).toEqual({ allowed: true });
  expect(of(['identity', 'timeline']).source('COURTS')).toEqual({ allowed: true });
  expect(of(['identity', 'timeline']).contents('COURTS')).toEqual({ allowed: false, because: 'FIELDS' });
  expect(of(['identity'], ['COURTS']).contents('COURTS')).toEqual({ allowed: true });
  expect(
    decideFields(caller({ roles: ['auditor'], purpose: 'audit' }), agreements, '2026-11-21').contents('CENTRE'),
  ).toEqual({
    allowed: false,
    because: 'ROLE',
  });
});

it('lets a department read its own part whatever was agreed with others', () => {
  expect(decideFields(caller({}, ['POLICE']), agreements, '2030-01-01').source('POLICE')).toEqual({ allowed: true });
});

it('shows identifiers to a role that deals with people, and only with a reason', () => {
  const view = (given: Partial<Caller>) => decideFields(caller(given), agreements, '2026-11-21').identifiers;
  expect(view({})).toBe('MASKED');
  expect(view({ reason: '核对身份' })).toBe('CLEAR');
  expect(view({ roles: ['auditor'], reason: '核对身份' })).toBe('MASKED');
  expect(view({ roles: ['analyst'], reason: '核对身份' })).toBe('MASKED');
});

it('masks the middle of a number and never shows a short one', () => {
  expect(maskCitizenId('330102197103150028')).toBe('3301**********0028');
  expect(maskCitizenId('12345678')).toBe('********');
  expect(maskPhone('15412345678')).toBe('154****5678');
  expect(maskPhone('1234567')).toBe('*****67');
});
