import { expect, test } from 'vitest';
import { z } from 'zod';
import { birthDay, code, coded, instant, parseWire, theInstant, theText, tryParse } from './parse.ts';
import { isWireFault } from './wire-fault.ts';

const schema = z.object({
  名称: theText,
  时间: theInstant,
  结束: instant,
  证件: code,
  生日: birthDay,
  类型: coded({ '01': 'ONE', X: 'TEN' }),
});
const good = { 名称: ' 张三 ', 时间: '2026年3月1日', 结束: '无', 证件: '１2x', 生日: '1990-02-31', 类型: '０１' };

test('What fits is cleaned and typed', () => {
  expect(parseWire('COURTS', schema, good)).toEqual({
    名称: '张三',
    时间: '2026-02-28T16:00:00.000Z',
    结束: null,
    证件: '12X',
    生日: null,
    类型: 'ONE',
  });
});

test('What does not fit names the field and never the value', () => {
  const secret = '990102197103150028';
  for (const field of ['时间', '结束', '类型']) {
    const parsed = tryParse('COURTS', z.array(schema), [good, { ...good, [field]: secret }]);
    if (!('fault' in parsed)) throw new Error('it parsed');
    expect(isWireFault(parsed.fault)).toBe(true);
    expect(parsed.fault.field).toBe(`[1].${field}`);
    expect(JSON.stringify([parsed.fault, parsed.fault.message, parsed.fault.cause])).not.toContain(secret);
  }
});

test('A value used as a key is not named', () => {
  const parsed = tryParse('COURTS', z.record(z.string(), z.number()), { '990102197103150028': 'x' });
  expect('fault' in parsed && parsed.fault.field).toBe('?');
});
