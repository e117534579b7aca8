/** Whether a street's suits per matter reported differ from the rest of the county's by more than chance and by enough to matter. */

export interface Rate {
  readonly filings: number;
  readonly reported: number;
}

export type Standing = 'USUAL' | 'HIGHER' | 'LOWER';

export interface Comparison {
  /** The street's ratio divided by that of the rest of the county. */
  readonly timesTheRest: number;
  /** ln(timesTheRest) over its standard error. */
  readonly z: number;
}

/** Of all streets together, by chance. */
const FALSE_ALARM = 0.05;
/** Or its inverse: in a big street much less would be beyond chance already. */
const TIMES_THAT_MATTER = 1.25;

/** Null where one of the four is 0. Counts are taken as Poisson. */
export function compareWithRest(street: Rate, county: Rate): Comparison | null {
  const rest = { filings: county.filings - street.filings, reported: county.reported - street.reported };
  const counts = [street.filings, street.reported, rest.filings, rest.reported];
  if (counts.some((count) => count <= 0)) return null;
  const timesTheRest = street.filings / street.reported / (rest.filings / rest.reported);
  const error = Math.sqrt(counts.reduce((sum, count) => sum + 1 / count, 0));
  return { timesTheRest, z: Math.log(timesTheRest) / error };
}

/** That a normal variable is as far from 0 as this, on either side; Abramowitz and Stegun 7.1.26, to 0.0000002. */
export function twoSided(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const series = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592];
  return series.reduce((sum, factor) => (sum + factor) * t, 0) * Math.exp(-x * x);
}

/** `streets`: how many are compared at once; each may be taken for unusual by its share of the chance only (Bonferroni). */
export function standingOf({ timesTheRest, z }: Comparison, streets: number): Standing {
  if (twoSided(z) >= FALSE_ALARM / streets) return 'USUAL';
  if (timesTheRest >= TIMES_THAT_MATTER) return 'HIGHER';
  return timesTheRest <= 1 / TIMES_THAT_MATTER ? 'LOWER' : 'USUAL';
}
