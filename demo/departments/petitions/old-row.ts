/** A petition in the words of the bureau's own tables: numbers for codes, dates as text in several forms, many kinds of nothing. */
import type { ParticipantRow, PetitionRow } from '../../county/model.ts';
import { chineseDay, fullWidth, inShanghai, pickFrom } from '../kit/old-text.ts';

export type OldValue = string | null;

/** Rows of the four tables, in the order of the tables' columns in bureau.sql. */
export interface OldRows {
  readonly xfj: readonly OldValue[];
  readonly xfr: readonly (readonly OldValue[])[];
  readonly gl: readonly (readonly OldValue[])[];
  readonly bkg: readonly (readonly OldValue[])[];
}

/** 信访形式 */
const FORMS: Readonly<Record<PetitionRow['form'], string>> = {
  LETTER: '100',
  VISIT: '200',
  ONLINE: '300',
  PHONE: '400',
  FAX: '500',
};
/** 信访目的 */
const PURPOSES: Readonly<Record<PetitionRow['purpose'], string>> = { SUGGESTION: '1', ACCUSATION: '2', APPEAL: '3' };
/** 办理状态 */
const STAGES: Readonly<Record<PetitionRow['stage'], string>> = {
  REGISTERED: '01',
  FORWARDED: '02',
  NOTIFIED: '03',
  IN_HANDLING: '04',
  HEARING: '05',
  CONCLUDED: '06',
  REVIEW: '07',
  RE_REVIEW: '08',
  FINAL: '09',
};
/** 内容分类 */
const CATEGORIES: Readonly<Record<string, string>> = {
  FAMILY: '0101',
  MARRIAGE: '0102',
  INHERITANCE: '0103',
  DOMESTIC_VIOLENCE: '0104',
  NEIGHBOUR: '0105',
  HOMESTEAD: '0201',
  FOREST_LAND: '0202',
  RURAL_LAND: '0203',
  LAND_EXPROPRIATION: '0204',
  RESETTLEMENT: '0205',
  PROPERTY_MANAGEMENT: '0206',
  UTILITIES: '0207',
  RENOVATION: '0208',
  LABOUR: '0301',
  WAGE_ARREARS: '0302',
  ENTERPRISE_RESTRUCTURING: '0303',
  LENDING: '0401',
  FINANCE: '0402',
  CONTRACT: '0403',
  CONSTRUCTION: '0404',
  PRODUCTION: '0405',
  CONSUMER: '0406',
  PREPAID_CONSUMPTION: '0407',
  MEDICAL: '0501',
  TRAFFIC: '0502',
  DAMAGE: '0503',
  INTELLECTUAL_PROPERTY: '0504',
  ENVIRONMENT: '0505',
  CAMPUS: '0506',
  WELFARE: '0601',
  VETERANS: '0602',
  VILLAGE_AFFAIRS: '0603',
  INTERNET: '0604',
  ADMINISTRATIVE: '0605',
  PUBLIC_ORDER: '0606',
};
const ROLES: Readonly<Record<string, string>> = { petitioner: '1', representative: '2' };
const SEXES = { MALE: '1', FEMALE: '2', UNKNOWN: '9' } as const;
const SOURCES = { COURTS: '1', POLICE: '2', PETITIONS: '3', CIVIL_AFFAIRS: '4' } as const;

const NOTHINGS: readonly OldValue[] = [null, null, '', ' ', 'NULL', '无', '不详', '/'];
const optional = (value: OldValue, seed: string): OldValue =>
  value ?? NOTHINGS[pickFrom(seed, NOTHINGS.length)] ?? null;

/** One column, three generations of clerks' software. */
function time(instant: string, seed: string): string {
  const local = inShanghai(instant);
  const [day = '', clock = ''] = local.split('T');
  const [hour = '', minute = '', second = ''] = clock.slice(0, 8).split(':');
  const milli = clock.slice(9);
  const forms =
    milli === '000'
      ? [
          `${day} ${clock.slice(0, 8)}`,
          `${day} ${clock.slice(0, 8)}`,
          `${day.replaceAll('-', '/')} ${clock.slice(0, 8)}`,
          `${day.replaceAll('-', '')}${hour}${minute}${second}`,
          `${chineseDay(day)} ${hour}时${minute}分${second}秒`,
          fullWidth(`${day} ${clock.slice(0, 8)}`),
        ]
      : [`${day} ${clock}`, local];
  return forms[pickFrom(seed, forms.length)] ?? local;
}

function birth(date: string, seed: string): string {
  const forms = [date, date.replaceAll('-', ''), date.replaceAll('-', '.'), chineseDay(date), fullWidth(date)];
  return forms[pickFrom(seed, forms.length)] ?? date;
}

/** A number now and then typed with the input method's full width, or with a blank behind it. */
function number(text: string | null, seed: string): OldValue {
  const style = pickFrom(seed, 40);
  if (text === null) return optional(null, seed);
  return style === 0 ? fullWidth(text) : style === 1 ? `${text} ` : text;
}

const flag = (value: boolean, seed: string): OldValue => {
  const style = pickFrom(seed, 10);
  if (value) return style < 7 ? '1' : 'Y';
  return style < 7 ? '0' : style === 7 ? 'N' : style === 8 ? ' ' : null;
};

function petitioner(key: string, person: ParticipantRow): readonly OldValue[] {
  const seed = `${key}/${person.ref}/`;
  return [
    key,
    person.ref,
    ROLES[person.role] ?? '1',
    person.name,
    number(person.citizenId, `${seed}zjhm`),
    person.birthDate === null ? optional(null, `${seed}csrq`) : birth(person.birthDate, `${seed}csrq`),
    SEXES[person.sex],
    number(person.phone, `${seed}lxdh`),
    optional(person.address, `${seed}dz`),
  ];
}

export function toOldRows(row: PetitionRow): OldRows {
  const { key } = row;
  const maybe = (value: OldValue, name: string): OldValue => optional(value, `${key}/${name}`);
  const maybeTime = (instant: string | null, name: string): OldValue =>
    instant === null ? maybe(null, name) : time(instant, `${key}/${name}`);
  const category = row.category === null ? null : (CATEGORIES[row.category] ?? '9900');
  return {
    xfj: [
      key,
      row.number,
      time(row.at, `${key}/djsj`),
      row.office,
      maybe(row.place, 'wgbm'),
      maybe(category, 'nrfl'),
      row.subject,
      FORMS[row.form],
      PURPOSES[row.purpose],
      STAGES[row.stage],
      maybeTime(row.acceptedAt, 'slsj'),
      maybeTime(row.dueAt, 'bjqx'),
      maybeTime(row.repliedAt, 'dfsj'),
      maybe(row.responsible, 'zrdw'),
      flag(row.collective, `${key}/sfjt`),
      flag(row.protected, `${key}/sfbh`),
      flag(row.sealed, `${key}/sffc`),
      flag(row.classified, `${key}/sfsm`),
      '0',
    ],
    xfr: row.participants.map((person) => petitioner(key, person)),
    gl: row.references.map((other) => [key, SOURCES[other.source], other.number]),
    bkg: row.accused.map((code) => [key, code]),
  };
}
