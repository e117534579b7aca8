/** Which organisations an entry of the responsibility list means, for a dispute in this place. */
import { ORGANISATION_LEVELS, type Organisation } from '../organisations/organisation.ts';
import type { Target } from './responsibility.ts';

export type RoutedOrganisation = Pick<
  Organisation,
  'id' | 'code' | 'kind' | 'level' | 'path' | 'parentId' | 'closedAt'
>;

export interface Field {
  /** Those that may take part. */
  readonly open: readonly RoutedOrganisation[];
  /** The path of every organisation by its code. */
  readonly paths: ReadonlyMap<string, string>;
  readonly serves: Readonly<Record<string, string>>;
  readonly place: RoutedOrganisation | null;
}

const rank = (level: Organisation['level']): number => ORGANISATION_LEVELS.indexOf(level);

/** Is the first the second, or under it? Paths end in a slash. */
export const isUnder = (path: string, above: string): boolean => path.startsWith(above);

const AREAS: readonly Organisation['kind'][] = ['GOVERNMENT', 'COMMITTEE'];

/** The path of the smallest area around the place that this organisation serves; null when it serves another one. */
function areaAround(one: RoutedOrganisation, place: RoutedOrganisation, { serves, paths }: Field): string | null {
  const served = serves[one.code];
  if (served !== undefined) {
    const area = paths.get(served);
    return area !== undefined && isUnder(place.path, area) ? area : null;
  }
  if (isUnder(place.path, one.path)) return one.path;
  // A government or a committee is an area, and serves no other.
  if (AREAS.includes(one.kind)) return null;
  // An office serves the area of the unit it stands under.
  const parent = one.path.slice(0, one.path.lastIndexOf('/', one.path.length - 2) + 1);
  return isUnder(place.path, parent) ? parent : null;
}

/** Usually one; several when as many stand equally near; none when there is none, or it may not take part. */
export function resolveTarget(
  target: Target,
  tier: Organisation['level'] | undefined,
  field: Field,
): readonly RoutedOrganisation[] {
  if ('code' in target) return field.open.filter(({ code }) => code === target.code);
  const { kind: kinds, level, near } = target;
  const wanted = near === 'COUNTY' ? (level ?? 'COUNTY') : level;
  const candidates = field.open.filter(
    (one) => kinds.includes(one.kind) && (wanted === undefined || one.level === wanted),
  );
  const { place } = field;
  if (near === 'COUNTY') return candidates;
  if (place === null) return [];
  const areas = candidates.flatMap((one) => {
    const area = areaAround(one, place, field);
    return area === null || (tier !== undefined && rank(one.level) > rank(tier)) ? [] : [{ one, area }];
  });
  const nearest = Math.max(...areas.map(({ area }) => area.length));
  return areas.filter(({ area }) => area.length === nearest).map(({ one }) => one);
}
