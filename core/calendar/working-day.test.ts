import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { projectRoot } from '../platform/project-root.ts';
import { createWorkingDays, loadDayOverrides } from './working-day.ts';

const folder = mkdtempSync(join(tmpdir(), 'maplebridge-days-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (text: string): string => {
  const path = join(folder, 'working-days.yaml');
  writeFileSync(path, text);
  return path;
};

test('Holidays rest, make-up Saturdays and Sundays work, and other days are as on any calendar', () => {
  const { isWorkingDay } = createWorkingDays();
  expect(['2025-10-01', '2025-10-08', '2026-02-23', '2026-09-25', '2026-07-04'].map(isWorkingDay)).toEqual(
    Array(5).fill(false),
  );
  expect(['2025-10-09', '2025-10-11', '2026-01-04', '2026-02-14', '2026-07-03'].map(isWorkingDay)).toEqual(
    Array(5).fill(true),
  );
});

test('A machine west of Greenwich answers the same', () => {
  const before = process.env['TZ'];
  process.env['TZ'] = 'America/Los_Angeles';
  try {
    const days = createWorkingDays();
    expect(['2026-10-01', '2026-10-07', '2026-10-08', '2026-10-10', '2026-10-11'].map(days.isWorkingDay)).toEqual([
      false,
      false,
      true,
      true,
      false,
    ]);
    expect([days.knowsYear(2026), days.knowsYear(2099)]).toEqual([true, false]);
  } finally {
    process.env['TZ'] = before;
  }
});

test('A year without a list falls back to Monday to Friday and is reported', () => {
  const days = createWorkingDays();
  expect([days.knowsYear(2025), days.knowsYear(2026)]).toEqual([true, true]);
  expect(days.isWorkingDay('2025-01-02')).toBe(true);
  expect(days.unknownYears()).toEqual([]);
  expect(['2099-10-01', '2098-10-04', '2099-10-03'].map(days.isWorkingDay)).toEqual([true, false, false]);
  expect(days.unknownYears()).toEqual([2098, 2099]);
});

test('A county adds the next list, or a day of its own, from a file', () => {
  const overrides = loadDayOverrides(
    file(
      '- { day: 2099-10-01, working: false }\n- { day: 2099-10-10, working: true }\n- { day: 2026-07-03, working: false }\n',
    ),
  );
  const days = createWorkingDays({ overrides });
  expect(['2099-10-01', '2099-10-10', '2026-07-03', '2026-07-02'].map(days.isWorkingDay)).toEqual([
    false,
    true,
    false,
    true,
  ]);
  expect([days.knowsYear(2099), days.knowsYear(2098)]).toEqual([true, false]);
});

test('A single day of its own does not make a year known', () => {
  expect(createWorkingDays({ overrides: [{ day: '2099-03-03', working: false }] }).knowsYear(2099)).toBe(false);
});

test('What is wrong in the file is said with its line', () => {
  expect(() =>
    loadDayOverrides(file('- { day: 2099-10-01, working: false }\n- { day: tomorrow, working: false }\n')),
  ).toThrow(/working-days\.yaml is not right:\n {2}line 2: 1\.day: is not a day/);
  expect(() =>
    loadDayOverrides(file('- { day: 2099-10-01, working: false }\n- { day: 2099-10-01, working: true }\n')),
  ).toThrow(/line 2: 1\.day: stands here twice/);
  expect(() => loadDayOverrides(join(folder, 'none.yaml'))).toThrow(/none\.yaml cannot be read; give the path/);
});

test('The example that a county starts from is taken', () => {
  expect(loadDayOverrides(join(projectRoot, 'config/example/working-days.yaml'))).toEqual([]);
});
