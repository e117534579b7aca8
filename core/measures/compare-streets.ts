/** 比对分析: what is reported by hotline and to the police against what is sued about, street by street. Pure; of places and matters only. */
import { partsOf, periodBefore, type CalendarPeriod } from './calendar-period.ts';
import { hideSmall, type CountTable, type Line } from './hide-small.ts';
import { compareWithRest, standingOf, type Standing } from './stand-out.ts';

/** A sum comes after what it is made of. */
const MEASURES = ['hotline', 'police', 'reported', 'filings'] as const;
type Measure = (typeof MEASURES)[number];
export type CountedAs = Exclude<Measure, 'reported'>;

/** How many records of one month, category and street; null: where it was is not known. */
export interface MonthCount {
  readonly month: number;
  readonly streetId: string | null;
  readonly category: string;
  readonly countedAs: CountedAs;
  readonly count: number;
}

/** Null: not told, for it is under 5 or leads to what is, or for want of a basis. */
export type Compared = Readonly<Record<Measure, number | null>> & { readonly suitsPerReport: number | null };

export interface ComparedStreet {
  readonly streetId: string;
  readonly counts: Compared;
  readonly before: Compared;
  readonly timesTheRest: number | null;
  readonly z: number | null;
  readonly standing: Standing | null;
}

export interface StreetReport {
  readonly county: Compared;
  readonly countyBefore: Compared;
  readonly unknownPlace: Compared;
  readonly streets: readonly ComparedStreet[];
}

export interface StreetQuestion {
  readonly streetIds: readonly string[];
  readonly categories: readonly string[];
  /** Null: all of them. */
  readonly category: string | null;
  readonly period: CalendarPeriod;
  /** What may be told on a basis in force. */
  readonly onBasis: ReadonlySet<CountedAs>;
}

const upTo = (length: number): number[] => Array.from({ length }, (_, index) => index);

/** Every street, the county (their sum) and what has no street; every category and their sum; every measure. */
function layOut({ streetIds, categories, onBasis }: StreetQuestion) {
  const county = streetIds.length;
  const unknown = county + 1;
  const all = categories.length;
  const place = (row: number, column: number, measure: number): number =>
    (row * (all + 1) + column) * MEASURES.length + measure;
  const rows = upTo(unknown + 1);
  const columns = upTo(all + 1);
  const told = (measure: Measure): boolean =>
    measure === 'reported' ? onBasis.has('hotline') && onBasis.has('police') : onBasis.has(measure);
  const measures = MEASURES.flatMap((measure, index) => (told(measure) ? [index] : []));
  const [hotline, police, reported] = [0, 1, 2];
  const sums: Line[] = [
    ...(told('reported') ? rows : []).flatMap((row) =>
      columns.map((column) => ({
        sum: place(row, column, reported),
        parts: [place(row, column, hotline), place(row, column, police)],
      })),
    ),
    ...rows.flatMap((row) =>
      measures.map((measure) => ({
        sum: place(row, all, measure),
        parts: upTo(all).map((column) => place(row, column, measure)),
      })),
    ),
    ...columns.flatMap((column) =>
      measures.map((measure) => ({
        sum: place(county, column, measure),
        parts: upTo(county).map((row) => place(row, column, measure)),
      })),
    ),
  ];
  return { county, unknown, all, place, told, sums, size: rows.length * columns.length * MEASURES.length };
}

type Layout = ReturnType<typeof layOut>;

/** By month: what stands where. */
function fill(question: StreetQuestion, layout: Layout, counted: readonly MonthCount[]): Map<number, number[]> {
  const { county, unknown, all, place, size } = layout;
  const rowOf = new Map(question.streetIds.map((id, row) => [id, row]));
  const columnOf = new Map(question.categories.map((code, column) => [code, column]));
  const months = new Map<number, number[]>();
  for (const { month, streetId, category, countedAs, count } of counted) {
    const column = columnOf.get(category);
    if (column === undefined) continue;
    const row = streetId === null ? unknown : (rowOf.get(streetId) ?? unknown);
    const counts = months.get(month) ?? new Array<number>(size).fill(0);
    months.set(month, counts);
    const rows = row === unknown ? [unknown] : [row, county];
    const as: readonly Measure[] = countedAs === 'filings' ? ['filings'] : [countedAs, 'reported'];
    for (const r of rows)
      for (const c of [column, all])
        for (const measure of as) {
          const at = place(r, c, MEASURES.indexOf(measure));
          counts[at] = (counts[at] ?? 0) + count;
        }
  }
  return months;
}

/** The table of a period, the longest of the shorter ones in it next, and so on down to its months. */
function levelsOf(
  period: CalendarPeriod,
  layout: Pick<Layout, 'sums' | 'size'>,
  months: ReadonlyMap<number, readonly number[]>,
): (readonly CountTable[])[] {
  const { sums, size } = layout;
  const parts = partsOf(period).map((part) => levelsOf(part, layout, months));
  const shorter = upTo(parts[0]?.length ?? 0).map((depth) => parts.flatMap((levels) => levels[depth] ?? []));
  const [next] = shorter;
  const counts = next
    ? upTo(size).map((at) => next.reduce((sum, table) => sum + (table.counts[at] ?? 0), 0))
    : (months.get(period.firstMonth) ?? new Array<number>(size).fill(0));
  return [[hideSmall(sums, counts, shorter)], ...shorter];
}

/**
 * `counted`: all categories of the period and the one before it, whichever is asked for. What is hidden must not depend on the question, or two
 * questions would tell what neither does.
 */
export function compareStreets(question: StreetQuestion, counted: readonly MonthCount[]): StreetReport {
  const { streetIds, categories, category, period } = question;
  const layout = layOut(question);
  const { county, unknown, all, place, told } = layout;
  const column = category === null ? all : categories.indexOf(category);
  const months = fill(question, layout, counted);
  const read = (of: CalendarPeriod): ((row: number) => Compared) => {
    const [[table] = []] = levelsOf(of, layout, months);
    return (row) => {
      const count = (measure: Measure): number | null => {
        const at = place(row, column, MEASURES.indexOf(measure));
        return !told(measure) || table?.hidden[at] !== false ? null : (table.counts[at] ?? null);
      };
      const [reported, filings] = [count('reported'), count('filings')];
      const suitsPerReport = reported === null || filings === null ? null : filings / reported;
      return { hotline: count('hotline'), police: count('police'), reported, filings, suitsPerReport };
    };
  };
  const [now, before] = [read(period), read(periodBefore(period))];
  const sum = now(county);
  const rows = streetIds.map((streetId, row) => {
    const counts = now(row);
    return { streetId, counts, before: before(row), against: compareTold(counts, sum) };
  });
  const compared = rows.filter(({ against }) => against !== null).length;
  return {
    county: sum,
    countyBefore: before(county),
    unknownPlace: now(unknown),
    streets: rows.map(({ against, ...street }) => ({
      ...street,
      timesTheRest: against?.timesTheRest ?? null,
      z: against?.z ?? null,
      standing: against && standingOf(against, compared),
    })),
  };
}

/** Of what is told only: a comparison leads back to the numbers in it. */
function compareTold(street: Compared, county: Compared): ReturnType<typeof compareWithRest> {
  const rateOf = ({ filings, reported }: Compared) =>
    filings === null || reported === null ? null : { filings, reported };
  const [own, whole] = [rateOf(street), rateOf(county)];
  return own && whole && compareWithRest(own, whole);
}
