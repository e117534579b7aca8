import type { Tree } from './organisations.ts';
import { at, scramble } from './random.ts';
import type { Random } from './random.ts';

/** 澄枫县望桥街道桃李社区枫香苑3幢2单元501室; in the country 澄枫县稻香镇桃李村枫香湾3组12号. */
export function addressOf(tree: Tree, household: number): string {
  const { township, community, compound, door } = partsOf(tree, household);
  return `澄枫县${township}${community}${compound}${door.written}`;
}

/** The same home as another office writes it; never the same text. */
export function addressOtherwise(random: Random, tree: Tree, household: number): string {
  const { township, community, compound, door } = partsOf(tree, household);
  const styles = [
    `${township}${compound}${door.written}`,
    `澄枫县${township}${compound}${door.short}`,
    `澄枫县 ${township} ${community} ${compound} ${door.short}`,
    `${community}${compound}${door.short}`,
    `澄枫县${township.replace(/街道|镇|乡/, '')}${compound}${fullWidth(door.written)}`,
    `${compound}${door.short}`,
  ];
  return random.pick(styles);
}

function partsOf(
  tree: Tree,
  household: number,
): Record<'township' | 'community' | 'compound', string> & { door: Door } {
  const { addressParts, rural } = tree.microGridOf(household);
  const [township, community, compound] = addressParts;
  return { township, community, compound, door: doorOf(household, rural) };
}

interface Door {
  readonly written: string;
  readonly short: string;
}

function doorOf(household: number, rural: boolean): Door {
  const mixed = scramble(household);
  if (rural) {
    const [group, house] = [1 + (mixed % 9), 1 + ((mixed >>> 8) % 120)];
    return { written: `${group}组${house}号`, short: `${at('一二三四五六七八九', group - 1)}组${house}` };
  }
  const [building, stair] = [1 + (mixed % 18), 1 + ((mixed >>> 6) % 4)];
  const flat = (1 + ((mixed >>> 10) % 18)) * 100 + 1 + ((mixed >>> 20) % 4);
  return { written: `${building}幢${stair}单元${flat}室`, short: `${building}-${stair}-${flat}` };
}

const fullWidth = (text: string): string =>
  text.replace(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0));
