import { expect, test } from 'vitest';
import { cleanCode, cleanPhone, cleanText, toDay, toInstant } from './text.ts';

test('What old systems write for nothing becomes null', () => {
  for (const nothing of ['', ' ', 'NULL', '无', '不详', '/', '／', '　', null, undefined]) {
    expect(cleanText(nothing)).toBeNull();
    expect(cleanCode(nothing)).toBeNull();
    expect(cleanPhone(nothing)).toBeNull();
  }
  expect(cleanText('  无锡　路 ')).toBe('无锡 路');
});

test('Full-width digits are folded in codes and phones and kept in names and printed numbers', () => {
  expect(cleanCode('１１０１０５４９１２３１００２ｘ')).toBe('110105491231002X');
  expect(cleanPhone('+86 138-0000 ０００１')).toBe('13800000001');
  expect(cleanText('（2026）枫0101民初1号')).toBe('（2026）枫0101民初1号');
});

test('Days are read in every way they are written', () => {
  for (const written of [
    '2026年3月1日',
    '2026-03-01',
    '20260301',
    '2026/3/1',
    '２０２６年３月１日',
    '2026.3.1',
    '2026-03-01 08:30',
  ])
    expect(toDay(written)).toBe('2026-03-01');
  for (const wrong of ['2026年2月30日', '20261301', '三月一日', '2026-03', '', '2026-03-01 24:61'])
    expect(toDay(wrong)).toBeNull();
});

test('Times are read as times in Shanghai and given in UTC', () => {
  expect(toInstant('2026年3月1日')).toBe('2026-02-28T16:00:00.000Z');
  expect(toInstant('2026年3月1日 14时5分')).toBe('2026-03-01T06:05:00.000Z');
  expect(toInstant('2026-03-01 14:05:09.12')).toBe('2026-03-01T06:05:09.120Z');
  expect(toInstant('20260301140509')).toBe('2026-03-01T06:05:09.000Z');
  expect(toInstant('2026-03-01T14:05:09+08:00')).toBe('2026-03-01T06:05:09.000Z');
  expect(toInstant('2026-03-01T06:05:09Z')).toBe('2026-03-01T06:05:09.000Z');
  expect(toInstant('yesterday')).toBeNull();
});
