/**
 * Which numbers of a table are told. A group under 5 is not; nor what would lead to one by taking told numbers from one another: in no line
 * (a sum and its parts) is one number hidden alone, and what is hidden in a line whose sum is told makes 5 or more together.
 *
 * Periods are decided from the shortest up, and a shorter one is never hidden for the sake of a longer: it was told when it was over, and
 * the longer one is not over yet.
 */

export const SMALLEST_TOLD = 5;

/** A number and those that it is the sum of, by their places in the table. */
export interface Line {
  readonly sum: number;
  readonly parts: readonly number[];
}

export interface CountTable {
  readonly counts: readonly number[];
  readonly hidden: readonly boolean[];
}

/** Whether what is hidden among the parts of a sum that is told could be worked out. */
const leads = (hidden: readonly number[]): boolean =>
  hidden.length === 1 || (hidden.length > 1 && hidden.reduce((sum, count) => sum + count, 0) < SMALLEST_TOLD);

const hiddenAt = (tables: readonly CountTable[], place: number): number[] =>
  tables.flatMap(({ counts, hidden }) => (hidden[place] ? [counts[place] ?? 0] : []));

/**
 * `shorter`: the same table for the periods that make up this one, the longest first and down to the months; none of a month. What is hidden
 * here was hidden in one of the next shorter at least, for adding them up must not bring it back.
 */
export function hideSmall(
  lines: readonly Line[],
  counts: readonly number[],
  shorter: readonly (readonly CountTable[])[],
): CountTable {
  const [next] = shorter;
  const hidden = counts.map(
    (count, place) => count < SMALLEST_TOLD || shorter.some((tables) => leads(hiddenAt(tables, place))),
  );
  const mayHide = (place: number): boolean =>
    !hidden[place] && (next === undefined || next.some((table) => table.hidden[place]));
  /** The smallest of the parts, or else their sum. One of them may be hidden: in a shorter period the same line hid one with the other. */
  const hideOneMore = ({ sum, parts }: Line): void => {
    const [first = sum, ...others] = parts.filter(mayHide);
    hidden[others.reduce((least, one) => ((counts[one] ?? 0) < (counts[least] ?? 0) ? one : least), first)] = true;
  };
  for (let again = true; again;) {
    again = false;
    for (const line of lines) {
      const parts = line.parts.filter((place) => hidden[place]);
      const bad = hidden[line.sum] ? parts.length === 0 : leads(parts.map((place) => counts[place] ?? 0));
      if (!bad || line.parts.length === 0) continue;
      hideOneMore(line);
      again = true;
    }
  }
  return { counts, hidden };
}
