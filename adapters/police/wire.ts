/** The police system's JSON as it is parsed at the door. Names are its own: pinyin initials, beside them what they stand for. */
import { z } from 'zod';
import type { PoliceDisposition, PoliceIncidentKind, Sex } from '../../core/department-record.ts';
import { disputeCategories } from '../kit/dispute-category.ts';
import {
  birthDay,
  code,
  coded,
  codedOrNull,
  phone,
  text,
  theCode,
  theCount,
  theInstant,
  theText,
} from '../kit/parse.ts';
import { many } from '../kit/xml-schema.ts';

/** 案件类别 */
const kinds: Readonly<Record<string, PoliceIncidentKind>> = {
  '0100': 'CRIME',
  '0200': 'PUBLIC_ORDER',
  '0210': 'FIGHT',
  '0300': 'TRAFFIC',
  '0400': 'HELP',
  '0410': 'MISSING',
  '0420': 'SUICIDE_RISK',
  '0500': 'DISPUTE',
  '0510': 'DOMESTIC_VIOLENCE',
  '0600': 'COMPLAINT',
  '9900': 'OTHER',
};
/** 处理结果; 00 is "not yet". */
const dispositions: Readonly<Record<string, PoliceDisposition | null>> = {
  '00': null,
  '01': 'MEDIATED',
  '02': 'WARNING_LETTER',
  '03': 'PENALTY',
  '04': 'FILED',
  '05': 'TRANSFERRED',
  '09': 'NO_ACTION',
};
/** 人员类型; 99 is "another", then named in rylxmc. */
const roles: Readonly<Record<string, string>> = {
  '01': 'reporter',
  '02': 'party',
  '03': 'victim',
  '04': 'suspect',
  '05': 'missing',
  '99': 'other',
};
/** 性别 as in GB/T 2261.1, where 0 is "unknown" and 9 "not said". */
const sexes: Readonly<Record<string, Sex>> = { 0: 'UNKNOWN', 1: 'MALE', 2: 'FEMALE', 9: 'UNKNOWN' };
/** 1 and 0; what was entered on a mobile terminal has Y and N, or JSON's own. */
const flags: Readonly<Record<string, boolean>> = { 1: true, 0: false, Y: true, N: false, TRUE: true, FALSE: false };
/** 系统代码: 法院, 公安, 信访, 民政 */
const systems: Readonly<Record<string, string>> = { FY: 'COURTS', GA: 'POLICE', XF: 'PETITIONS', MZ: 'CIVIL_AFFAIRS' };

/** Mobile terminals write codes as JSON numbers, and lose their leading zeros. */
const padded = <S extends z.ZodType>(digits: number, schema: S) =>
  z.preprocess((value) => (typeof value === 'number' ? String(value).padStart(digits, '0') : value), schema);
/** Must be there; null is none. */
const list = <S extends z.ZodType>(item: S) => z.custom<unknown>((value) => value !== undefined).pipe(many(item));

/** 警情标识: 24 hex digits in lower case, and never anything else, for it is named to whoever has to look. */
const theKey = theText.pipe(z.string().regex(/^[0-9a-f]{24}$/));

const person = z.object({
  xh: theCode, // 序号
  rylx: padded(2, coded(roles)), // 人员类型
  rylxmc: text, // 人员类型名称
  xm: theText, // 姓名
  zjhm: code, // 证件号码
  csrq: birthDay, // 出生日期
  xb: coded(sexes), // 性别
  lxdh: phone, // 联系电话
  zz: text, // 住址
});

/** All that there is of a classified incident when it is read by key. */
export const stubWire = z.object({
  jqbs: theKey, // 警情标识
  jjbh: theCode, // 接警编号
  ajlb: padded(4, coded(kinds)), // 案件类别
  bjsj: theInstant, // 报警时间
  cjdw: text, // 处警单位
  // A flag that is absent does not parse: nothing is taken for open because somebody forgot to say so.
  fcbz: coded(flags), // 封存标志
  smbz: coded(flags), // 涉密标志
  bhbz: coded(flags), // 保护标志
});
export type StubWire = z.infer<typeof stubWire>;

export const incidentWire = stubWire.extend({
  wgdm: text, // 网格代码
  afdd: text, // 案发地点
  cljg: padded(2, codedOrNull(dispositions)), // 处理结果
  jflb: codedOrNull(disputeCategories), // 纠纷类别
  rylb: list(person), // 人员列表
  gllb: list(z.object({ xtdm: coded(systems), wsbh: theText })), // 关联列表: 系统代码, 文书编号
});
export type IncidentWire = z.infer<typeof incidentWire>;

/** What decides how the rest of an item is read. */
export const itemWire = z.object({ jqbs: theKey, smbz: coded(flags) });
/** 操作标识: D is struck out, and then there is nothing else. */
export const changeWire = z.object({ jqbs: theKey, czbs: coded({ U: 'put', D: 'delete' } as const) });

/** 警情列表. An item without its key spoils the reply: nobody could say which key was answered. */
export const incidentsWire = z.object({ jqlb: list(z.looseObject({ jqbs: theKey })) });

export const changesWire = z.object({
  zs: theCount, // 总数
  sfhy: coded(flags), // 是否还有
  yb: theText.pipe(z.string().regex(/^[!-~]{1,1024}$/)), // 游标
  jqlb: list(z.unknown()), // 警情列表
});

export const statusWire = z.object({ zt: z.literal('OK') }); // 状态
