/** Referrals carried: opened, acted upon, and told by their clocks what is due. Every act is one transaction of the caller's. */
import type { Caller } from '../access/caller.ts';
import { visibleReferral } from '../access/referral-sight.ts';
import type { Hash } from '../audit/log/tree.ts';
import type { Rules } from '../calendar/load-rules.ts';
import type { WorkingDays } from '../calendar/working-day.ts';
import { legalYear, type Clock } from '../platform/clock.ts';
import { makeDataKey, readDataKeys, storeAllDataKeys } from '../platform/data-keys.ts';
import type { Tx } from '../platform/db.ts';
import { AppError, badInput } from '../platform/errors.ts';
import { newId } from '../platform/id.ts';
import type { Keyring } from '../platform/keyring.ts';
import { sealOwned } from '../platform/owned.ts';
import type { Playbooks } from '../playbooks/load-playbooks.ts';
import type { Playbook } from '../playbooks/playbook.ts';
import type { Act, OpenReferral } from './act.ts';
import { BARRED } from './decide-lead.ts';
import type { ChildOrder, Refusal, TransitionContext } from './context.ts';
import type { ReferralEvent } from './event.ts';
import { evolve } from './evolve.ts';
import { loadFacts, loadFactsBefore, relate, type Facts } from './facts.ts';
import { sidesOf } from './side.ts';
import type { Participant, ReferralState } from './state.ts';
import { storeTransition, type ActingActor, type NewRow, type Row, type StoredTransition } from './store.ts';
import { happen, isRefusal, transition } from './transition.ts';

export interface EngineDeps {
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly playbooks: Pick<Playbooks, 'get'>;
  readonly rules: Rules;
  readonly workingDays: WorkingDays;
}

export interface Acted {
  readonly referralId: string;
  readonly version: number;
  /** Lanes of the outbox in which messages wait now. */
  readonly lanes: readonly string[];
}

export interface ReferralEngine {
  /** In the caller's transaction. The caller may see the dispute: who calls this has made sure. */
  open(tx: Tx, caller: Caller, playbook: Playbook, order: OpenReferral): Promise<Acted>;
  /** `expectedVersion` null: whatever it is. Throws what the contract promises: NOT_FOUND, CONFLICT, ILLEGAL_TRANSITION, FORBIDDEN … */
  act(
    tx: Tx,
    caller: Caller,
    asked: { readonly id: string; readonly expectedVersion: number | null },
    act: Act,
  ): Promise<Acted>;
  /** Says what clocks have to say by now; false when there was nothing, or another process is at it. */
  tick(tx: Tx, referralId: string): Promise<boolean>;
}

interface Held extends Row {
  readonly parentId: string | null;
  readonly rootId: string;
  readonly legalBasis: string;
  readonly state: ReferralState;
}

// The dispute too, so that it is neither joined into another nor linked with an accusation while this goes out to somebody:
// `s` is the one into which it may have been joined, at this moment or before.
const HOLD = `
select r.id, r.number, coalesce(s.survivor_id, s.id) as "disputeId", r.opened_at as "openedAt", r.parent_id as "parentId",
  r.root_id as "rootId", r.legal_basis as "legalBasis", r.state, r.last_leaf as "lastLeaf", k.wrapped
from referral r join dispute d on d.id = r.dispute_id join dispute s on s.id = coalesce(d.survivor_id, d.id)
left join data_key k on k.id = r.id where r.id = $1`;

// Others of the same moment wait here; what they then read is what this one left.
const HOLD_SEEN = `${HOLD} and ${visibleReferral('r.id', '$2')} for no key update of r for share of s`;
const HOLD_ABOVE = `${HOLD} for no key update of r for share of s`;
const HOLD_DUE = `${HOLD} and r.tick_at <= $2 for no key update of r skip locked for share of s`;

/** Clocks act for no organisation. */
const NOBODY: TransitionContext['acting'] = { organisation: '', sides: [] };

/** Where one that is opened stands. */
interface Place extends Pick<TransitionContext, 'levelOf'> {
  readonly id: string;
  readonly rootId: string;
  readonly serial: number;
  /** The key of its words. */
  readonly wrapped: Buffer;
}

const takeSerial = async (tx: Tx): Promise<number> =>
  (await tx.one<{ serial: number }>(`select nextval('referral_number') as serial`, [])).serial;

const HOLD_DISPUTE = `select coalesce(survivor_id, id) as "disputeId" from dispute where id = $1 for share`;

const toError = ({ refused, message, details }: Refusal): AppError =>
  new AppError(refused, message, details === undefined ? {} : { details });

const notFound = (): AppError =>
  new AppError('NOT_FOUND', 'There is no such referral.', { details: { field: 'input.id' } });

/** Organisations that an act names, by whatever field. */
function namedIn(act: Act): string[] {
  if (act.type === 'REDIRECT' || act.type === 'DECIDE_JURISDICTION') return [act.lead];
  if (act.type === 'FORWARD') return [act.lead, ...act.undertaking, ...act.assisting];
  if (act.type === 'CONSULT') return [...act.with, ...act.tasks.map(({ organisation }) => organisation)];
  return [];
}

/** Which organisation is responsible after each of these events. */
function responsibleAfter(id: string, before: ReferralState | null, events: readonly ReferralEvent[]) {
  const after = new Map<number, string | null>();
  let state = before;
  for (const event of events) {
    state = evolve(id, state, event);
    after.set(event.sequence, state.responsible);
  }
  return (event: ReferralEvent): string | null => after.get(event.sequence) ?? null;
}

export function createReferralEngine(deps: EngineDeps): ReferralEngine {
  const { keyring, clock, playbooks, rules, workingDays } = deps;
  const storing = { keyring, wall: () => clock.wall() };

  const playbookOf = ({ playbook: { id, version } }: ReferralState): Playbook => {
    const playbook = playbooks.get(id, version);
    if (!playbook) throw new AppError('INTERNAL', 'The playbook of this referral is not there any more.');
    return playbook;
  };

  const contextOf = (
    playbook: Playbook,
    facts: Facts,
    acting: TransitionContext['acting'],
    now: Date,
  ): TransitionContext => ({
    ...{ now, playbook, rules, workingDays, acting },
    ...{ openChildren: facts.openChildren, above: facts.above, childId: newId('ref', clock.wall()) },
    ...relate(facts),
  });

  const store = (tx: Tx, row: Row | NewRow, stored: StoredTransition): Hash | null =>
    storeTransition(tx, storing, row, stored, responsibleAfter(row.id, stored.before, stored.events));

  async function makeKey(tx: Tx, id: string): Promise<Buffer> {
    const made = makeDataKey(keyring, id);
    await storeAllDataKeys(tx, keyring, [made]);
    return made.wrapped;
  }

  function openStored(
    tx: Tx,
    actor: ActingActor,
    playbook: Playbook,
    order: OpenReferral,
    { levelOf, serial, ...place }: Place,
  ): Acted {
    const now = clock.business();
    const participants = (['undertaking', 'assisting', 'guiding'] as const).flatMap((part) =>
      [...new Set(order[part])].map((organisation): Participant => ({
        organisation,
        role: part.toUpperCase() as Participant['role'],
        reportedAt: null,
      })),
    );
    const { kind, from, lead, urgency, parent, routed, statutoryPath = null } = order;
    const body = {
      kind,
      from,
      lead,
      participants,
      urgency,
      parent,
      routed,
      statutoryPath,
      playbook: { id: playbook.id, version: playbook.version },
    };
    const { state, events } = happen(place.id, null, [{ type: 'OPENED', body }], {
      ...{ now, playbook, rules, workingDays, levelOf },
    });
    const row = {
      ...place,
      number: `R${legalYear(now)}-${String(serial).padStart(6, '0')}`,
      disputeId: order.disputeId,
      openedAt: now,
      parentId: parent,
      legalBasis: order.legalBasis,
      lastLeaf: null,
      summaryCipher: sealOwned(
        keyring,
        'referral',
        { owner: place.id, wrapped: place.wrapped },
        order.summary,
        place.id,
      ),
    };
    store(tx, row, { before: null, state, events, actor });
    return { referralId: place.id, version: state.version, lanes: [place.id] };
  }

  async function openChild(
    tx: Tx,
    caller: Caller,
    held: Held,
    { playbook, levelOf }: TransitionContext,
    child: ChildOrder,
  ): Promise<void> {
    const { lead, kind, undertaking, assisting, note } = child;
    const order: OpenReferral = {
      ...{ disputeId: held.disputeId, kind, from: held.state.lead, lead, undertaking, assisting, guiding: [] },
      ...{ urgency: held.state.urgency, summary: note, legalBasis: held.legalBasis, parent: held.id, routed: null },
      // Sorted to the path that the list has for it.
      statutoryPath: kind === 'STATUTORY_PATH' ? held.state.statutoryPath : null,
    };
    const [serial, wrapped] = await Promise.all([takeSerial(tx), makeKey(tx, child.id)]);
    openStored(tx, caller, playbook, order, { id: child.id, rootId: held.rootId, serial, levelOf, wrapped });
  }

  /** Held, so that it does not close at this moment over a child that is being opened. */
  async function holdParent(tx: Tx, caller: Caller, id: string, disputeId: string): Promise<Held> {
    const held = await tx.maybeOne<Held>(HOLD_SEEN, [id, caller.organisation.id]);
    const leads = held?.state.responsible === held?.state.lead && held?.state.lead === caller.organisation.id;
    if (!held || !leads || held.disputeId !== disputeId)
      throw badInput(
        'input.parent',
        'A child is opened below a referral of the same dispute that your organisation leads.',
      );
    return held;
  }

  /** Says what the clocks have to say by now; the same as it was when they have nothing. */
  function tickFirst(tx: Tx, held: Held, context: TransitionContext): Held {
    const result = transition(held.state, { type: 'TICK' }, context);
    if (isRefusal(result) || result.events.length === 0) return held;
    const lastLeaf = store(tx, held, { before: held.state, ...result, actor: null });
    return { ...held, state: result.state, lastLeaf };
  }

  /**
   * What was made from it has come up again, so it is not settled either: nothing is closed over an open child. Upwards as far
   * as it is closed; what was withdrawn is asked of nobody any more, and ends the way. Held from below upwards, always:
   * whoever closes one above at this moment either finds the child open, or is found here.
   */
  async function reopenAbove(tx: Tx, caller: Caller, below: Held): Promise<string[]> {
    if (below.parentId === null) return [];
    const held = await tx.one<Held>(HOLD_ABOVE, [below.parentId]);
    if (held.state.status !== 'CLOSED') return [];
    const facts = await loadFacts(tx, held.id);
    const context = contextOf(playbookOf(held.state), facts, NOBODY, clock.business());
    const ticked = tickFirst(tx, held, context);
    const result = happen(held.id, ticked.state, [{ type: 'REOPENED', body: { child: below.id } }], context);
    store(tx, ticked, { before: ticked.state, ...result, actor: caller });
    return [held.id, ...(await reopenAbove(tx, caller, held))];
  }

  return {
    async open(tx, caller, playbook, asked) {
      const named = [asked.lead, ...asked.undertaking, ...asked.assisting, ...asked.guiding];
      const id = newId('ref', clock.wall());
      const [{ disputeId }, facts, serial, wrapped] = await Promise.all([
        tx.one<{ disputeId: string }>(HOLD_DISPUTE, [asked.disputeId]),
        loadFactsBefore(tx, {
          ...{ parentId: asked.parent, disputeId: asked.disputeId },
          organisations: [asked.from, ...named],
        }),
        takeSerial(tx),
        makeKey(tx, id),
      ]);
      const order = { ...asked, disputeId };
      const relations = relate(facts);
      for (const organisation of [order.from, ...named]) {
        if (relations.isBarred(organisation)) throw toError(BARRED);
        if (!relations.knows(organisation))
          throw badInput('input.lead', 'There is no such organisation, or it is closed.');
      }
      if (order.lead === order.from && order.routed === null)
        throw badInput('input.lead', 'A referral goes to another organisation.');
      if (facts.above.includes(order.lead))
        throw badInput('input.lead', 'It has the matter above already: no circles.');
      const parent = order.parent === null ? null : await holdParent(tx, caller, order.parent, order.disputeId);
      const { levelOf } = relations;
      return openStored(tx, caller, playbook, order, { id, rootId: parent?.rootId ?? id, serial, levelOf, wrapped });
    },

    async act(tx, caller, { id, expectedVersion }, act) {
      const [seen, facts, keys] = await Promise.all([
        tx.maybeOne<Held>(HOLD_SEEN, [id, caller.organisation.id]),
        loadFacts(tx, id, [caller.organisation.id, ...namedIn(act)]),
        // Once it is held: who waited for it read its key as it was before, and it may have been destroyed meanwhile.
        readDataKeys(tx, [id]),
      ]);
      if (!seen) throw notFound();
      const held = { ...seen, wrapped: keys.get(id) ?? null };
      // It became accused while this waited for the dispute: it sees the referral no more.
      if (relate(facts).isBarred(caller.organisation.id)) throw notFound();
      const playbook = playbookOf(held.state);
      const now = clock.business();
      // What was due before this act is said before it: an act a second late takes no red card away.
      const ticked = tickFirst(tx, held, contextOf(playbook, facts, NOBODY, now));
      const { state } = ticked;
      if (expectedVersion !== null && expectedVersion !== state.version) {
        throw new AppError('CONFLICT', 'Somebody else has acted on it since; read it again.', {
          details: { currentVersion: state.version },
        });
      }
      const organisations = new Map(facts.organisations.map((one) => [one.id, one]));
      const acting = { organisation: caller.organisation.id, sides: sidesOf(caller, state, organisations) };
      const context = contextOf(playbook, facts, acting, now);
      const result = transition(state, act, context);
      if (isRefusal(result)) throw toError(result);
      store(tx, ticked, { before: state, ...result, actor: caller });
      const reopened = result.events.some(({ type }) => type === 'REOPENED') ? await reopenAbove(tx, caller, held) : [];
      if (result.child) await openChild(tx, caller, held, context, result.child);
      return {
        referralId: id,
        version: result.state.version,
        lanes: [id, ...(result.child ? [result.child.id] : []), ...reopened],
      };
    },

    async tick(tx, referralId) {
      const held = await tx.maybeOne<Held>(HOLD_DUE, [referralId, clock.business()]);
      if (!held) return false;
      const facts = await loadFacts(tx, referralId);
      const context = contextOf(playbookOf(held.state), facts, NOBODY, clock.business());
      return tickFirst(tx, held, context) !== held;
    },
  };
}
