import { at } from './random.ts';
import type { Random } from './random.ts';

/** Characters that sound the same or look alike: what a tired clerk writes instead. */
const CONFUSED =
  '伟玮炜维威 芳方 娜那 敏闵 静婧靖 丽莉俐励 艳燕雁彦 霞侠 玲铃灵 娟鹃 婷亭 雪薛 倩茜 颖莹英瑛 丹单 洁杰捷 琳林霖 佳嘉家 慧惠会 媛缘 晶京 欣新鑫心馨 雅亚 ' +
  '怡宜依逸 思斯 梦孟 晓小筱 瑶遥 萍平苹 蓉容荣融 露璐路 珊山 琪琦奇 悦月玥 宁凝 琴勤芹 梓子紫 涵晗含寒 诗师 雨宇羽语予 萱轩宣 可克 桐彤同 一艺壹 诺糯 若偌 ' +
  '妍研 芷止 晴情 然冉 婉晚 君军均钧 浩昊皓 泽择 睿锐瑞 辰晨宸 铭明名鸣 熙希曦 博搏 文雯纹 天添 奕亦弈 佑佐右 沐木 哲喆 恒衡 毅义谊 航杭 凯恺 乐勒 诚成城承 ' +
  '安岸 启起 言严 景井 煜昱玉 强墙 勇永咏 建健键 国郭 德得 志智治 华花 福富 贵桂 金今锦 生胜升盛 清青卿 海梅 长常昌 祥翔详 兴星 庆青 春椿 树书 根跟 宝保 发法 ' +
  '学雪 万宛 庭廷 守首 田甜 川穿 水永 有友 忠中钟 仁人 礼李 财才材 良亮 善山 斌彬宾 辉晖挥 刚钢 波博 涛滔韬 鹏朋 飞非 超朝 俊骏竣 卫为 民明 立力丽 红洪宏虹 ' +
  '武吴 全泉 云芸 龙隆 江姜 松淞 柏百 兵冰 光广 利莉 磊雷蕾 阳杨扬 帅师 旭绪 东冬栋 远元 康慷 坤昆 森申 峰锋丰 凤风 秀绣 珍真 兰岚 莲连 香湘 菊桔 翠粹 素苏 ' +
  '淑书 美梅 爱艾 贞珍 娥蛾 仙先 芝之 巧俏 银吟 珠朱 彩采 枝芝 凡帆 余于 群裙 琼穷 薇微 佳加 米咪 汐夕 王汪 李里 张章 刘柳 陈程 黄皇 赵兆 吴武 周邹 徐许 孙荪 马玛 ' +
  '胡湖 何和 罗骆 郑正 梁粱 谢榭 宋送 唐糖 韩寒 邓登 冯逢 曹槽 彭澎 曾增 肖萧 董懂 潘盘 袁原 蔡菜 蒋将 杜肚 叶业 魏卫 苏酥 吕侣 丁叮 任壬 卢芦 姚摇 沈审 崔催 谭覃 ' +
  '陆路 范犯 廖寥 石时 韦围 贾假 夏下 付傅 熊雄 白百 秦勤 邱丘 侯候 尹引 阿啊 木沐 古谷 巴八 扎札 多朵 买卖 玉王 库裤 吐土 其奇 乌鸟 萨撒 卓桌 央秧 加佳 帕怕 热执 苏书';

const TRADITIONAL =
  '张張 刘劉 陈陳 杨楊 黄黃 赵趙 吴吳 孙孫 马馬 罗羅 郑鄭 谢謝 许許 韩韓 邓鄧 冯馮 肖蕭 蒋蔣 叶葉 苏蘇 吕呂 卢盧 钟鍾 谭譚 陆陸 韦韋 贾賈 邹鄒 闫閆 龙龍 贺賀 顾顧 龚龔 万萬 钱錢 严嚴 ' +
  '汤湯 赖賴 兰蘭 庄莊 鲁魯 欧歐 诸諸 伟偉 国國 华華 贵貴 长長 兴興 庆慶 树樹 宝寶 发發 学學 义義 礼禮 财財 军軍 强強 东東 辉輝 刚剛 涛濤 鹏鵬 飞飛 卫衛 红紅 云雲 晓曉 杰傑 凯凱 阳陽 ' +
  '帅帥 轩軒 远遠 骏駿 铭銘 栋棟 泽澤 诚誠 启啟 丽麗 艳艷 静靜 洁潔 琼瓊 颖穎 莹瑩 梦夢 语語 诗詩 爱愛 凤鳳 莲蓮 银銀 连連 芦蘆 乐樂 宁寧 单單 艺藝 诺諾 买買 库庫 图圖 尔爾 乌烏 萨薩 ' +
  '热熱 达達 赛賽 个個 书書 枫楓 桥橋';

const confused = new Map<string, string[]>();
for (const group of CONFUSED.split(' ')) {
  for (const character of group) {
    const others = [...group].filter((other) => other !== character);
    confused.set(character, [...(confused.get(character) ?? []), ...others]);
  }
}
const traditional = new Map(TRADITIONAL.split(' ').map((pair): [string, string] => [at(pair, 0), at(pair, 1)]));

/** With one character that sounds or looks like the right one, in the given name where possible; null when none is known. */
export function confuseName(random: Random, name: string): string | null {
  const characters = [...name];
  const possible = characters.flatMap((character, index) => (confused.has(character) ? [index] : []));
  const inGiven = possible.filter((index) => index > 0);
  const choices = inGiven.length > 0 ? inGiven : possible;
  if (choices.length === 0) return null;
  const index = random.pick(choices);
  characters[index] = random.pick(confused.get(at(characters, index)) ?? []);
  return characters.join('');
}

/** In traditional characters; null when the name is written the same. */
export function traditionalName(name: string): string | null {
  const written = [...name].map((character) => traditional.get(character) ?? character).join('');
  return written === name ? null : written;
}

/** What the neighbours say: 小敏, 老张, 阿强. */
export function aliasOf(random: Random, name: string, born: number): string {
  if (name.includes('·')) return at(name.split('·'), 0);
  const last = [...name].at(-1) ?? '';
  return at([`小${last}`, born < 1975 ? `老${at([...name], 0)}` : `${last}${last}`, `阿${last}`], random.int(3));
}

/** The other ways in which offices write a name with a middle dot. */
export const withoutDot = (random: Random, name: string): string =>
  name.replace('·', random.pick(['', '', '', '•', '.', ' ']));
