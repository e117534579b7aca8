import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AppError } from './errors.ts';
import { createLog, describeError, maskPersonal } from './log.ts';

const collect = () => {
  const lines: string[] = [];
  return { lines, out: { write: (line: string) => lines.push(line) } };
};

test('A line is one JSON object with level, time and message', () => {
  const { lines, out } = collect();
  createLog({ level: 'info', out }).info({ source: 'COURTS', ms: 12 }, 'read');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'info', source: 'COURTS', ms: 12, msg: 'read' });
});

test('A field nobody allowed is named but its value withheld, in children too', () => {
  const { lines, out } = collect();
  createLog({ level: 'info', out }).child({ citizenName: '张三' }).info({ phone: '电话', code: 'INTERNAL' }, 'failed');
  expect(lines.join('')).not.toMatch(/张三|电话/);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    phone: '[withheld]',
    citizenName: '[withheld]',
    code: 'INTERNAL',
  });
});

test('Lines below the level are not written', () => {
  const { lines, out } = collect();
  createLog({ level: 'warn', out }).info({}, 'quiet');
  expect(lines).toEqual([]);
});

test('Citizen IDs and mobile numbers are masked anywhere in the line, even in the message and nested', () => {
  const { lines, out } = collect();
  const digits = (length: number) => fc.array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length });
  const personal = fc.oneof(
    fc.tuple(digits(17), fc.constantFrom('X', 'x', '7')).map(([d, last]) => d.join('') + last),
    digits(17).map((d) => d.join('')),
    digits(15).map((d) => d.join('')),
    digits(9).map((d) => `13${d.join('')}`),
  );
  const log = createLog({ level: 'info', out });
  fc.assert(
    fc.property(personal, fc.constantFrom('', 'a', '号', ' ', '"', '-'), (value, around) => {
      lines.length = 0;
      log.info({ reason: { nested: [`${around}${value}${around}`] } }, `saw ${around}${value}`);
      expect(lines.join('')).not.toContain(value);
    }),
  );
});

test('Full-width digits are masked; times, amounts and record numbers are not', () => {
  expect(maskPersonal('１１０１０５１９４９１２３１００２Ｘ')).toBe('***');
  expect(maskPersonal('{"time":"2026-03-01T08:00:00.000Z","count":1234567890123,"ms":12}')).toBe(
    '{"time":"2026-03-01T08:00:00.000Z","count":1234567890123,"ms":12}',
  );
});

test('An error is described without the values that libraries quote', () => {
  let thrown: unknown;
  try {
    JSON.parse('{"name": 张三 11010519491231002X}');
  } catch (error) {
    thrown = error;
  }
  const described = JSON.stringify(
    describeError(new AppError('INTERNAL', 'The reply does not parse.', { cause: thrown })),
  );
  expect(described).toContain('The reply does not parse.');
  expect(described).toContain('SyntaxError');
  expect(described).not.toMatch(/张三|11010519491231002/);
});
