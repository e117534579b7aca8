import fc from 'fast-check';
import { expect, test } from 'vitest';
import { birthDateOf, checkCharacter, isValidCitizenId, sexOf, upgradeCitizenId } from './citizen-id.ts';

const first17 = fc
  .tuple(fc.integer({ min: 0, max: 36_000 }), fc.integer({ min: 0, max: 999 }))
  .map(([day, sequence]) => {
    const date = new Date(Date.UTC(1920, 0, 1 + day)).toISOString().slice(0, 10).replaceAll('-', '');
    return `990102${date}${String(sequence).padStart(3, '0')}`;
  });

test('The example of GB 11643 has the check character X', () => {
  expect(checkCharacter('11010519491231002')).toBe('X');
  expect(isValidCitizenId('11010519491231002X')).toBe(true);
});

test('Every single wrong digit and every swap of two neighbours is noticed', () => {
  fc.assert(
    fc.property(first17, fc.nat(16), fc.integer({ min: 1, max: 9 }), (digits, position, add) => {
      const id = `${digits}${checkCharacter(digits)}`;
      expect(isValidCitizenId(id)).toBe(true);
      const wrong = [...id];
      wrong[position] = String((Number(wrong[position]) + add) % 10);
      expect(isValidCitizenId(wrong.join(''))).toBe(false);
      const swapped = [...id];
      [swapped[position], swapped[position + 1]] = [id[position + 1] ?? '', id[position] ?? ''];
      expect(isValidCitizenId(swapped.join(''))).toBe(swapped.join('') === id);
    }),
  );
});

test('A 15-digit number is upgraded by the century and the check character', () => {
  expect(upgradeCitizenId('110105491231002')).toBe('11010519491231002X');
  expect(upgradeCitizenId('110105490231002')).toBeNull();
  expect(upgradeCitizenId('11010549123100')).toBeNull();
});

test('Days that do not exist and lower-case or short numbers are not valid', () => {
  const february = '99010219990229001';
  expect(isValidCitizenId(`${february}${checkCharacter(february)}`)).toBe(false);
  expect(isValidCitizenId('11010519491231002x')).toBe(false);
  expect(isValidCitizenId('110105491231002')).toBe(false);
  expect(checkCharacter('1234')).toBeNull();
});

test('Birth date and sex are read from the number', () => {
  expect(birthDateOf('11010519491231002X')).toBe('1949-12-31');
  expect(sexOf('11010519491231002X')).toBe('FEMALE');
  expect(sexOf('110105194912310011')).toBe('MALE');
  expect(birthDateOf('nothing')).toBeNull();
  expect(sexOf('nothing')).toBe('UNKNOWN');
});
