import { at } from './random.ts';
import type { DepartmentSource, OrganisationKind, OrganisationLevel, OrganisationRow } from './model.ts';

/** Invented names; that a real place somewhere bears one of them is chance. */
const TOWNSHIPS =
  '望桥街道 青枫街道 临溪街道 北苑街道 东篱街道 锦湖街道 双桥镇 石埠镇 柳湾镇 白鹭镇 云岭镇 竹溪镇 稻香镇 松岗镇 茶坪乡 鹿鸣乡'.split(
    ' ',
  );
/** Share of the county's people in hundredths: towns are as unequal as in life. */
const TOWNSHIP_SHARES = [20, 14, 11, 9, 8, 7, 6, 5, 4, 3, 3, 3, 2, 2, 2, 1];
const TOWNSHIPS_WITH_TRIBUNAL = new Set([1, 6, 7, 9, 13]);
const PLACE_FIRST =
  '桃李 枫香 和顺 清河 梧桐 翠屏 向阳 安宁 长乐 金穗 芙蓉 玉带 南塘 西岭 东山 下泽 古槐 新泉 石榴 银杏'.split(' ');
const COMPOUND_FIRST = '枫香 丹桂 紫藤 听涛 云栖 锦绣 春晖 秋实 湖畔 竹影 松风 荷塘 明月 朝霞 暖阳 梅园'.split(' ');

/** Households in a micro-grid; micro-grids in a grid; grids in a compound; compounds in a community. */
const MICRO_GRID = 30;
const GRID = 8;
const COMPOUND = 3;
const COMMUNITY = 4;

const COUNTY_BODIES: readonly [string, string, OrganisationKind, DepartmentSource[]][] = [
  ['centre', '澄枫县社会治安综合治理中心', 'CENTRE', []],
  ['court', '澄枫县人民法院', 'COURT', ['COURTS']],
  ['police', '澄枫县公安局', 'POLICE', ['POLICE']],
  ['petitions', '澄枫县信访局', 'PETITION_BUREAU', ['PETITIONS']],
  ['civil-affairs', '澄枫县民政局', 'CIVIL_AFFAIRS', ['CIVIL_AFFAIRS']],
  ['justice', '澄枫县司法局', 'JUSTICE_OFFICE', []],
  ['procuratorate', '澄枫县人民检察院', 'PROCURATORATE', []],
  ['discipline', '澄枫县纪委监委', 'DISCIPLINE', []],
  ['arbitration', '澄枫县劳动人事争议仲裁院', 'ARBITRATION', []],
  ['human-resources', '澄枫县人力资源和社会保障局', 'ENFORCEMENT', []],
  ['housing', '澄枫县住房和城乡建设局', 'ENFORCEMENT', []],
  ['natural-resources', '澄枫县自然资源和规划局', 'ENFORCEMENT', []],
  ['market-regulation', '澄枫县市场监督管理局', 'ENFORCEMENT', []],
  ['urban-management', '澄枫县综合行政执法局', 'ENFORCEMENT', []],
  ['agriculture', '澄枫县农业农村局', 'ENFORCEMENT', []],
  ['ecology', '澄枫县生态环境局', 'ENFORCEMENT', []],
  ['health', '澄枫县卫生健康局', 'ENFORCEMENT', []],
  ['education', '澄枫县教育局', 'ENFORCEMENT', []],
  ['transport', '澄枫县交通运输局', 'ENFORCEMENT', []],
  ['finance', '澄枫县金融发展服务中心', 'ENFORCEMENT', []],
  ['veterans', '澄枫县退役军人事务局', 'ENFORCEMENT', []],
  ['womens-federation', '澄枫县妇女联合会', 'MASS_ORGANISATION', []],
  ['trade-union', '澄枫县总工会', 'MASS_ORGANISATION', []],
  ['youth-league', '澄枫县青少年服务中心', 'MASS_ORGANISATION', []],
  ['counselling', '澄枫县心桥社会工作服务中心', 'SOCIAL_ORGANISATION', []],
  ['property-company-1', '澄枫县和风物业服务有限公司', 'COMPANY', []],
  ['property-company-2', '澄枫县安居物业服务有限公司', 'COMPANY', []],
];
const MEDIATION_BODIES: readonly [string, string][] = [
  ['mediation', '澄枫县人民调解委员会'],
  ['mediation-property', '澄枫县物业纠纷人民调解委员会'],
  ['mediation-medical', '澄枫县医疗纠纷人民调解委员会'],
  ['mediation-labour', '澄枫县劳动争议人民调解委员会'],
];

/** A micro-grid and what stands above it. */
export interface MicroGrid {
  readonly code: string;
  readonly township: number;
  readonly grid: string;
  readonly compound: string;
  readonly community: string;
  /** Where it is written to be: 澄枫县望桥街道桃李社区枫香苑 */
  readonly addressParts: readonly [township: string, community: string, compound: string];
  readonly rural: boolean;
}

export interface Tree {
  readonly rows: readonly OrganisationRow[];
  readonly microGrids: readonly MicroGrid[];
  /** The micro-grid of a household, of `households`. */
  microGridOf(household: number): MicroGrid;
  /** First and last (excluded) household of the compound in which this household lives. */
  compoundOf(household: number): readonly [number, number];
}

export const townshipCode = (township: number): string => `t${String(township + 1).padStart(2, '0')}`;

/** Where a case from this township is filed: at its tribunal, else at the court itself. */
export const courtOffice = (township: number): string =>
  TOWNSHIPS_WITH_TRIBUNAL.has(township) ? `tribunal-${townshipCode(township)}` : 'court';

export function buildTree(households: number): Tree {
  const rows: OrganisationRow[] = [];
  const microGrids: MicroGrid[] = [];
  const add = (
    code: string,
    name: string,
    level: OrganisationLevel,
    kind: OrganisationKind,
    parent: string | null,
    sources: readonly DepartmentSource[] = [],
  ): void => void rows.push({ code, name, level, kind, parent, sources });

  add('county', '澄枫县人民政府', 'COUNTY', 'GOVERNMENT', null);
  for (const [code, name, kind, sources] of COUNTY_BODIES) add(code, name, 'COUNTY', kind, 'county', sources);
  for (const [code, name] of MEDIATION_BODIES) add(code, name, 'COUNTY', 'MEDIATION_BODY', 'justice');

  const shares = shareOut(Math.ceil(households / MICRO_GRID));
  TOWNSHIPS.forEach((name, township) => {
    const code = townshipCode(township);
    const rural = !name.endsWith('街道');
    add(code, `${name}${rural ? '人民政府' : '办事处'}`, 'TOWNSHIP', 'GOVERNMENT', 'county');
    addOffices(township, name.replace(/街道|镇|乡/, ''));
    addGrids(township, name, at(shares, township), rural);
  });

  function addOffices(township: number, name: string): void {
    const code = townshipCode(township);
    add(`station-${code}`, `${name}派出所`, 'TOWNSHIP', 'STATION', 'police', ['POLICE']);
    add(`justice-${code}`, `${name}司法所`, 'TOWNSHIP', 'JUSTICE_OFFICE', 'justice');
    if (TOWNSHIPS_WITH_TRIBUNAL.has(township))
      add(`tribunal-${code}`, `${name}人民法庭`, 'TOWNSHIP', 'TRIBUNAL', 'court', ['COURTS']);
    // These two belong to the township's government, so what is withheld from it (an accusation) is withheld from them.
    add(`petitions-${code}`, `${name}信访办公室`, 'TOWNSHIP', 'PETITION_BUREAU', code, ['PETITIONS']);
    add(`civil-affairs-${code}`, `${name}民政办公室`, 'TOWNSHIP', 'CIVIL_AFFAIRS', code, ['CIVIL_AFFAIRS']);
  }

  function addGrids(township: number, townshipName: string, count: number, rural: boolean): void {
    for (let micro = 0; micro < count; micro += 1) {
      const gridNumber = Math.floor(micro / GRID);
      const compoundNumber = Math.floor(gridNumber / COMPOUND);
      const communityNumber = Math.floor(compoundNumber / COMMUNITY);
      const community = `${townshipCode(township)}-c${String(communityNumber + 1).padStart(2, '0')}`;
      const compound = `${community}-p${(compoundNumber % COMMUNITY) + 1}`;
      const grid = `${compound}-g${(gridNumber % COMPOUND) + 1}`;
      const communityName = placeName(PLACE_FIRST, township * 7 + communityNumber, rural ? '村' : '社区');
      const compoundName = placeName(COMPOUND_FIRST, township * 5 + compoundNumber, rural ? '湾' : '苑');
      const isNew = (size: number): boolean => micro % size === 0;
      if (isNew(GRID * COMPOUND * COMMUNITY))
        add(
          community,
          `${communityName}${rural ? '村民' : '居民'}委员会`,
          'COMMUNITY',
          'COMMITTEE',
          townshipCode(township),
        );
      if (isNew(GRID * COMPOUND)) add(compound, compoundName, 'COMPOUND', 'COMMITTEE', community);
      if (isNew(GRID)) add(grid, `${compoundName}第${(gridNumber % COMPOUND) + 1}网格`, 'GRID', 'COMMITTEE', compound);
      const code = `${grid}-m${(micro % GRID) + 1}`;
      add(
        code,
        `${compoundName}第${(gridNumber % COMPOUND) + 1}网格${(micro % GRID) + 1}号微网格`,
        'MICRO_GRID',
        'COMMITTEE',
        grid,
      );
      const addressParts = [townshipName, communityName, compoundName] as const;
      microGrids.push({ code, township, grid, compound, community, addressParts, rural });
    }
  }

  const microGridNumber = (household: number): number => Math.floor((household * microGrids.length) / households);
  const firstHousehold = (microGrid: number): number => Math.ceil((microGrid * households) / microGrids.length);
  return {
    rows,
    microGrids,
    microGridOf: (household) => at(microGrids, microGridNumber(household)),
    compoundOf: (household) => {
      const number = microGridNumber(household);
      const { compound } = at(microGrids, number);
      let from = number;
      let to = number + 1;
      while (from > 0 && at(microGrids, from - 1).compound === compound) from -= 1;
      while (to < microGrids.length && at(microGrids, to).compound === compound) to += 1;
      return [firstHousehold(from), firstHousehold(to)];
    },
  };
}

/** Micro-grids per township: at least one each, the rest by share. */
function shareOut(total: number): number[] {
  const rest = Math.max(0, total - TOWNSHIPS.length);
  const shares = TOWNSHIP_SHARES.map((share) => 1 + Math.floor((rest * share) / 100));
  for (let index = 0; sum(shares) < total; index = (index + 1) % shares.length) shares[index] = at(shares, index) + 1;
  return shares;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

const placeName = (first: readonly string[], number: number, last: string): string => {
  const round = Math.floor(number / first.length);
  return `${at(first, number % first.length)}${round === 0 ? '' : at('新上中下南北东西前后', (round - 1) % 10)}${last}`;
};
