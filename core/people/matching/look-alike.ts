/** Characters of names that are taken for one another on a form because they look alike, though they sound otherwise. */
const GROUPS =
  '己已巳 未末 士土工 天夭无 王玉壬主 大太犬 人入八 千干于 午牛 日曰 白自百 田由甲申 刀力 几儿凡 木本术 戊戌戍戎 乌鸟马 候侯 徐余 洒酒 拨拔 晴睛清情 扬杨场 ' +
  '陈阵 列刘 梅海悔 水永冰 兵乒 买卖 爪瓜 今令 良艮 亨享 辛幸 竞竟 免兔 治冶 折拆析 斤斥 券卷 崇祟 茶荼 萧箫 祖租 钓钧钩 贷货 侍待 暖缓 微徽 峰蜂 洁吉 倩清 桔结 ' +
  '亭停婷 雷蕾 佳娃 琪棋期 淑叔 彬杉 栋拣 炼练 晓烧 浩洁 凯铠 雪雷 霞霄 燕蒸 颖颍 贞页 珍诊 枝技 根恨 村材 林材 刚纲 钢铜 强疆 明朋 昌冒 晶品 旭旦 鸣鸡 凤风 冯马';

const groups = new Map<string, Set<string>>();
for (const group of GROUPS.split(' '))
  for (const character of group) groups.set(character, new Set([...(groups.get(character) ?? []), ...group]));

export const lookAlike = (a: string, b: string): boolean => groups.get(a)?.has(b) ?? false;
