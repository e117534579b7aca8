import { expect, test } from 'vitest';
import { createKeyring } from '../platform/keyring.ts';
import { describePerson, type DescribedMention } from './describe-person.ts';
import { nameTokens, searchTokens } from './name-token.ts';
import { normaliseName, normalisePhone, usableCitizenId } from './normal-form.ts';

const keyring = createKeyring(Buffer.alloc(32, 7));

test('Names agree with or without the middle dot, in full or half width, with spaces or without', () => {
  const names = ['阿依古丽·买买提', '阿依古丽．买买提', '阿依古丽•买买提', '阿依古丽买买提', ' 阿依古丽 买买提　'];
  expect(new Set(names.map(normaliseName)).size).toBe(1);
  expect(normaliseName('Ｌｉ Ｍｉｎｇ')).toBe('LIMING');
  expect(normaliseName('·')).toBe('');
});

test('A citizen ID is usable with a right check digit only, and 15 digits are upgraded', () => {
  expect(usableCitizenId('11010519491231002X')).toBe('11010519491231002X');
  expect(usableCitizenId('１１０１０５１９４９１２３１００２ｘ')).toBe('11010519491231002X');
  expect(usableCitizenId('110105491231002')).toBe('11010519491231002X');
  expect(usableCitizenId('110105194912310021')).toBeNull();
  expect(usableCitizenId(null)).toBeNull();
});

test('A telephone is its digits without the country code', () => {
  expect(normalisePhone('+86 138-0000-1234')).toBe('13800001234');
  expect(normalisePhone('０５７１—８８８８ １２３４')).toBe('057188881234');
  expect(normalisePhone('110')).toBeNull();
});

test('A name is found by its first character, by any part of two, and by the whole', () => {
  const stored = new Set(nameTokens(keyring, '欧阳·小明').map((token) => token.toString('hex')));
  const finds = (text: string): boolean =>
    searchTokens(keyring, text).every((token) => stored.has(token.toString('hex')));
  for (const text of ['欧', '欧阳', '阳小', '小明', '欧阳小明', '欧阳·小明']) expect(finds(text), text).toBe(true);
  for (const text of ['阳', '明小', '欧阳小红']) expect(finds(text), text).toBe(false);
  expect(searchTokens(keyring, ' · ')).toEqual([]);
});

test('A person is shown as most records have them, and as the latest where they are at odds', () => {
  const said = (at: string, fields: Partial<DescribedMention>): DescribedMention => ({
    name: '王小明',
    citizenId: null,
    birthDate: null,
    phone: null,
    address: null,
    sex: 'UNKNOWN',
    at: new Date(at),
    source: 'COURTS',
    ...fields,
  });
  const identity = describePerson([
    said('2026-01-01', { phone: '13800000001', sex: 'MALE', citizenId: '11010519491231002X' }),
    said('2026-03-01', {
      name: '王晓明',
      phone: '138 0000 0002',
      citizenId: '110105194912310021',
      birthDate: '1949-12-31',
    }),
    said('2026-02-01', { phone: '13800000001', birthDate: '1949-12-13' }),
  ]);
  expect(identity).toEqual({
    name: '王小明',
    sex: 'MALE',
    birthDate: '1949-12-31',
    citizenId: '11010519491231002X',
    phones: ['13800000002', '13800000001'],
  });
});
