/**
 * Addresses, found in the grid tree: 望桥街道桃李社区枫香苑3幢2单元501室 and 枫香苑3-2-501 are one home. What the tree does not have is
 * compared as it is written.
 */
export interface Place {
  readonly name: string;
  readonly level: string;
  /** As `organisation.path` has it: ids from the county downwards, each with a slash behind it. */
  readonly path: string;
}

export interface Address {
  /** Building, stairs and flat, or group and house, as numbers: `3-2-501`. Empty when there is none. */
  readonly door: string;
  /** The smallest places of the tree that the text names; several when names repeat and nothing above tells them apart. */
  readonly places: readonly string[];
  /** What stands before the door, without the words for levels. */
  readonly locality: string;
}

/** HOME: the same door. COMPOUND: another one of the same compound or village group. MISSING: one says too little to tell. */
export type AddressAgreement = 'HOME' | 'COMPOUND' | 'DIFFERENT' | 'MISSING';

export type ReadAddress = (written: string | null) => Address | null;

const NUMERAL = '零一二三四五六七八九十';
const toDigits = (text: string): string =>
  text.replace(/[一二三四五六七八九]?十[一二三四五六七八九]?|[零一二三四五六七八九]/g, (found) => {
    const [tens, ones] = found.includes('十') ? found.split('十') : ['', found];
    const value = (digit: string | undefined, empty: number): number => (digit ? NUMERAL.indexOf(digit) : empty);
    return String((found.includes('十') ? value(tens, 1) * 10 : 0) + value(ones, 0));
  });

/** From the first number that a building, a group or a house is counted by, to the end. */
const DOOR = /[\d零一二三四五六七八九十]+\s*(?:幢|栋|号楼|座|单元|组|号|室|户|-|－|—|\/).*$/u;
const LEVEL_WORDS = /(?:街道|社区|居委会|村委会|居民|村民|委员会|[镇乡村])/gu;

const plain = (text: string): string => text.normalize('NFKC').replace(/\s+/gu, '');
const baseName = (name: string): string =>
  plain(name).replace(/(?:街道办事处|街道|镇|乡|(?:社区|村)?(?:居民委员会|村民委员会)|社区|村)$/u, '');

const LEVELS: ReadonlySet<string> = new Set(['TOWNSHIP', 'COMMUNITY', 'COMPOUND']);

interface Known {
  readonly path: string;
  readonly length: number;
}

/** `tree`: of the county's townships, communities and compounds; others are passed over. */
export function createReadAddress(tree: readonly Place[]): ReadAddress {
  const byName = new Map<string, Known[]>();
  let longest = 0;
  for (const { name, level, path } of tree) {
    if (!LEVELS.has(level)) continue;
    const base = baseName(name);
    if (base.length < 2) continue;
    longest = Math.max(longest, base.length);
    byName.set(base, [...(byName.get(base) ?? []), { path, length: base.length }]);
  }

  /** Those named in the text, the ones inside one another kept as the smallest. */
  const placesIn = (text: string): string[] => {
    const named: (readonly Known[])[] = [];
    for (let from = 0; from < text.length;) {
      let taken = 1;
      for (let length = Math.min(longest, text.length - from); length >= 2; length--) {
        const found = byName.get(text.slice(from, from + length));
        if (!found) continue;
        named.push(found);
        taken = length;
        break;
      }
      from += taken;
    }
    let inside: readonly Known[] = [];
    for (const found of named) {
      const within = found.filter(({ path }) => inside.some((above) => path.startsWith(above.path)));
      inside = within.length > 0 ? within : inside.length === 0 ? found : inside;
    }
    return inside.map(({ path }) => path);
  };

  return (written) => {
    if (written === null) return null;
    const text = plain(written);
    if (text === '') return null;
    const door = DOOR.exec(text)?.[0] ?? '';
    const before = text.slice(0, text.length - door.length);
    return {
      door: (toDigits(door).match(/\d+/g) ?? []).map(Number).join('-'),
      places: placesIn(before),
      locality: before.replace(LEVEL_WORDS, ''),
    };
  };
}

const isWithin = (inner: readonly string[], outer: readonly string[]): boolean =>
  inner.some((place) => outer.some((above) => place !== above && place.startsWith(above)));

/** Null: one of them names no more than a place that the other's may lie in. */
function isSamePlace(a: Address, b: Address): boolean | null {
  if (a.places.length === 0 || b.places.length === 0)
    return (
      a.locality !== '' && b.locality !== '' && (a.locality.endsWith(b.locality) || b.locality.endsWith(a.locality))
    );
  if (a.places.some((place) => b.places.includes(place))) return true;
  return isWithin(a.places, b.places) || isWithin(b.places, a.places) ? null : false;
}

export function compareAddresses(a: Address | null, b: Address | null): AddressAgreement {
  const isSame = a === null || b === null ? null : isSamePlace(a, b);
  if (a === null || b === null || isSame === null) return 'MISSING';
  if (!isSame) return 'DIFFERENT';
  return a.door !== '' && a.door === b.door ? 'HOME' : 'COMPOUND';
}
