/** How the bureau lays out a night's delivery: `20261031/MZ_20261031.manifest`, a CSV and a fixed-width file in GB18030. */
import type { CivilAffairsRecord } from '../../core/department-record.ts';
import type { DropFormat, DropItem, DropManifest, Piece } from '../kit/files-format.ts';
import { csvFields, cutLines, decodeGb18030, fixedFields, widthOf } from '../kit/files-text.ts';
import { parseWire, tryParse } from '../kit/parse.ts';
import { cleanCode, cleanText, toDay } from '../kit/text.ts';
import { wireFault } from '../kit/wire-fault.ts';
import { toCivilAffairsRecord } from './map.ts';
import {
  csvHeader,
  csvPersonColumns,
  csvPersons,
  csvRowColumns,
  fixedLayouts,
  headWire,
  KEY,
  manifestWire,
  rowWire,
} from './wire.ts';

const SOURCE = 'CIVIL_AFFAIRS';

type Item = DropItem<CivilAffairsRecord>;

const keyIn = (written: string | undefined): string | null => {
  const key = cleanCode(written);
  return key !== null && KEY.test(key) ? key : null;
};
const bad = (key: string | null, line: number, field: string, reason = 'not readable'): Item => ({
  type: 'bad',
  key,
  line,
  field,
  reason,
});

/** `lineOf` a field that does not parse, for rows of several lines. */
function toItem(row: Readonly<Record<string, unknown>>, line: number, lineOf?: (field: string) => number): Item {
  const head = tryParse(SOURCE, headWire, row);
  const key = keyIn(String(row['流水号']));
  if ('fault' in head) return bad(key, line, head.fault.field ?? '');
  if (head.value.变更标志 === 'delete') return { type: 'delete', key: head.value.流水号 };
  const parsed = tryParse(SOURCE, rowWire, row);
  if ('value' in parsed)
    return { type: 'upsert', key: parsed.value.流水号, record: toCivilAffairsRecord(parsed.value) };
  const field = parsed.fault.field ?? '';
  return bad(key, lineOf?.(field) ?? line, field);
}

// ── CSV ────────────────────────────────────────────────────────────────────────────────────────────────────

const csvColumns = csvRowColumns.length;
const columnsEach = csvPersonColumns.length;

/** `法院:（2026）枫0102民初12号|公安:J99…` */
const referencesIn = (written: string): unknown[] =>
  (cleanText(written)?.split('|') ?? []).map((reference) => {
    const colon = reference.indexOf(':');
    return { 来源: reference.slice(0, Math.max(0, colon)), 编号: reference.slice(colon + 1) };
  });

function csvItem(bytes: Buffer, line: number): Item {
  // Commas and quotes are never part of a character in GB18030: a line can be split before it is decoded.
  const written = decodeGb18030(bytes);
  const fields = csvFields(written ?? bytes.toString('latin1'));
  if (fields === null)
    return bad(keyIn(bytes.toString('latin1').split(',')[0]), line, '(引号)', 'its quotes do not match');
  const key = keyIn(fields[0]);
  if (fields.length !== csvHeader.length) return bad(key, line, '(列数)', 'it has another number of columns');
  if (written === null) {
    const broken = fields.findIndex((field) => decodeGb18030(Buffer.from(field, 'latin1')) === null);
    return bad(key, line, csvHeader[broken] ?? '(编码)', 'not GB18030');
  }
  const row: Record<string, unknown> = {};
  for (const [index, column] of csvRowColumns.entries()) row[column] = fields[index];
  row['关联'] = referencesIn(String(row['关联']));
  row['人员'] = csvPersons.flatMap((_, who) => {
    const first = csvColumns + who * columnsEach;
    const person = Object.fromEntries(csvPersonColumns.map((column, index) => [column, fields[first + index]]));
    return Object.values(person).every((field) => cleanText(field) === null) ? [] : [person];
  });
  return toItem(row, line);
}

function csvPiece(bytes: Buffer, linesBefore: number, last: boolean): Piece<CivilAffairsRecord> {
  const lines = cutLines(bytes, last);
  const items: Item[] = [];
  for (const [index, { line }] of lines.entries()) {
    const number = linesBefore + index + 1;
    // The first is the header, which was looked at before.
    if (number > 1 && line.length > 0) items.push(csvItem(line, number));
  }
  return { items, bytes: lines.at(-1)?.to ?? 0, lines: lines.length };
}

// ── Fixed width ────────────────────────────────────────────────────────────────────────────────────────────

const ROW = 0x31;
const widths = { 1: widthOf(fixedLayouts[1]), 2: widthOf(fixedLayouts[2]), 3: widthOf(fixedLayouts[3]) };

interface NumberedLine {
  readonly line: Buffer;
  readonly number: number;
}

function fixedItem(lines: readonly NumberedLine[]): Item {
  const [first] = lines;
  if (first === undefined) return bad(null, 0, '(行)');
  const key = keyIn(first.line.subarray(1, 13).toString('latin1'));
  const parts: { readonly number: number; readonly type: 1 | 2 | 3; readonly fields: Record<string, unknown> }[] = [];
  for (const { line, number } of lines) {
    const type = Number(String.fromCharCode(line[0] ?? 0));
    if (type !== 1 && type !== 2 && type !== 3) return bad(key, number, '记录类型');
    if (line.length !== widths[type]) return bad(key, number, '(行长)', 'its line has another length');
    const read = fixedFields(line, fixedLayouts[type]);
    if ('badField' in read) return bad(key, number, read.badField, 'not GB18030');
    if (key !== null && keyIn(read.fields['流水号']) !== key) return bad(key, number, '流水号', 'it is of another row');
    parts.push({ number, type, fields: read.fields });
  }
  const [main] = parts;
  if (main?.type !== 1) return bad(key, first.number, '记录类型', 'its row is missing');
  const people = parts.filter(({ type }) => type === 2);
  const references = parts.filter(({ type }) => type === 3);
  if (Number(main.fields['人数']) !== people.length) return bad(key, main.number, '人数', 'there are not as many');
  if (Number(main.fields['关联数']) !== references.length)
    return bad(key, main.number, '关联数', 'there are not as many');
  const row = {
    ...main.fields,
    人员: people.map(({ fields }) => fields),
    关联: references.map(({ fields }) => fields),
  };
  return toItem(row, main.number, (field) => {
    const [, list, index] = /^(人员|关联)\[(\d+)\]/.exec(field) ?? [];
    const part = list === undefined ? undefined : (list === '人员' ? people : references)[Number(index)];
    return part?.number ?? main.number;
  });
}

function fixedPiece(bytes: Buffer, linesBefore: number, last: boolean): Piece<CivilAffairsRecord> {
  const lines = cutLines(bytes, last);
  const items: Item[] = [];
  let group: NumberedLine[] = [];
  let whole = { bytes: 0, lines: 0 };
  const close = (): void => {
    if (group.length > 0) items.push(fixedItem(group));
    group = [];
  };
  for (const [index, { line, from }] of lines.entries()) {
    // Where a row begins, the one before it is whole.
    if (line[0] === ROW) {
      close();
      whole = { bytes: from, lines: index };
    }
    if (line.length > 0) group.push({ line, number: linesBefore + index + 1 });
  }
  if (!last) return { items, ...whole };
  close();
  return { items, bytes: bytes.length, lines: lines.length };
}

// ── The delivery ───────────────────────────────────────────────────────────────────────────────────────────

const folderOf = (day: string): string => day.replaceAll('-', '');

function parseManifest(bytes: Buffer, day: string): DropManifest {
  const text = decodeGb18030(bytes);
  if (text === null) throw wireFault(SOURCE, 'unparsable', { field: '(编码)' });
  const fields: Record<string, unknown> = { 文件: [] as string[] };
  for (const line of text.split(/\r?\n/)) {
    const equals = line.indexOf('=');
    if (equals < 0) continue;
    const [name, value] = [line.slice(0, equals).trim(), line.slice(equals + 1).trim()];
    if (name === '文件') (fields['文件'] as string[]).push(value);
    else fields[name] = value;
  }
  const manifest = parseWire(SOURCE, manifestWire, fields);
  if (manifest.日期 !== day) throw wireFault(SOURCE, 'unparsable', { field: '日期' });
  if (manifest.生成时间 === null) throw wireFault(SOURCE, 'unparsable', { field: '生成时间' });
  return {
    day,
    sendNumber: manifest.发送序号,
    kind: manifest.类型,
    madeAt: manifest.生成时间,
    digestBy: manifest.摘要算法,
    total: manifest.总数,
    files: manifest.文件,
  };
}

export const civilAffairsFormat: DropFormat<CivilAffairsRecord> = {
  dayOf: (folder) => (/^\d{8}$/.test(folder) ? toDay(folder) : null),
  manifestPath: (day) => `${folderOf(day)}/MZ_${folderOf(day)}.manifest`,
  filePath: (day, name) => `${folderOf(day)}/${name}`,
  parseManifest,
  headFault(file, head) {
    if (file.form !== 'CSV' || file.bytes === 0) return null;
    const [first] = cutLines(head, head.length === file.bytes);
    const header = first === undefined ? null : csvFields(decodeGb18030(first.line) ?? '');
    const wrong = csvHeader.findIndex((column, index) => header?.[index]?.trim() !== column);
    if (wrong >= 0) return csvHeader[wrong] ?? '(表头)';
    return header?.length === csvHeader.length ? null : '(表头)';
  },
  readPiece: (file, bytes, { linesBefore, last }) =>
    (file.form === 'CSV' ? csvPiece : fixedPiece)(bytes, linesBefore, last),
};
