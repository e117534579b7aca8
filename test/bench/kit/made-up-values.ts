/** Values of the made-up world's leaves: each follows from where it stands, so that two subgraphs, or two gateways, never disagree. */

const PHRASES = [
  '邻里相邻权纠纷，经多次上门走访',
  '双方当事人对事实无异议',
  '婚姻家庭',
  '当事人王小明',
  '要求返还宅基地补偿款',
  '已移送人民调解委员会',
  '西湖镇人民法庭',
  '物业费',
  '经现场勘验并听取意见后达成一致，约定分期履行',
  '劳动报酬争议',
];
const SOURCES = ['COURTS', 'POLICE', 'PETITIONS', 'CIVIL_AFFAIRS'];
const DAY_MS = 86_400_000;
const FIRST_DAY = Date.UTC(2019, 0, 1);
const DAYS = 2_500;

/** FNV-1a of 32 bits, stirred once more: its low bits are used. */
export function draw(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}

const pick = <T>(from: readonly T[], drawn: number): T => from[drawn % from.length] as T;

const text = (drawn: number): string =>
  Array.from({ length: 1 + (drawn % 3) }, (_, at) => pick(PHRASES, (drawn >>> 4) + at * 3)).join('，');

const day = (drawn: number): Date => new Date(FIRST_DAY + (drawn % DAYS) * DAY_MS);

/** Undefined for an object's type. */
export function madeUpLeaf(type: string, values: readonly string[] | undefined, seed: string): unknown {
  const drawn = draw(seed);
  if (values) return pick(values, drawn);
  switch (type) {
    case 'ID':
      return `id-${drawn}`;
    case 'String':
      return text(drawn);
    case 'Int':
      return drawn % 1_000;
    case 'Float':
      return (drawn % 1_000) / 8;
    case 'Boolean':
      return drawn % 2 === 0;
    case 'Date':
      return day(drawn).toISOString().slice(0, 10);
    case 'DateTime':
      return new Date(day(drawn).getTime() + (drawn % DAY_MS)).toISOString();
    case 'SourceCode':
      return pick(SOURCES, drawn);
    default:
      return undefined;
  }
}

const GRANT_PARTS = 32;

/** As long as a real one of a few records: grants are most of what a gateway sends to a department. */
export const madeUpGrant = (seed: string): string =>
  Array.from({ length: GRANT_PARTS }, (_, at) => draw(`${seed}#${at}`).toString(36).padStart(7, '0')).join('');
