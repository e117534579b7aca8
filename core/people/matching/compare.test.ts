import { expect, test } from 'vitest';
import { compareAddresses, createReadAddress } from './address.ts';
import { compareBirthDates, readBirthDate } from './birth-date.ts';
import { compareCitizenNumbers, readCitizenNumber } from './citizen-number.ts';
import { compareNames, readName } from './name.ts';

test.each([
  ['王小敏', '王小敏', 'EQUAL'],
  ['張國強', '张国强', 'EQUAL'],
  ['阿依古丽·艾合买提', '阿依古丽艾合买提', 'EQUAL'],
  ['阿依古丽•艾合买提', '阿依古丽.艾合买提', 'EQUAL'],
  ['王晓敏', '王小闵', 'SOUND'],
  ['陈玲', '程林', 'SOUND'],
  ['侯海', '侯梅', 'LOOK'],
  ['王小敏', '小敏', 'ALIAS'],
  ['王小敏', '阿敏', 'ALIAS'],
  ['王敏', '敏敏', 'ALIAS'],
  ['张国强', '老张', 'ALIAS'],
  ['阿依古丽·艾合买提', '阿依古丽', 'ALIAS'],
  ['王子轩', '王子涵', 'PART'],
  ['王小敏', '王强', 'SURNAME'],
  ['王强', '王刚', 'SURNAME'],
  ['王小敏', '李大伟', 'DIFFERENT'],
  ['王小敏', '  ', 'MISSING'],
])('The names %s and %s: %s', (a, b, agreement) => {
  expect(compareNames(readName(a), readName(b))).toBe(agreement);
  expect(compareNames(readName(b), readName(a))).toBe(agreement);
});

test.each([
  ['1980-03-12', '1980-03-12', 'EQUAL'],
  ['1980-03-12', '1980-12-03', 'SWAPPED'],
  // 1 October 1949 was the tenth day of the eighth month.
  ['1949-10-01', '1949-08-10', 'LUNAR'],
  // New Year's day of 1980 was still in the lunar year before.
  ['1980-01-01', '1979-11-14', 'LUNAR'],
  ['1980-03-12', '1981-03-12', 'YEAR'],
  ['1980-03-12', '1980-03-21', 'NEAR'],
  ['1980-03-12', '1990-03-12', 'NEAR'],
  ['1980-03-12', '1991-07-30', 'DIFFERENT'],
  ['1980-03-12', null, 'MISSING'],
  ['1980-03-12', '不详', 'MISSING'],
])('The birth dates %s and %s: %s', (a, b, agreement) => {
  expect(compareBirthDates(readBirthDate(a), readBirthDate(b))).toBe(agreement);
  expect(compareBirthDates(readBirthDate(b), readBirthDate(a))).toBe(agreement);
});

const VALID = '11010519491231002X';

test.each([
  [VALID, VALID, 'EQUAL'],
  [VALID, '１１０１０５１９４９１２３１００２x', 'EQUAL'],
  [VALID, '110105491231002', 'EQUAL'],
  [VALID, '110105194912310028', 'NEAR'],
  [VALID, '110105194913210027', 'UNCLEAR'],
  [VALID, '11010519491213002X', 'NEAR'],
  ['110105194912310028', '110105194912310028', 'NEAR'],
  [VALID, '440524188001010014', 'DIFFERENT'],
  [VALID, null, 'MISSING'],
])('The numbers %s and %s: %s', (a, b, agreement) => {
  expect(compareCitizenNumbers(readCitizenNumber(a), readCitizenNumber(b))).toBe(agreement);
  expect(compareCitizenNumbers(readCitizenNumber(b), readCitizenNumber(a))).toBe(agreement);
});

const read = createReadAddress([
  { name: '望桥街道办事处', level: 'TOWNSHIP', path: '1/' },
  { name: '稻香镇', level: 'TOWNSHIP', path: '2/' },
  { name: '桃李社区居民委员会', level: 'COMMUNITY', path: '1/11/' },
  { name: '桃李村村民委员会', level: 'COMMUNITY', path: '2/21/' },
  { name: '枫香苑', level: 'COMPOUND', path: '1/11/111/' },
  { name: '秋实苑', level: 'COMPOUND', path: '1/11/112/' },
  { name: '枫香湾', level: 'COMPOUND', path: '2/21/211/' },
]);

test.each([
  ['澄枫县望桥街道桃李社区枫香苑3幢2单元501室', '枫香苑3-2-501', 'HOME'],
  ['澄枫县望桥街道桃李社区枫香苑3幢2单元501室', '澄枫县望桥枫香苑３幢２单元５０１室', 'HOME'],
  ['澄枫县稻香镇桃李村枫香湾3组12号', '稻香镇枫香湾三组12', 'HOME'],
  ['枫香苑3幢2单元501室', '枫香苑3幢2单元502室', 'COMPOUND'],
  ['枫香苑3幢2单元501室', '秋实苑3幢2单元501室', 'DIFFERENT'],
  ['枫香苑3幢2单元501室', '望桥街道', 'MISSING'],
  ['无名路8号', '澄枫县无名路8号', 'HOME'],
  ['枫香苑3幢2单元501室', null, 'MISSING'],
])('The addresses %s and %s: %s', (a, b, agreement) => {
  expect(compareAddresses(read(a), read(b))).toBe(agreement);
  expect(compareAddresses(read(b), read(a))).toBe(agreement);
});
