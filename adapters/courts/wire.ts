/** The court system's XML as it is parsed at the door. Names are its own: pinyin initials, in brackets what they stand for. */
import { z } from 'zod';
import type { CourtStage, Sex } from '../../core/department-record.ts';
import {
  birthDay,
  code,
  coded,
  codedOrNull,
  instant,
  phone,
  text,
  theCode,
  theCount,
  theInstant,
  theText,
} from '../kit/parse.ts';
import { many } from '../kit/xml-schema.ts';

/** 案件状态 */
const stages: Readonly<Record<string, CourtStage>> = {
  '01': 'PRE_MEDIATION',
  '02': 'FILING_REVIEW',
  '03': 'FILED',
  '04': 'PRESERVATION',
  '05': 'FIRST_INSTANCE',
  '06': 'IN_COURT_MEDIATION',
  '07': 'JUDGED',
  '08': 'APPEAL',
  '09': 'RETRIAL',
  '10': 'ENFORCEMENT',
  '11': 'TERMINATED',
  '12': 'CLOSED',
};
/** 审理程序; 9 is "another", then named in SLCXMC. */
const procedures: Readonly<Record<string, string>> = {
  1: '简易程序',
  2: '普通程序',
  3: '小额诉讼程序',
  4: '特别程序',
  5: '执行程序',
  6: '诉前调解',
  9: '其他程序',
};
/** 诉讼地位; 90 is "another", then named in SSDWMC. */
const roles: Readonly<Record<string, string>> = {
  10: 'plaintiff',
  20: 'defendant',
  30: 'third-party',
  40: 'applicant',
  50: 'respondent',
  90: 'other',
};
const sexes: Readonly<Record<string, Sex>> = { 1: 'MALE', 2: 'FEMALE', 9: 'UNKNOWN', 0: 'UNKNOWN' };
const yesOrNo: Readonly<Record<string, boolean>> = { 是: true, 否: false, 1: true, 0: false };
const sources: Readonly<Record<string, string>> = {
  法院: 'COURTS',
  公安: 'POLICE',
  信访: 'PETITIONS',
  民政: 'CIVIL_AFFAIRS',
};

const party = z.object({
  XH: theCode, // 序号
  SSDW: coded(roles), // 诉讼地位
  SSDWMC: text, // 诉讼地位名称
  XM: theText, // 姓名
  ZJHM: code, // 证件号码
  CSRQ: birthDay, // 出生日期
  XB: coded(sexes), // 性别
  LXDH: phone, // 联系电话
  DZ: text, // 地址
});

/** A list element: absent, empty, nil, or holding any number of items. */
const listOf = <S extends z.ZodType>(name: string, item: S) =>
  z.preprocess(
    (value) => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : []),
    many(item),
  );

export const caseWire = z.object({
  JLH: theCode, // 记录号
  AH: theText, // 案号
  AY: theText, // 案由
  JFLB: text, // 纠纷类别
  SLCX: codedOrNull(procedures), // 审理程序
  SLCXMC: text, // 审理程序名称
  AJZT: coded(stages), // 案件状态
  LARQ: theInstant, // 立案日期
  JARQ: instant, // 结案日期
  JAFS: text, // 结案方式
  FYDM: text, // 法院代码
  WGDM: text, // 网格代码
  SFFC: coded(yesOrNo), // 是否封存
  RSBH: coded(yesOrNo), // 人身保护
  DSRLB: listOf('DSR', party), // 当事人列表
  GLLB: listOf('GL', z.object({ LY: coded(sources), BH: theText })), // 关联列表: 来源, 编号
});
export type CaseWire = z.infer<typeof caseWire>;

/** What every item of a list has, whatever else is wrong with it. */
export const itemWire = z.looseObject({ JLH: theCode, SC: codedOrNull({ 1: true, 0: false }) });

export const casesWire = z.object({ AnJianLB: listOf('AnJian', itemWire) });

export const changedCasesWire = z.object({
  ZZBGH: theCount, // 止变更号
  ZS: theCount, // 总数
  SFHY: coded(yesOrNo), // 是否还有
  AnJianLB: listOf('AnJian', itemWire),
});

export const echoWire = z.object({ ZT: z.literal('OK') });
