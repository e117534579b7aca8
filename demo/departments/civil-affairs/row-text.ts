/** A row as the bureau's two systems write it: the marriage register with words in CSV, the assistance system with codes by bytes. */
import iconv from 'iconv-lite';
import type { CivilRecordKind } from '../../../core/department-record.ts';
import { AppError } from '../../../core/platform/errors.ts';
import type { CivilAffairsRow, ParticipantRow } from '../../county/model.ts';
import { categoryWords, chineseDay, fullWidth, inShanghai, pickFrom, sourceWords } from '../kit/old-text.ts';

/** What a clerk, a program or a disk can do to one row. */
export type Flaw = 'columns' | 'bytes' | 'code' | 'key';

/** `row` null: struck out. */
export interface Written {
  readonly key: string;
  readonly change: 'new' | 'changed';
  readonly row: CivilAffairsRow | null;
  readonly flaw?: Flaw | undefined;
}

const gb = (text: string): Buffer => iconv.encode(text, 'gb18030');

const PERSON = ['序号', '身份', '姓名', '证件号码', '出生日期', '性别', '电话', '住址'];
const PEOPLE_SIDE_BY_SIDE = 2;
export const csvHeader: readonly string[] = [
  ...['流水号', '变更标志', '证字号', '业务类型', '登记时间', '登记机关', '网格代码', '起始日期', '终止日期'],
  ...['状态', '说明', '纠纷类别', '封存', '涉密', '保护', '关联'],
  ...['当事人一', '当事人二'].flatMap((who) => PERSON.map((column) => who + column)),
];

// Each clerk has a way of writing nothing; which one, the row decides, so that it is always the same.
const nothings = ['', '无', '不详', '/', 'NULL', '　'];
const orNothing = (value: string | null, seed: string): string =>
  value ?? nothings[pickFrom(seed, nothings.length)] ?? '';
const writtenId = (id: string, seed: string): string => {
  const way = pickFrom(`${seed}id`, 12);
  return way === 0 ? fullWidth(id) : way === 1 ? id.toLowerCase() : id;
};
const stamp = (instant: string): string => inShanghai(instant).replace(/\D/g, '').slice(0, 14);

// ── CSV ────────────────────────────────────────────────────────────────────────────────────────────────────

const roleWords: Readonly<Record<string, string>> = {
  spouse: '配偶',
  holder: '户主',
  member: '成员',
  child: '儿童',
  guardian: '监护人',
};
const wordOf = (table: Readonly<Record<string, string>>, word: string): string => {
  const found = table[word];
  if (found === undefined) throw new AppError('BAD_USER_INPUT', 'The bureau has no code for that.');
  return found;
};

/** `2026/3/1 9:05:22`, as a spreadsheet leaves it. */
function slashed(instant: string): string {
  const [date = '', time = ''] = inShanghai(instant).split('T');
  const [year, month, day] = date.split('-').map(Number);
  const [hour, minute = '', second = ''] = time.slice(0, 8).split(':');
  return `${year}/${month}/${day} ${Number(hour)}:${minute}:${second}`;
}

const quoted = (field: string): string => (/[",]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);

function csvPerson(person: ParticipantRow | undefined, key: string): string[] {
  if (person === undefined) return PERSON.map(() => '');
  const seed = `${key}${person.ref}`;
  return [
    person.ref,
    wordOf(roleWords, person.role),
    person.name,
    person.citizenId === null ? orNothing(null, `${seed}i`) : writtenId(person.citizenId, seed),
    person.birthDate === null ? orNothing(null, `${seed}b`) : person.birthDate,
    { MALE: '男', FEMALE: '女', UNKNOWN: '不详' }[person.sex],
    orNothing(person.phone, `${seed}p`),
    orNothing(person.address, `${seed}a`),
  ];
}

const kindWords: Partial<Record<CivilRecordKind, string>> = { MARRIAGE: '结婚登记', DIVORCE: '离婚登记' };

function csvLine({ key, change, row, flaw }: Written): Buffer {
  if (row === null) return gb(`${key},删除${','.repeat(csvHeader.length - 2)}\r\n`);
  if (row.participants.length > PEOPLE_SIDE_BY_SIDE)
    throw new AppError('BAD_USER_INPUT', 'The marriage register has two places.');
  const yesOrNo = (is: boolean): string => (is ? '是' : '否');
  const fields = [
    flaw === 'key' ? key.slice(0, 5) : key,
    change === 'new' ? '新增' : '修改',
    row.number,
    flaw === 'code' ? '换证' : wordOf(kindWords, row.kind),
    slashed(row.at),
    row.office,
    orNothing(row.place, `${key}w`),
    row.from === null ? '' : chineseDay(row.from),
    row.to === null ? orNothing(null, `${key}t`) : chineseDay(row.to),
    row.status,
    orNothing(row.detail, `${key}d`),
    row.category === null ? orNothing(null, `${key}c`) : wordOf(categoryWords, row.category),
    yesOrNo(row.sealed),
    yesOrNo(row.classified),
    yesOrNo(row.protected),
    row.references.map(({ source, number }) => `${wordOf(sourceWords, source)}:${number}`).join('|'),
    ...csvPerson(row.participants[0], key),
    ...csvPerson(row.participants[1], key),
  ];
  if (flaw === 'columns') fields.splice(4, 0, '多余');
  const line = gb(`${fields.map(quoted).join(',')}\r\n`);
  return flaw === 'bytes' ? spoil(line, gb(row.participants[0]?.name ?? row.number)) : line;
}

/** Two bytes that no GB18030 text has, where `found` stood. */
function spoil(line: Buffer, found: Buffer): Buffer {
  const spoilt = Buffer.from(line);
  spoilt.fill(0xff, spoilt.indexOf(found), spoilt.indexOf(found) + 2);
  return spoilt;
}

// ── Fixed width ────────────────────────────────────────────────────────────────────────────────────────────

const kindCodes: Readonly<Record<CivilRecordKind, string>> = {
  MARRIAGE: '0101',
  DIVORCE: '0102',
  ADOPTION: '0103',
  GUARDIANSHIP: '0104',
  MINIMUM_LIVING: '0201',
  DESTITUTE: '0202',
  TEMPORARY_RELIEF: '0203',
  DISABILITY_ALLOWANCE: '0301',
  LEFT_BEHIND_CHILD: '0401',
  DE_FACTO_ORPHAN: '0402',
  ELDERLY_CARE: '0501',
  SHELTER: '0601',
};
const roleCodes: Readonly<Record<string, string>> = {
  spouse: '01',
  holder: '02',
  member: '03',
  child: '04',
  guardian: '05',
};
const sourceCodes: Readonly<Record<string, string>> = {
  COURTS: 'FY',
  POLICE: 'GA',
  PETITIONS: 'XF',
  CIVIL_AFFAIRS: 'MZ',
};

/** Padded with spaces to a width in bytes. A value that does not fit is never cut. */
function fixed(fields: readonly (readonly [value: string, width: number])[]): Buffer {
  const parts: Buffer[] = [];
  for (const [value, width] of fields) {
    const bytes = gb(value);
    if (bytes.length > width) throw new AppError('BAD_USER_INPUT', 'A value is too long for its column.');
    parts.push(bytes, Buffer.alloc(width - bytes.length, ' '));
  }
  parts.push(Buffer.from('\r\n'));
  return Buffer.concat(parts);
}

function fixedLines({ key, change, row, flaw }: Written): Buffer {
  const flag = row === null ? 'D' : change === 'new' ? 'A' : 'U';
  const bit = (is: boolean | undefined): string => (is ? '1' : '0');
  const day = (date: string | null | undefined): string => date?.replaceAll('-', '') ?? '';
  const main = fixed([
    ['1', 1],
    [flaw === 'key' ? '' : key, 12],
    [flag, 1],
    [row?.number ?? '', 32],
    [row === null ? '' : flaw === 'code' ? '0999' : kindCodes[row.kind], 4],
    [row === null ? '' : stamp(row.at), 14],
    [row?.office ?? '', 40],
    [row === null ? '' : orNothing(row.place, `${key}w`), 40],
    [day(row?.from), 8],
    [day(row?.to), 8],
    [row?.status ?? '', 20],
    [row === null ? '' : orNothing(row.detail, `${key}d`), 120],
    [row?.category == null ? '' : wordOf(categoryWords, row.category), 20],
    [bit(row?.sealed), 1],
    [bit(row?.classified), 1],
    [bit(row?.protected), 1],
    [String(row?.participants.length ?? 0), 2],
    [String(row?.references.length ?? 0), 2],
  ]);
  const people = (row?.participants ?? []).map((person) => {
    const seed = `${key}${person.ref}`;
    return fixed([
      ['2', 1],
      [flaw === 'key' ? '' : key, 12],
      [person.ref, 3],
      [wordOf(roleCodes, person.role), 2],
      [person.name, 60],
      [person.citizenId === null ? orNothing(null, `${seed}i`) : writtenId(person.citizenId, seed), 36],
      [day(person.birthDate), 8],
      [{ MALE: '1', FEMALE: '2', UNKNOWN: '9' }[person.sex], 1],
      [orNothing(person.phone, `${seed}p`), 24],
      [orNothing(person.address, `${seed}a`), 160],
    ]);
  });
  const references = (row?.references ?? []).map(({ source, number }) =>
    fixed([
      ['3', 1],
      [flaw === 'key' ? '' : key, 12],
      [wordOf(sourceCodes, source), 2],
      [number, 60],
    ]),
  );
  const lines = Buffer.concat([main, ...people, ...references]);
  if (flaw === 'columns') return Buffer.concat([main.subarray(0, -2), gb(' \r\n'), ...people, ...references]);
  return flaw === 'bytes' ? spoil(lines, gb(row?.participants[0]?.name ?? row?.number ?? '')) : lines;
}

/** Couples, by the letters that their keys begin with, are in the marriage register; everybody else with the assistance system. */
export const rowLines = (written: Written): { readonly register: 'csv' | 'fixed'; readonly lines: Buffer } =>
  /^(HY|LH)/.test(written.key)
    ? { register: 'csv', lines: csvLine(written) }
    : { register: 'fixed', lines: fixedLines(written) };
