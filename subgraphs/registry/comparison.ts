import { mayCompareStreets } from '../../core/access/role-view.ts';
import { endOfDay, dayNumber } from '../../core/calendar/legal-day.ts';
import { CATEGORIES } from '../../core/disputes/category.ts';
import { DESK } from '../../core/disputes/desk-record.ts';
import { calendarPeriod, daysOf, periodBefore, type CalendarPeriod } from '../../core/measures/calendar-period.ts';
import { compareStreets, type CountedAs } from '../../core/measures/compare-streets.ts';
import { COUNTED_OF, countRecords, loadStreetIds } from '../../core/measures/count-records.ts';
import { legalDay } from '../../core/platform/clock.ts';
import { AppError, badInput } from '../../core/platform/errors.ts';
import type { Basis } from './loaders.ts';
import type { QueryResolvers, StreetComparisonResolvers } from './resolver-types.generated.ts';

/** 反家庭暴力法 5: how often it is reported where tells on those who did. */
const NEVER_COUNTED = 'DOMESTIC_VIOLENCE';
const COUNTED_CATEGORIES = CATEGORIES.filter((code) => code !== NEVER_COUNTED);

function requirePeriod(from: string, to: string, today: string): CalendarPeriod {
  if (from > to) throw badInput('from', '`from` is later than `to`.');
  if (to >= today) throw badInput('to', 'The period is not over yet: what is counted is told when it is.');
  const period = calendarPeriod(from, to);
  if (period) return period;
  throw badInput('to', 'Ask for a calendar month, quarter, half-year or year: its first and its last day.');
}

const isReadTo = ({ indexedAt }: Basis, source: string, to: string): boolean => {
  const read = indexedAt.get(source);
  return read !== undefined && Date.parse(read) >= endOfDay(dayNumber(new Date(to))).getTime();
};

export const comparisonQueries: Pick<QueryResolvers, 'comparisonReport'> = {
  async comparisonReport(_, { from, to, category }, context) {
    const { caller, deps } = context;
    if (!mayCompareStreets(caller))
      throw new AppError(
        'FORBIDDEN',
        'Streets are compared by the county’s centre, and by heads and analysts of its organs.',
      );
    const period = requirePeriod(from, to, legalDay(deps.clock.business()));
    if (category === NEVER_COUNTED)
      throw badInput('category', 'Violence at home is not counted here (反家庭暴力法 5).');
    const before = daysOf(periodBefore(period));
    const basis = await context.basis();
    const departments = Object.entries(COUNTED_OF) as [CountedAs, string][];
    const counted = departments.filter(([, source]) => basis.fields.joined.has(source));
    const sources = counted.map(([, source]) => source);
    const [streetIds, counts] = await Promise.all([
      loadStreetIds(deps.db),
      countRecords(deps.db, { from: before.from, to, sources: [DESK, ...sources] }),
    ]);
    const report = compareStreets(
      {
        ...{ streetIds, categories: COUNTED_CATEGORIES, category: category ?? null, period },
        onBasis: new Set(counted.map(([countedAs]) => countedAs)),
      },
      counts,
    );
    return {
      ...{ from, to, previousFrom: before.from, previousTo: before.to, category: category ?? null },
      leftOut: departments.flatMap(([, source]) => (sources.includes(source) ? [] : [source])),
      incomplete: sources.filter((source) => !isReadTo(basis, source, to)),
      ...report,
      streets: [...report.streets],
    };
  },
};

export const StreetComparison: StreetComparisonResolvers = {
  async street({ streetId }, _, context) {
    const street = await context.organisations.load(streetId);
    if (!street) throw new Error('the street has gone during the request');
    return street;
  },
};
