/** A record as it matters to which dispute it belongs; and what keeps two apart. */

export interface LinkedDispute {
  readonly id: string;
  /** A human opened it or has acted on it. */
  readonly touched: boolean;
  /** Milliseconds. */
  readonly openedAt: number;
}

/** Paths of those who hold something, and of those it accuses. */
export interface Barrier {
  readonly offices: readonly string[];
  readonly accused: readonly string[];
}

export interface LinkableRecord extends Barrier {
  readonly id: string;
  /** Null: not a dispute by itself (a marriage, a relief); it follows a reference but holds no two disputes together. */
  readonly category: string | null;
  readonly at: number;
  readonly gone: boolean;
  readonly dispute: LinkedDispute | null;
  /** Disputes that a human took it out of: no rule puts it back. */
  readonly parted: readonly string[];
}

/** One record names the other; which way round does not matter. */
export interface Reference {
  readonly a: string;
  readonly b: string;
}

export const byTime = (a: LinkableRecord, b: LinkableRecord): number => a.at - b.at || (a.id < b.id ? -1 : 1);

export const accuses = ({ accused }: Pick<Barrier, 'accused'>, { offices }: Pick<Barrier, 'offices'>): boolean =>
  accused.some((path) => offices.some((office) => office.startsWith(path)));

/**
 * An accusation is not joined by rule with what the accused hold: they would lose sight of their own record's dispute, and know
 * (信访工作条例 30). Whoever may see both can link them.
 */
export const isKeptApart = (a: Barrier, b: Barrier): boolean => accuses(a, b) || accuses(b, a);

/** A human took one of them out of the other's dispute. */
export const areApart = (a: LinkableRecord, b: LinkableRecord): boolean =>
  (b.dispute !== null && a.parted.includes(b.dispute.id)) || (a.dispute !== null && b.parted.includes(a.dispute.id));
