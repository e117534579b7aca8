/** What a law has kept at least (schema/rules/kept.yaml) no county's own rules shorten, nor leave out. Pure. */
import { createRules, type Rules } from '../calendar/load-rules.ts';
import { legalDay } from '../platform/clock.ts';
import { badInput } from '../platform/errors.ts';
import { cutoffOf } from './cutoff.ts';

const KEPT = 'kept.';

/**
 * The county's rules, with those of the law that they leave out. Throws BAD_USER_INPUT naming the first by which, today or from a later
 * day on, less would be kept than by that of the same id in `shipped`.
 */
export function withStatutoryMinimum(county: Rules, shipped: Rules, now: Date): Rules {
  const today = legalDay(now);
  const laws = shipped.all.filter(({ id }) => id.startsWith(KEPT));
  for (const { id } of laws) {
    const law = shipped.inForce(id, today);
    const own =
      county.all.find((rule) => rule.id === id)?.versions.filter(({ to }) => to === null || to >= today) ?? [];
    if (law && own.some((version) => cutoffOf({ id, ...version }, now) > cutoffOf(law, now)))
      throw badInput(id, `${id} keeps for less than ${law.basis} asks: ${law.amount} ${law.unit}.`);
  }
  const missing = laws.filter(({ id }) => !county.all.some((rule) => rule.id === id));
  return missing.length === 0 ? county : createRules([...county.all, ...missing]);
}
