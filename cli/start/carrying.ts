/** What referrals are carried by: rules, calendar, playbooks, the responsibility list, and the engine over them. */
import { join } from 'node:path';
import { loadRules, type Rules } from '../../core/calendar/load-rules.ts';
import { createWorkingDays, loadDayOverrides, type WorkingDays } from '../../core/calendar/working-day.ts';
import { legalDay, systemClock } from '../../core/platform/clock.ts';
import { projectRoot } from '../../core/platform/project-root.ts';
import { loadPlaybooks, type Playbooks } from '../../core/playbooks/load-playbooks.ts';
import { withStatutoryMinimum } from '../../core/retention/statutory-minimum.ts';
import { createReferralEngine, type ReferralEngine } from '../../core/referrals/engine.ts';
import { loadResponsibilities, type ResponsibilityList } from '../../core/routing/responsibility.ts';
import type { Foundation } from './foundation.ts';

export interface Carrying {
  readonly rules: Rules;
  readonly workingDays: WorkingDays;
  readonly playbooks: Playbooks;
  readonly responsibilities: ResponsibilityList;
  readonly engine: ReferralEngine;
}

const DEMO_RESPONSIBILITIES = join(projectRoot, 'demo', 'county', 'responsibility.yaml');

export const responsibilitiesFileOf = (county: Foundation['county']): string | null =>
  county ? county.responsibilitiesFile : DEMO_RESPONSIBILITIES;

/** A county without a list has what names no lead taken by the centre's own desk. */
function responsibilitiesOf(county: Foundation['county']): ResponsibilityList {
  const file = responsibilitiesFileOf(county);
  return file === null ? { serves: {}, entries: [] } : loadResponsibilities(file);
}

export function rulesOf(county: Foundation['county']): Rules {
  const shipped = loadRules(join(projectRoot, 'schema', 'rules'));
  const folder = county?.rulesFolder ?? null;
  return folder === null ? shipped : withStatutoryMinimum(loadRules(folder), shipped, systemClock.wall());
}

export const playbooksOf = (county: Foundation['county'], rules: Rules): Playbooks =>
  loadPlaybooks(county?.playbooksFolder ?? join(projectRoot, 'schema', 'playbooks'), (id) =>
    rules.all.some((rule) => rule.id === id),
  );

const made = new WeakMap<Foundation, Carrying>();

/** The same for everything in one process. Throws BAD_USER_INPUT naming file and line of what is wrong in them. */
export function createCarrying(foundation: Foundation): Carrying {
  const known = made.get(foundation);
  if (known) return known;
  const { keyring, clock, log, county } = foundation;
  const rules = rulesOf(county);
  const overrides = county?.workingDaysFile ? loadDayOverrides(county.workingDaysFile) : [];
  const workingDays = createWorkingDays({ overrides });
  const year = Number(legalDay(clock.business()).slice(0, 4));
  for (const one of [year, year + 1].filter((candidate) => !workingDays.knowsYear(candidate)))
    log.warn(
      { year: one },
      'no list of holidays for this year: Monday to Friday count as working days until one is given',
    );
  const playbooks = playbooksOf(county, rules);
  const responsibilities = responsibilitiesOf(county);
  const engine = createReferralEngine({ keyring, clock, playbooks, rules, workingDays });
  const carrying = { rules, workingDays, playbooks, responsibilities, engine };
  made.set(foundation, carrying);
  return carrying;
}
