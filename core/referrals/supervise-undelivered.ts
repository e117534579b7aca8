/** A message that did not arrive in time is an event of its referral: a dead system must not eat a deadline unnoticed. */
import type { Tx } from '../platform/db.ts';
import { AppError } from '../platform/errors.ts';
import type { EngineDeps } from './engine.ts';
import { loadFacts, relate } from './facts.ts';
import { isOver, type ReferralState } from './state.ts';
import { storeTransition, type Row } from './store.ts';
import { happen } from './transition.ts';

export interface Undelivered {
  readonly deliveryId: string;
  /** Whose system has not taken it. */
  readonly organisationId: string;
}

/** In the transaction that opens the desk's tasks, one event for each. Nothing is said of a referral that is over by then. */
export type SuperviseUndelivered = (tx: Tx, referralId: string, undelivered: readonly Undelivered[]) => Promise<void>;

const HOLD = `
select r.id, r.number, coalesce(d.survivor_id, d.id) as "disputeId", r.opened_at as "openedAt", r.state,
  r.last_leaf as "lastLeaf", k.wrapped
from referral r join dispute d on d.id = r.dispute_id left join data_key k on k.id = r.id where r.id = $1 for no key update of r`;

const NOTE = '系统消息未能按时送达，请中心电话联系。';

type Deps = Pick<EngineDeps, 'keyring' | 'clock' | 'playbooks' | 'rules' | 'workingDays'>;

export const createSuperviseUndelivered =
  ({ keyring, clock, playbooks, rules, workingDays }: Deps): SuperviseUndelivered =>
  async (tx, referralId, undelivered) => {
    const row = await tx.one<Row & { readonly state: ReferralState }>(HOLD, [referralId]);
    const { state } = row;
    if (isOver(state.status)) return;
    const playbook = playbooks.get(state.playbook.id, state.playbook.version);
    if (!playbook) throw new AppError('INTERNAL', 'The playbook of this referral is not there any more.');
    const happened = undelivered.map(({ deliveryId, organisationId }) => ({
      type: 'SUPERVISED' as const,
      body: { rung: 'REMIND' as const, clock: null, nextAt: null, delivery: deliveryId, unreached: organisationId },
      words: { note: NOTE },
    }));
    const { levelOf } = relate(await loadFacts(tx, referralId));
    const after = happen(referralId, state, happened, { now: clock.business(), playbook, rules, workingDays, levelOf });
    const storing = { keyring, wall: () => clock.wall() };
    storeTransition(tx, storing, row, { before: state, ...after, actor: null }, () => state.responsible);
  };
