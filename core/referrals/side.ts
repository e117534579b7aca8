/** Who the caller is to a referral. */
import { hasRole, isCountyCentre, mayAct, type Caller } from '../access/caller.ts';
import type { Side } from '../playbooks/playbook.ts';
import type { OrganisationFact } from './facts.ts';
import type { ReferralState } from './state.ts';

/** An office acts for itself, a bureau also for its stations; a government does not act for what it governs. */
export const actsFor = ({ organisation }: Pick<Caller, 'organisation'>, path: string | undefined): boolean =>
  path !== undefined &&
  (path === organisation.path || (organisation.kind !== 'GOVERNMENT' && path.startsWith(organisation.path)));

export function sidesOf(
  caller: Caller,
  state: ReferralState,
  organisations: ReadonlyMap<string, Pick<OrganisationFact, 'path'>>,
): Side[] {
  if (!mayAct(caller)) return [];
  const covers = (id: string | null): boolean => id !== null && actsFor(caller, organisations.get(id)?.path);
  const sides = new Set<Side>();
  if (covers(state.from)) sides.add('SENDER');
  if (covers(state.lead)) {
    sides.add('LEAD');
    if (hasRole(caller, 'department.head', 'centre.supervisor')) sides.add('HEAD');
  }
  for (const { organisation, role } of state.participants) if (covers(organisation)) sides.add(role);
  const isCentre = isCountyCentre(caller);
  // The joint conference (联席会议) sits at the centre: its supervisor writes down what the common superior decided.
  if (
    state.superior !== null &&
    (covers(state.superior) ||
      (isCentre && !sides.has('SENDER') && !sides.has('LEAD') && hasRole(caller, 'centre.supervisor')))
  )
    sides.add('SUPERIOR');
  if (isCentre && hasRole(caller, 'centre.operator', 'centre.supervisor')) sides.add('CENTRE');
  return [...sides];
}
