/**
 * The bureau's rows and manifests as they are parsed at the door. Names are the columns' own, as the interface agreement
 * lists them. Two systems feed the folder: the marriage register (婚姻登记) writes words, the assistance system (救助) codes.
 */
import { getHashes } from 'node:crypto';
import { z } from 'zod';
import type { CivilRecordKind, Sex } from '../../core/department-record.ts';
import { disputeCategories } from '../kit/dispute-category.ts';
import type { FixedLayout } from '../kit/files-text.ts';
import {
  birthDay,
  code,
  coded,
  codedOrNull,
  day,
  instant,
  phone,
  text,
  theCode,
  theCount,
  theInstant,
  theText,
} from '../kit/parse.ts';

/** 业务类型: a word in the marriage register, a code in the assistance system. */
const kinds: Readonly<Record<string, CivilRecordKind>> = {
  结婚登记: 'MARRIAGE',
  离婚登记: 'DIVORCE',
  '0101': 'MARRIAGE',
  '0102': 'DIVORCE',
  '0103': 'ADOPTION',
  '0104': 'GUARDIANSHIP',
  '0201': 'MINIMUM_LIVING',
  '0202': 'DESTITUTE',
  '0203': 'TEMPORARY_RELIEF',
  '0301': 'DISABILITY_ALLOWANCE',
  '0401': 'LEFT_BEHIND_CHILD',
  '0402': 'DE_FACTO_ORPHAN',
  '0501': 'ELDERLY_CARE',
  '0601': 'SHELTER',
};
/** 身份 */
const roles: Readonly<Record<string, string>> = {
  配偶: 'spouse',
  户主: 'holder',
  成员: 'member',
  儿童: 'child',
  监护人: 'guardian',
  '01': 'spouse',
  '02': 'holder',
  '03': 'member',
  '04': 'child',
  '05': 'guardian',
};
const sexes: Readonly<Record<string, Sex>> = {
  1: 'MALE',
  2: 'FEMALE',
  9: 'UNKNOWN',
  0: 'UNKNOWN',
  男: 'MALE',
  女: 'FEMALE',
};
const yesOrNo: Readonly<Record<string, boolean>> = { 是: true, 否: false, 1: true, 0: false };
const sources: Readonly<Record<string, string>> = {
  法院: 'COURTS',
  公安: 'POLICE',
  信访: 'PETITIONS',
  民政: 'CIVIL_AFFAIRS',
  FY: 'COURTS',
  GA: 'POLICE',
  XF: 'PETITIONS',
  MZ: 'CIVIL_AFFAIRS',
};
/** 变更标志; in a full day everything is 新增. */
const changes: Readonly<Record<string, 'put' | 'delete'>> = {
  新增: 'put',
  修改: 'put',
  删除: 'delete',
  A: 'put',
  U: 'put',
  D: 'delete',
};

export const KEY = /^[A-Z]{2}\d{10}$/;

const person = z.object({
  序号: theCode,
  身份: coded(roles),
  姓名: theText,
  证件号码: code,
  出生日期: birthDay,
  性别: codedOrNull(sexes).transform((sex): Sex => sex ?? 'UNKNOWN'),
  电话: phone,
  住址: text,
});

const head = {
  流水号: theCode.refine((key) => KEY.test(key)),
  变更标志: coded(changes),
};

/** Enough to strike a row out. */
export const headWire = z.object(head);

export const rowWire = z.object({
  ...head,
  证字号: theText,
  业务类型: coded(kinds),
  登记时间: theInstant,
  登记机关: text,
  网格代码: text,
  起始日期: day,
  终止日期: day,
  状态: theText,
  说明: text,
  纠纷类别: codedOrNull(disputeCategories),
  封存: coded(yesOrNo),
  涉密: coded(yesOrNo),
  保护: coded(yesOrNo),
  人员: z.array(person),
  关联: z.array(z.object({ 来源: coded(sources), 编号: theText })),
});
export type RowWire = z.infer<typeof rowWire>;

const PERSON = ['序号', '身份', '姓名', '证件号码', '出生日期', '性别', '电话', '住址'] as const;

/** Columns of the CSV, in their order; two people (当事人一, 当事人二) side by side. */
export const csvRowColumns = [
  ...['流水号', '变更标志', '证字号', '业务类型', '登记时间', '登记机关', '网格代码', '起始日期', '终止日期'],
  ...['状态', '说明', '纠纷类别', '封存', '涉密', '保护', '关联'],
] as const;
export const csvPersonColumns = PERSON;
export const csvPersons = ['当事人一', '当事人二'] as const;
export const csvHeader: readonly string[] = [
  ...csvRowColumns,
  ...csvPersons.flatMap((who) => PERSON.map((column) => who + column)),
];

/** Lines of the fixed-width file by their first byte: a row, then its people, then its cross-references. Widths in bytes. */
export const fixedLayouts = {
  1: [
    ['记录类型', 1],
    ['流水号', 12],
    ['变更标志', 1],
    ['证字号', 32],
    ['业务类型', 4],
    ['登记时间', 14],
    ['登记机关', 40],
    ['网格代码', 40],
    ['起始日期', 8],
    ['终止日期', 8],
    ['状态', 20],
    ['说明', 120],
    ['纠纷类别', 20],
    ['封存', 1],
    ['涉密', 1],
    ['保护', 1],
    ['人数', 2],
    ['关联数', 2],
  ],
  2: [
    ['记录类型', 1],
    ['流水号', 12],
    ['序号', 3],
    ['身份', 2],
    ['姓名', 60],
    ['证件号码', 36],
    ['出生日期', 8],
    ['性别', 1],
    ['电话', 24],
    ['住址', 160],
  ],
  3: [
    ['记录类型', 1],
    ['流水号', 12],
    ['来源', 2],
    ['编号', 60],
  ],
} as const satisfies Readonly<Record<1 | 2 | 3, FixedLayout>>;

/** Not every OpenSSL has SM3: where it is missing, a manifest that wants it does not parse. */
const digests: Readonly<Record<string, 'sha256' | 'sm3'>> = {
  SHA256: 'sha256',
  ...(getHashes().includes('sm3') ? { SM3: 'sm3' } : {}),
};

/** `名称|格式|条数|字节数|摘要` */
const file = z.preprocess(
  (line) => {
    const [name, form, rows, bytes, digest] = String(line).split('|');
    return { name, form, rows, bytes, digest: digest?.toLowerCase() };
  },
  z.object({
    // In the day's folder, and nowhere else.
    name: z.string().regex(/^[\w.-]{1,100}$/),
    form: z.enum(['CSV', '定长']),
    rows: theCount,
    bytes: theCount,
    digest: z.string().regex(/^[0-9a-f]{64}$/),
  }),
);

export const manifestWire = z
  .object({
    日期: day,
    发送序号: z.coerce.number().int().positive(),
    类型: coded({ 全量: 'FULL', 增量: 'DELTA' } as const),
    生成时间: instant,
    摘要算法: coded(digests),
    总数: theCount,
    文件: z.array(file),
    结束: theCount,
  })
  // The last line counts the files: a manifest that was torn off has none, or fewer files than it says.
  .refine((manifest) => manifest.文件.length === manifest.结束, { path: ['结束'] });
