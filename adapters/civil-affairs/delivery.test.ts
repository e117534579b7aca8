import iconv from 'iconv-lite';
import { expect, test } from 'vitest';
import type { DropFile, DropItem } from '../kit/files-format.ts';
import type { CivilAffairsRecord } from '../../core/department-record.ts';
import { isWireFault } from '../kit/wire-fault.ts';
import { civilAffairsFormat } from './delivery.ts';
import { csvHeader, fixedLayouts } from './wire.ts';

const gb = (text: string): Buffer => iconv.encode(text, 'gb18030');
const digest = 'a'.repeat(64);
const manifest = [
  '单位=民政局',
  '日期=20261031',
  '发送序号=2',
  '类型=增量',
  '生成时间=2026-11-01 02:15:00',
  '摘要算法=SHA256',
  '总数=41234',
  `文件=MZ_HY_20261031.csv|CSV|12|3456|${digest}`,
  '结束=1',
];
const parsed = (lines: readonly string[], day = '2026-10-31') =>
  civilAffairsFormat.parseManifest(gb(lines.join('\r\n')), day);
const faultField = (lines: readonly string[], day?: string): string | null => {
  try {
    parsed(lines, day);
    return 'none';
  } catch (error) {
    return isWireFault(error) ? error.field : 'other';
  }
};
const file = (form: string): DropFile => ({ name: 'x', form, rows: 0, bytes: 1_000_000, digest });

test('A manifest says what a day holds', () => {
  expect(parsed(manifest)).toEqual({
    day: '2026-10-31',
    sendNumber: 2,
    kind: 'DELTA',
    madeAt: '2026-10-31T18:15:00.000Z',
    digestBy: 'sha256',
    total: 41234,
    files: [{ name: 'MZ_HY_20261031.csv', form: 'CSV', rows: 12, bytes: 3456, digest }],
  });
});

test('A manifest torn off anywhere does not parse', () => {
  const whole = gb(manifest.join('\r\n'));
  for (let length = 0; length < whole.length; length += 1)
    expect(() => civilAffairsFormat.parseManifest(whole.subarray(0, length), '2026-10-31')).toThrow();
});

test('What is wrong with a manifest is named by its field', () => {
  const without = (name: string, line?: string): string[] => [
    ...manifest.filter((one) => !one.startsWith(`${name}=`)),
    ...(line === undefined ? [] : [line]),
  ];
  expect(faultField(manifest, '2026-11-01')).toBe('日期');
  expect(faultField(without('发送序号', '发送序号=0'))).toBe('发送序号');
  expect(faultField(without('类型', '类型=部分'))).toBe('类型');
  expect(faultField(without('摘要算法', '摘要算法=CRC32'))).toBe('摘要算法');
  expect(faultField(without('生成时间'))).toBe('生成时间');
  expect(faultField(without('文件'))).toBe('结束');
  expect(faultField(without('文件', `文件=../../etc/passwd|CSV|1|2|${digest}`))).toBe('文件[0].name');
  expect(faultField(['\u0000垃圾'])).toBe('发送序号');
});

test('Folders that are no days are somebody else’s', () => {
  expect(civilAffairsFormat.dayOf('20261031')).toBe('2026-10-31');
  for (const name of ['20261331', '2026-10-31', 'lost+found', '20261031.bak'])
    expect(civilAffairsFormat.dayOf(name)).toBeNull();
});

// ── CSV ────────────────────────────────────────────────────────────────────────────────────────────────────

const marriage: Readonly<Record<string, string>> = {
  流水号: 'HY2600000123',
  变更标志: '新增',
  证字号: 'HY990102-2026-000123',
  业务类型: '结婚登记',
  登记时间: '2026/3/1 9:05:22',
  登记机关: 'civil-affairs',
  网格代码: '不详',
  起始日期: '2026年3月1日',
  终止日期: '/',
  状态: '有效',
  说明: '结婚登记',
  纠纷类别: '',
  封存: '否',
  涉密: '否',
  保护: '否',
  关联: '法院:（2026）枫0102民初12号|公安:J990101202603010001',
  当事人一序号: '1',
  当事人一身份: '配偶',
  当事人一姓名: '王小明',
  当事人一证件号码: '９９０１０２１９６８０８０４７２９x',
  当事人一出生日期: '1968-08-04',
  当事人一性别: '男',
  当事人一电话: '154-7175-1149',
  当事人一住址: '青枫街道2幢',
};
const csvLine = (fields: Readonly<Record<string, string>>): Buffer =>
  gb(csvHeader.map((column) => fields[column] ?? '').join(','));
const csvItems = (...lines: readonly Buffer[]) =>
  civilAffairsFormat.readPiece(
    file('CSV'),
    Buffer.concat([gb(csvHeader.join(',')), ...lines].flatMap((line) => [line, gb('\r\n')])),
    {
      linesBefore: 0,
      last: true,
    },
  ).items;

test('A row of the marriage register is read whole', () => {
  expect(csvItems(csvLine(marriage))).toEqual([
    {
      type: 'upsert',
      key: 'HY2600000123',
      record: {
        source: 'CIVIL_AFFAIRS',
        kind: 'MARRIAGE',
        key: 'HY2600000123',
        number: 'HY990102-2026-000123',
        at: '2026-03-01T01:05:22.000Z',
        office: 'civil-affairs',
        place: null,
        participants: [
          {
            ref: '1',
            role: 'spouse',
            name: '王小明',
            citizenId: '99010219680804729X',
            birthDate: '1968-08-04',
            sex: 'MALE',
            phone: '15471751149',
            address: '青枫街道2幢',
          },
        ],
        references: [
          { source: 'COURTS', number: '（2026）枫0102民初12号' },
          { source: 'POLICE', number: 'J990101202603010001' },
        ],
        category: null,
        sealed: false,
        classified: false,
        protected: false,
        accused: [],
        from: '2026-03-01',
        to: null,
        status: '有效',
        detail: '结婚登记',
      },
    },
  ]);
});

const bad = (item: DropItem<CivilAffairsRecord> | undefined) =>
  item?.type === 'bad' ? [item.key, item.line, item.field] : item;

test('A birth date that is no day costs nothing, an unknown code costs its row and names its field', () => {
  const [odd] = csvItems(csvLine({ ...marriage, 当事人一出生日期: '1968-02-31', 当事人一性别: '不详' }));
  expect(odd?.type === 'upsert' ? odd.record.participants[0] : null).toMatchObject({ birthDate: null, sex: 'UNKNOWN' });
  for (const [column, value, field] of [
    ['业务类型', '换证', '业务类型'],
    ['变更标志', 'X', '变更标志'],
    ['封存', '也许', '封存'],
    ['纠纷类别', '争吵', '纠纷类别'],
    ['登记时间', '2026/2/30 9:00:00', '登记时间'],
    ['当事人一身份', '邻居', '人员[0].身份'],
    ['关联', '税务:T1', '关联[0].来源'],
    ['关联', '没有冒号', '关联[0].来源'],
  ] as const)
    expect(bad(csvItems(csvLine({ ...marriage, [column]: value }))[0])).toEqual(['HY2600000123', 2, field]);
});

test('A row torn into other columns, with loose quotes or without its key is set aside by its line', () => {
  const rows = [
    gb(`${csvLine(marriage).toString('latin1')},`),
    gb('HY2600000124,"新增'),
    csvLine({ ...marriage, 流水号: 'HY26' }),
    csvLine(marriage),
  ];
  const items = csvItems(...rows);
  expect(items.slice(0, 3).map(bad)).toEqual([
    ['HY2600000123', 2, '(列数)'],
    ['HY2600000124', 3, '(引号)'],
    [null, 4, '流水号'],
  ]);
  expect(items[3]?.type).toBe('upsert');
});

test('Bytes that are no GB18030 name the column they stand in, behind quoted commas too', () => {
  const line = csvLine({ ...marriage, 说明: '"一,二"' });
  const at = line.indexOf(gb('王小明'));
  line.fill(0xff, at, at + 2);
  expect(bad(csvItems(line)[0])).toEqual(['HY2600000123', 2, '当事人一姓名']);
});

test('A row that is struck out needs only its key', () => {
  expect(csvItems(csvLine({ 流水号: 'HY2600000123', 变更标志: '删除' }))).toEqual([
    { type: 'delete', key: 'HY2600000123' },
  ]);
});

test('A header with other columns names the first that differs', () => {
  const head = (columns: readonly string[]) =>
    civilAffairsFormat.headFault(file('CSV'), gb(`${columns.join(',')}\r\n`));
  expect(head(csvHeader)).toBeNull();
  expect(head(csvHeader.map((column) => (column === '状态' ? '情况' : column)))).toBe('状态');
  expect(head([...csvHeader, '备注'])).toBe('(表头)');
  expect(civilAffairsFormat.headFault(file('CSV'), Buffer.from([0xff, 0x0a]))).toBe('流水号');
});

// ── Fixed width ────────────────────────────────────────────────────────────────────────────────────────────

function fixedLine(type: 1 | 2 | 3, fields: Readonly<Record<string, string>>): Buffer {
  const columns: readonly (readonly [string, number])[] = fixedLayouts[type];
  return Buffer.concat(
    columns.map(([name, width]) => {
      const bytes = gb(name === '记录类型' ? String(type) : (fields[name] ?? ''));
      return Buffer.concat([bytes, Buffer.alloc(width - bytes.length, ' ')]);
    }),
  );
}
const main = {
  流水号: 'DB2600000007',
  变更标志: 'A',
  证字号: 'DB990102-2026-000007',
  业务类型: '0201',
  登记时间: '20260301090522',
  登记机关: 'civil-affairs-t03',
  起始日期: '20260301',
  状态: '保障中',
  封存: '0',
  涉密: '0',
  保护: '1',
  人数: '2',
  关联数: '1',
};
const people = [
  { 流水号: main.流水号, 序号: '1', 身份: '02', 姓名: '买买提·艾力', 性别: '1', 出生日期: '19680804' },
  { 流水号: main.流水号, 序号: '2', 身份: '03', 姓名: '王𬤊', 性别: '9' },
];
const reference = { 流水号: main.流水号, 来源: 'XF', 编号: 'XF99012026000001' };
const household = (): Buffer[] => [
  fixedLine(1, main),
  ...people.map((one) => fixedLine(2, one)),
  fixedLine(3, reference),
];
const bytesOf = (lines: readonly Buffer[]): Buffer => Buffer.concat(lines.flatMap((line) => [line, gb('\r\n')]));
const fixedItems = (lines: readonly Buffer[]) =>
  civilAffairsFormat.readPiece(file('定长'), bytesOf(lines), { linesBefore: 0, last: true }).items;

test('A household of the assistance system is one row of several lines', () => {
  const [item] = fixedItems(household());
  expect(item).toMatchObject({
    type: 'upsert',
    record: {
      kind: 'MINIMUM_LIVING',
      at: '2026-03-01T01:05:22.000Z',
      from: '2026-03-01',
      to: null,
      protected: true,
      place: null,
      participants: [
        { ref: '1', role: 'holder', name: '买买提·艾力', sex: 'MALE', birthDate: '1968-08-04', phone: null },
        { ref: '2', role: 'member', name: '王𬤊', sex: 'UNKNOWN', birthDate: null },
      ],
      references: [{ source: 'PETITIONS', number: 'XF99012026000001' }],
    },
  });
});

test('What is wrong in any of its lines costs the row and names that line', () => {
  const spoilt = (line: number, by: (bytes: Buffer) => Buffer) =>
    bad(fixedItems(household().map((bytes, index) => (index + 1 === line ? by(bytes) : bytes)))[0]);
  const key = main.流水号;
  expect(spoilt(1, (bytes) => Buffer.concat([bytes, gb(' ')]))).toEqual([key, 1, '(行长)']);
  expect(spoilt(2, () => fixedLine(2, { ...people[0], 身份: '99' }))).toEqual([key, 2, '人员[0].身份']);
  expect(spoilt(3, () => fixedLine(2, { ...people[1], 流水号: 'DB2600000008' }))).toEqual([key, 3, '流水号']);
  expect(spoilt(3, (bytes) => Buffer.from(bytes).fill(0xff, 18, 20))).toEqual([key, 3, '姓名']);
  expect(spoilt(4, (bytes) => Buffer.concat([gb('9'), bytes.subarray(1)]))).toEqual([key, 4, '记录类型']);
  expect(spoilt(1, () => fixedLine(1, { ...main, 人数: '3' }))).toEqual([key, 1, '人数']);
  expect(bad(fixedItems(household().slice(1))[0])).toEqual([key, 1, '记录类型']);
});

test('Cut into pieces of any size, a file gives the same rows by the same lines', () => {
  const broken = [fixedLine(1, { ...main, 流水号: 'DB2600000009', 业务类型: '0999', 人数: '0', 关联数: '0' })];
  const bytes = bytesOf([...household(), ...broken, ...household()]);
  const whole = civilAffairsFormat.readPiece(file('定长'), bytes, { linesBefore: 0, last: true }).items;
  for (const size of [700, 1_000, 1_500, 5_000]) {
    const items: DropItem<CivilAffairsRecord>[] = [];
    let [offset, lines, length] = [0, 0, size];
    while (offset < bytes.length) {
      const last = offset + length >= bytes.length;
      const piece = civilAffairsFormat.readPiece(file('定长'), bytes.subarray(offset, offset + length), {
        linesBefore: lines,
        last,
      });
      items.push(...piece.items);
      offset += piece.bytes;
      lines += piece.lines;
      length = piece.bytes === 0 ? length * 2 : size;
    }
    expect(items).toEqual(whole);
  }
});
