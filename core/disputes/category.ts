/** The categories of disputes (API `DisputeCategory`) as a title says them. */
const CATEGORY_NAMES: Readonly<Record<string, string>> = {
  FAMILY: '家庭纠纷',
  MARRIAGE: '婚恋纠纷',
  INHERITANCE: '继承纠纷',
  DOMESTIC_VIOLENCE: '家庭暴力',
  NEIGHBOUR: '邻里纠纷',
  HOMESTEAD: '房屋宅基地纠纷',
  FOREST_LAND: '山林纠纷',
  RURAL_LAND: '承包地纠纷',
  LAND_EXPROPRIATION: '征地拆迁纠纷',
  RESETTLEMENT: '安置纠纷',
  PROPERTY_MANAGEMENT: '物业纠纷',
  UTILITIES: '水电暖纠纷',
  RENOVATION: '老旧改造纠纷',
  LABOUR: '劳动纠纷',
  WAGE_ARREARS: '欠薪纠纷',
  ENTERPRISE_RESTRUCTURING: '企业改制纠纷',
  LENDING: '借贷纠纷',
  FINANCE: '金融纠纷',
  CONTRACT: '合同纠纷',
  CONSTRUCTION: '工程纠纷',
  PRODUCTION: '生产经营纠纷',
  CONSUMER: '消费纠纷',
  PREPAID_CONSUMPTION: '预付消费纠纷',
  MEDICAL: '医疗纠纷',
  TRAFFIC: '交通事故纠纷',
  DAMAGE: '损害赔偿纠纷',
  INTELLECTUAL_PROPERTY: '知识产权纠纷',
  ENVIRONMENT: '环境纠纷',
  CAMPUS: '涉校纠纷',
  WELFARE: '社保救助纠纷',
  VETERANS: '退役军人事务纠纷',
  VILLAGE_AFFAIRS: '村务纠纷',
  INTERNET: '网络纠纷',
  ADMINISTRATIVE: '行政争议',
  PUBLIC_ORDER: '治安纠纷',
  OTHER: '其他纠纷',
};

/** What and where, never who: `邻里纠纷 · 枫林一里`. */
export const titleOf = (category: string, placeName: string | null): string =>
  [CATEGORY_NAMES[category] ?? '矛盾纠纷', ...(placeName === null ? [] : [placeName])].join(' · ');

/** Codes of the categories whose Chinese name contains the text. */
export const categoriesNamed = (text: string): string[] =>
  Object.entries(CATEGORY_NAMES).flatMap(([code, name]) => (name.includes(text) ? [code] : []));

export const isCategory = (code: string): boolean => code in CATEGORY_NAMES;

/** All codes, in the order of the API's list. */
export const CATEGORIES: readonly string[] = Object.keys(CATEGORY_NAMES);
