/** The bureau's views as they are parsed at the door. Columns are named by pinyin initials; in comments what they stand for. */
import { z } from 'zod';
import type { PetitionForm, PetitionPurpose, PetitionStage, Sex } from '../../core/department-record.ts';
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

/** 信访形式 */
const forms: Readonly<Record<string, PetitionForm>> = {
  100: 'LETTER',
  200: 'VISIT',
  300: 'ONLINE',
  400: 'PHONE',
  500: 'FAX',
};
/** 信访目的 */
const purposes: Readonly<Record<string, PetitionPurpose>> = { 1: 'SUGGESTION', 2: 'ACCUSATION', 3: 'APPEAL' };
/** 办理状态 */
const stages: Readonly<Record<string, PetitionStage>> = {
  '01': 'REGISTERED',
  '02': 'FORWARDED',
  '03': 'NOTIFIED',
  '04': 'IN_HANDLING',
  '05': 'HEARING',
  '06': 'CONCLUDED',
  '07': 'REVIEW',
  '08': 'RE_REVIEW',
  '09': 'FINAL',
};
/** 内容分类: the county's list of dispute categories by the old system's numbers. */
const categories: Readonly<Record<string, string>> = {
  '0101': 'FAMILY',
  '0102': 'MARRIAGE',
  '0103': 'INHERITANCE',
  '0104': 'DOMESTIC_VIOLENCE',
  '0105': 'NEIGHBOUR',
  '0201': 'HOMESTEAD',
  '0202': 'FOREST_LAND',
  '0203': 'RURAL_LAND',
  '0204': 'LAND_EXPROPRIATION',
  '0205': 'RESETTLEMENT',
  '0206': 'PROPERTY_MANAGEMENT',
  '0207': 'UTILITIES',
  '0208': 'RENOVATION',
  '0301': 'LABOUR',
  '0302': 'WAGE_ARREARS',
  '0303': 'ENTERPRISE_RESTRUCTURING',
  '0401': 'LENDING',
  '0402': 'FINANCE',
  '0403': 'CONTRACT',
  '0404': 'CONSTRUCTION',
  '0405': 'PRODUCTION',
  '0406': 'CONSUMER',
  '0407': 'PREPAID_CONSUMPTION',
  '0501': 'MEDICAL',
  '0502': 'TRAFFIC',
  '0503': 'DAMAGE',
  '0504': 'INTELLECTUAL_PROPERTY',
  '0505': 'ENVIRONMENT',
  '0506': 'CAMPUS',
  '0601': 'WELFARE',
  '0602': 'VETERANS',
  '0603': 'VILLAGE_AFFAIRS',
  '0604': 'INTERNET',
  '0605': 'ADMINISTRATIVE',
  '0606': 'PUBLIC_ORDER',
  '9900': 'OTHER',
};
/** 角色代码 */
const roles: Readonly<Record<string, string>> = { 1: 'petitioner', 2: 'representative' };
const sexes: Readonly<Record<string, Sex>> = { 1: 'MALE', 2: 'FEMALE', 9: 'UNKNOWN', 0: 'UNKNOWN' };
/** 来源系统 */
const sources: Readonly<Record<string, string>> = { 1: 'COURTS', 2: 'POLICE', 3: 'PETITIONS', 4: 'CIVIL_AFFAIRS' };
/** A char(1): digits from one generation of the system, letters from the next. */
const flags: Readonly<Record<string, boolean>> = { 1: true, 0: false, Y: true, N: false, T: true, F: false };
/** A flag that was never set says no. */
const flag = codedOrNull(flags).transform((value) => value ?? false);

/** The rows of another view that belong to the petition: one JSON text, null when there are none. */
const rowsOf = <S extends z.ZodType>(row: S) =>
  z
    .string()
    .nullable()
    .transform((written, ctx): unknown => {
      if (written === null) return [];
      try {
        return JSON.parse(written) as unknown;
      } catch {
        // Without the cause, which quotes the text.
        ctx.addIssue('not readable');
        return z.NEVER;
      }
    })
    .pipe(z.array(row));

/** v_xf_xfr 信访人 */
const petitioner = z
  .object({
    xh: theCode, // 序号
    jsdm: coded(roles), // 角色代码
    xm: text, // 姓名; none on an anonymous letter
    zjhm: code, // 证件号码
    csrq: birthDay, // 出生日期
    xb: codedOrNull(sexes), // 性别
    lxdh: phone, // 联系电话
    dz: text, // 地址
  })
  // Somebody who is known by a number and has no name is a mistake, not anonymous.
  .refine(({ xm, zjhm }) => xm !== null || zjhm === null, { path: ['xm'] });

/** v_xf_xfj 信访件, with what other views hold of it */
export const petitionWire = z.object({
  jlid: theText, // 记录ID
  xfjbh: theText, // 信访件编号
  djsj: theInstant, // 登记时间
  djjg: text, // 登记机构
  wgbm: text, // 网格编码
  nrfl: codedOrNull(categories), // 内容分类
  nrzy: theText, // 内容摘要
  xfxs: coded(forms), // 信访形式
  xfmd: coded(purposes), // 信访目的
  blzt: coded(stages), // 办理状态
  slsj: instant, // 受理时间
  bjqx: instant, // 办结期限
  dfsj: instant, // 答复时间
  zrdw: text, // 责任单位
  sfjt: flag, // 是否集体
  sfbh: flag, // 是否保护
  sffc: flag, // 是否封存
  sfsm: flag, // 是否涉密
  xfr: rowsOf(petitioner), // 信访人
  gl: rowsOf(z.object({ ly: coded(sources), bh: theText })), // v_xf_gl 关联: 来源, 编号
  bkg: rowsOf(z.object({ dwdm: theText })), // v_xf_bkg 被控告: 单位代码
});
export type PetitionWire = z.infer<typeof petitionWire>;

/** What every row has, whatever else is wrong with it. */
export const rowsWire = z.array(z.looseObject({ jlid: theText }));
export type RowWire = z.infer<typeof rowsWire>[number];

/** 删除状态: a row struck out stays in the view, and only this says so. */
export const strikeWire = z.object({ sczt: flag });

export const countWire = z.tuple([z.object({ zs: theCount })]); // 总数
export const pingWire = z.tuple([z.object({ zt: z.literal('1') })]); // 状态
