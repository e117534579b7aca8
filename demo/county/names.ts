import { at, cumulate } from './random.ts';
import type { Random } from './random.ts';

/**
 * Surnames with their share of the population in hundredths of a percent, in the shape of the national name reports. Namesakes
 * come out as they do in life: a tenth of the people share three surnames' most common given names.
 */
const SURNAMES =
  '王715 李700 张674 刘510 陈461 杨322 黄245 赵226 吴209 周202 徐172 孙154 马142 朱139 胡130 郭126 何122 林120 高110 罗107 郑101 梁97 谢82 宋81 ' +
  '唐76 许74 韩72 邓71 冯70 曹67 彭66 曾64 肖63 田60 董59 潘57 袁56 蔡54 蒋53 余52 于51 杜50 叶49 程48 魏47 苏46 吕45 丁44 任43 卢42 ' +
  '姚41 沈40 钟39 姜38 崔37 谭36 陆35 范34 汪33 廖32 石31 金30 韦29 贾28 夏27 付26 方25 邹24 熊24 白23 孟22 秦22 邱21 侯21 江20 尹20 ' +
  '薛19 闫19 段18 雷18 龙17 黎17 史16 陶16 贺15 毛15 郝14 顾14 龚13 邵13 万12 覃12 武11 钱11 戴11 严10 莫10 孔10 向10 常9 汤9 康9 ' +
  '易8 乔8 赖8 文8 樊7 兰7 殷7 施7 庄6 章6 鲁6 倪6 俞5 季5 欧阳5 柳5 上官2 司马1 诸葛1';

export const surnames: readonly string[] = SURNAMES.split(' ').map((entry) => entry.replace(/\d+/, ''));
const surnameWeights = cumulate(SURNAMES.split(' ').map((entry) => Number(entry.replace(/\D+/, ''))));

interface Generation {
  /** Most common first; drawn with weight 1 / (place + 3). */
  readonly characters: string;
  readonly popular: readonly string[];
  readonly single: number;
}

/** Born before 1965, before 1980, before 2000, since. */
const MALE: readonly Generation[] = [
  {
    characters: '国建德志明文荣华福贵金生玉清林海长永成平祥兴庆春树根宝发学万庭守田山川水有忠义仁礼昌盛财良才善余',
    popular: '建国 国强 德明 志明 建华 建平 玉林 福生 金生 树林 长生 国华 文华 志强 永福 学文 根生 庆华 明 华'.split(
      ' ',
    ),
    single: 0.1,
  },
  {
    characters: '军勇伟建强平杰明华东海峰林斌辉刚波涛鹏飞超俊卫民立新红武洪家忠良全永云龙江松柏兵春晓光利宏亮毅',
    popular: '伟 勇 军 强 磊 建军 建华 志强 建平 海军 卫东 立新 晓东 国强 俊 峰 斌 波 涛 永强'.split(' '),
    single: 0.3,
  },
  {
    characters: '伟杰浩鑫磊涛超鹏宇飞俊凯文翔龙辉博明亮阳帅斌峰晨旭东健林威志恒瑞嘉轩立成哲远骏铭雷彬波康琦坤森栋昊',
    popular: '伟 杰 浩 鑫 磊 涛 超 鹏 俊杰 志伟 文杰 浩然 嘉伟 宇航 俊 凯 阳 帅 翔 子豪'.split(' '),
    single: 0.35,
  },
  {
    characters: '子浩宇轩梓泽睿辰皓然俊铭熙博文昊天逸晨奕霖佑沐哲恒予瑞嘉佳毅航凯乐诚安启言景煜君家一明思亦伟',
    popular: '子轩 浩然 宇轩 梓轩 俊熙 浩宇 奕辰 宇航 梓豪 子豪 沐辰 浩轩 子睿 博文 一诺 宇辰 铭泽 睿'.split(' '),
    single: 0.08,
  },
];
const FEMALE: readonly Generation[] = [
  {
    characters: '秀玉桂英兰芳珍花凤梅莲香菊翠云素淑美华春爱月琴贞娥金连清红仙芝巧霞银珠彩荣枝凡',
    popular:
      '秀英 桂英 玉兰 秀兰 桂兰 玉英 淑珍 凤英 玉珍 秀珍 桂芳 翠英 爱华 素珍 月英 玉梅 桂花 兰英 淑兰 春梅'.split(' '),
    single: 0.05,
  },
  {
    characters: '丽红艳芳敏霞燕玲梅娟英萍华琴秀云兰静洁莉平翠美春小晓爱桂海慧群君青雪琼珍蓉丹辉菊勤',
    popular: '丽 芳 敏 艳 霞 燕 玲 娟 静 秀英 丽娟 小红 海燕 丽华 春燕 红梅 晓燕 玉梅 丽萍 红'.split(' '),
    single: 0.3,
  },
  {
    characters: '婷静丽娜敏雪倩莉颖丹洁琳燕佳慧媛莹晶玲欣雅婧蕾薇文怡思梦晓瑶娟艳萍蓉茜露珊琪瑞嘉悦璐宁琴',
    popular: '婷 静 丽 娜 敏 雪 倩 婷婷 佳佳 丹丹 思琪 雅婷 晓敏 梦婷 欣怡 颖 莉 丹 洁 琳'.split(' '),
    single: 0.35,
  },
  {
    characters: '梓涵欣怡诗雨子萱可馨语桐一诺若汐雅琪思彤佳悦妍玥瑶心沐宸艺芷晴诺依嘉米宁安然静慧婉君',
    popular: '梓涵 欣怡 诗涵 子涵 一诺 语桐 可馨 雨桐 欣妍 思彤 若汐 梓萱 雨萱 佳怡 诗琪 子萱 依诺 玥'.split(' '),
    single: 0.05,
  },
];

/** Names of minorities written with a middle dot: given name · father's name. */
const MINORITY_GIVEN: Readonly<Record<'MALE' | 'FEMALE', readonly string[]>> = {
  MALE: '阿力木 艾尔肯 库尔班 吐尔逊 买买提 玉素甫 木拉提 巴图 阿木尔 苏和 扎西 多吉 叶尔兰 努尔兰'.split(' '),
  FEMALE: '阿依古丽 古丽娜尔 热依罕 帕提古丽 米日古丽 其其格 乌兰 萨仁 卓玛 央金 加娜尔 阿依努尔'.split(' '),
};
const MINORITY_FAMILY =
  '艾合买提 阿布都拉 吾买尔 依明 卡德尔 肉孜 巴特尔 朝鲁 达瓦 次仁 拜山 哈布力 赛力克 托合提 热合曼 伊布拉音'.split(
    ' ',
  );

export const generationOf = (year: number): number => (year < 1965 ? 0 : year < 1980 ? 1 : year < 2000 ? 2 : 3);

export const drawSurname = (random: Random): number => random.weighted(surnameWeights);

const GENERATIONS: readonly Generation[] = [...MALE, ...FEMALE];
const characterWeights = GENERATIONS.map((generation) =>
  cumulate([...generation.characters].map((_, index) => 1 / (index + 3))),
);
const popularWeights = GENERATIONS.map((generation) => cumulate(generation.popular.map((_, index) => 1 / (index + 2))));

/** One or two characters; `first`, when given, is the character that brothers and sisters share. */
export function drawGivenName(random: Random, sex: 'MALE' | 'FEMALE', birthYear: number, first?: string): string {
  const index = generationOf(birthYear) + (sex === 'MALE' ? 0 : MALE.length);
  const generation = at(GENERATIONS, index);
  const character = (): string => at(generation.characters, random.weighted(at(characterWeights, index)));
  if (first !== undefined) return first + character();
  if (random.chance(0.22)) return at(generation.popular, random.weighted(at(popularWeights, index)));
  if (random.chance(generation.single)) return character();
  return character() + character();
}

/** 0 is nobody's; a minority name is one number so that a million of them cost little. */
export const drawMinorityName = (random: Random, sex: 'MALE' | 'FEMALE'): number =>
  1 + random.int(MINORITY_GIVEN[sex].length) * MINORITY_FAMILY.length + random.int(MINORITY_FAMILY.length);

export function minorityName(number: number, sex: 'MALE' | 'FEMALE'): string {
  const given = at(MINORITY_GIVEN[sex], Math.floor((number - 1) / MINORITY_FAMILY.length));
  return `${given}·${at(MINORITY_FAMILY, (number - 1) % MINORITY_FAMILY.length)}`;
}
