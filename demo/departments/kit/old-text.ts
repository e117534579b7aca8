/** How clerks and old systems write things down: many kinds of nothing, many kinds of dates. Chosen by the row, so always the same. */

/** A number from a text, the same for ever (FNV-1a). */
export function pickFrom(seed: string, count: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < seed.length; index += 1) hash = Math.imul(hash ^ seed.charCodeAt(index), 0x01000193);
  return ((hash ^ (hash >>> 15)) >>> 0) % count;
}

const SHANGHAI_MS = 8 * 60 * 60 * 1_000;

/** Date and time in Shanghai of an instant: `2026-03-01T14:05:09.123`. */
export const inShanghai = (instant: string): string =>
  new Date(Date.parse(instant) + SHANGHAI_MS).toISOString().slice(0, 23);

/** `2026年3月1日` of YYYY-MM-DD…, without leading zeros. */
export function chineseDay(date: string): string {
  const [year = '', month = '', day = ''] = date.slice(0, 10).split('-');
  return `${year}年${Number(month)}月${Number(day)}日`;
}

export const fullWidth = (text: string): string =>
  text.replace(/[!-~]/g, (character) => String.fromCharCode(character.charCodeAt(0) + 0xfee0));

/** The county's list of dispute categories in Chinese, as departments' systems keep it. */
export const categoryWords: Readonly<Record<string, string>> = {
  FAMILY: '家庭',
  MARRIAGE: '婚恋',
  INHERITANCE: '继承',
  DOMESTIC_VIOLENCE: '家暴',
  NEIGHBOUR: '邻里',
  HOMESTEAD: '房屋宅基地',
  FOREST_LAND: '山林',
  RURAL_LAND: '承包地草场',
  LAND_EXPROPRIATION: '征地拆迁',
  RESETTLEMENT: '安置',
  PROPERTY_MANAGEMENT: '物业',
  UTILITIES: '水电暖',
  RENOVATION: '老旧改造',
  LABOUR: '劳动',
  WAGE_ARREARS: '欠薪',
  ENTERPRISE_RESTRUCTURING: '改制',
  LENDING: '借贷',
  FINANCE: '金融',
  CONTRACT: '合同',
  CONSTRUCTION: '工程',
  PRODUCTION: '生产经营',
  CONSUMER: '消费',
  PREPAID_CONSUMPTION: '预付消费',
  MEDICAL: '医疗',
  TRAFFIC: '交通',
  DAMAGE: '损害赔偿',
  INTELLECTUAL_PROPERTY: '知识产权',
  ENVIRONMENT: '环境',
  CAMPUS: '涉校',
  WELFARE: '社保救助',
  VETERANS: '退役军人',
  VILLAGE_AFFAIRS: '村务',
  INTERNET: '网络',
  ADMINISTRATIVE: '行政争议',
  PUBLIC_ORDER: '治安',
  OTHER: '其他',
};

export const sourceWords: Readonly<Record<string, string>> = {
  COURTS: '法院',
  POLICE: '公安',
  PETITIONS: '信访',
  CIVIL_AFFAIRS: '民政',
};
