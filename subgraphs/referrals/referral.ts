import { openSummary, loadChain, loadChainEvents } from '../../core/referrals/read.ts';
import { findDisputesOfPerson } from '../../core/referrals/of-person.ts';
import { sidesOf } from '../../core/referrals/side.ts';
import { nextActs } from '../../core/referrals/transition.ts';
import { requirePurpose } from '../../core/access/purpose.ts';
import {
  mayReadSummary,
  mayReadVisits,
  mayReadWords,
  readsNames,
  type WordsAbout,
} from '../../core/access/referral-words.ts';
import { AppError } from '../../core/platform/errors.ts';
import type { Playbook } from '../../core/playbooks/playbook.ts';
import { toConnection } from '../kit/connection.ts';
import { referralPage, toSearch } from './list.ts';
import type { ReferralParent, ReferralsContext, Stub } from './loaders.ts';
import type {
  DisputeResolvers,
  Outcome,
  PersonResolvers,
  QueryResolvers,
  ReferralResolvers,
} from './resolver-types.generated.ts';

const stub = (id: string): Stub => ({ id });

export function playbookOf({ deps: { playbooks } }: ReferralsContext, { state }: ReferralParent): Playbook {
  const playbook = playbooks.get(state.playbook.id, state.playbook.version);
  if (!playbook) throw new AppError('INTERNAL', 'The playbook of this referral is not there any more.');
  return playbook;
}

export const wordsAbout = ({ state, isViolent }: ReferralParent): WordsAbout => ({
  ...{ kind: state.kind, isViolent, from: state.from },
  doing: [
    state.lead,
    ...state.participants.flatMap(({ organisation, role }) => (role === 'UNDERTAKING' ? organisation : [])),
  ],
});

/** What came of a referral: with each, whether the caller may read what was written there. */
async function resultsOf(context: ReferralsContext, referral: ReferralParent) {
  if (!readsNames(context.caller)) return [];
  const about = wordsAbout(referral);
  const results = await context.results.load(referral.id);
  return results.map((event) => ({
    ...event,
    isReadable: mayReadWords(context.caller, about, event.actor.organisationId),
  }));
}

async function nextActsOf(context: ReferralsContext, { state }: ReferralParent) {
  const named = [state.from, state.lead, ...state.participants.map(({ organisation }) => organisation)];
  const ids = state.superior === null ? named : [...named, state.superior];
  const found = await Promise.all(ids.map((id) => context.organisations.load(id)));
  const organisations = new Map(found.filter((one) => one !== null).map((one) => [one.id, one]));
  const acting = { organisation: context.caller.organisation.id, sides: sidesOf(context.caller, state, organisations) };
  const { playbooks, rules } = context.deps;
  const playbook = playbooks.get(state.playbook.id, state.playbook.version);
  return playbook ? nextActs(state, { playbook, rules, acting }) : [];
}

export const Referral: ReferralResolvers = {
  __resolveReference: ({ id }, context) => context.referrals.load(id),
  kind: ({ state }) => state.kind,
  status: ({ state }) => state.status,
  version: ({ state }) => state.version,
  dispute: ({ disputeId }) => stub(disputeId),
  from: ({ state }) => stub(state.from),
  lead: ({ state }) => stub(state.lead),
  responsible: ({ state }) => (state.responsible === null ? null : stub(state.responsible)),
  participants: ({ state }) =>
    state.participants.map(({ organisation, ...rest }) => ({ ...rest, organisation: stub(organisation) })),
  urgency: ({ state }) => state.urgency,
  // What was opened before it was kept has none.
  statutoryPath: ({ state }) => state.statutoryPath ?? null,
  // Never null by the contract: empty for those to whom names are masked.
  summary: (referral, _, { deps, caller }) =>
    mayReadSummary(caller, wordsAbout(referral)) ? openSummary(deps.keyring, referral) : '',
  playbook: (referral, _, context) => playbookOf(context, referral),
  step: ({ state }) => state.step,
  nextActs: (referral, _, context) => nextActsOf(context, referral),
  clocks: ({ state }) => [...state.clocks],
  parent: ({ state }, _, context) => (state.parent === null ? null : context.referrals.load(state.parent)),
  children: async ({ id }, _, context) => [...(await context.children.load(id))],
  events: async ({ id }, _, context) => [...(await context.events.load(id))],
  async feedback(referral, _, context) {
    const events = await resultsOf(context, referral);
    const about = wordsAbout(referral);
    return events.flatMap(({ type, body, words, actor, at, isReadable }) => {
      if (type !== 'FEEDBACK' || !(isReadable || body.helpMayBeTold === true)) return [];
      // What was done may lead to her as when and how she was told may; the outcome is told to all.
      const said = isReadable && mayReadVisits(context.caller, about, actor.organisationId) ? words() : {};
      return {
        outcome: body.outcome as Outcome,
        text: said.text ?? '',
        by: stub(actor.organisationId ?? ''),
        at,
        partiesInformed: (said.informed ?? []).map((one) => ({ pathInWriting: false, ...one })),
        agreementSha256: isReadable ? ((body.agreementSha256 as string | null) ?? null) : null,
      };
    });
  },
  async ratings(referral, _, context) {
    const events = await resultsOf(context, referral);
    return events.flatMap(({ type, body, words, at, isReadable }) =>
      type === 'RATED' && isReadable
        ? {
            by: body.by as 'PERSON',
            score: Number(body.score),
            objects: body.objects === true,
            comment: words().comment ?? null,
            at,
          }
        : [],
    );
  },
  async returnVisits(referral, _, context) {
    const events = await resultsOf(context, referral);
    const about = wordsAbout(referral);
    return events.flatMap(({ type, body, words, actor, isReadable }) =>
      type === 'VISITED' && isReadable && mayReadVisits(context.caller, about, actor.organisationId)
        ? {
            visitedAt: String(body.visitedAt),
            holds: body.holds === true,
            interviewed: Number(body.interviewed),
            note: words().note ?? null,
            by: actor,
          }
        : [],
    );
  },
};

export const Dispute: DisputeResolvers = {
  // By sight of the referral alone: a lead that gave one back still sees what it did, though the dispute is not its matter.
  referrals: ({ id }, page, context) =>
    referralPage(context, `Dispute.referrals ${id}`, { disputeIds: [id] }, 'OPENED_DESC', page),
};

export const Person: PersonResolvers = {
  async referrals({ id }, page, context) {
    requirePurpose(context.caller);
    const disputeIds = await findDisputesOfPerson(
      context.deps.db,
      context.caller,
      id,
      (await context.fields()).sources,
    );
    if (disputeIds.length === 0) {
      const none = { hasNextPage: false, hasPreviousPage: false, totalCount: 0 };
      return toConnection<ReferralParent>({ nodes: [], cursorOf: () => '', ...none });
    }
    return referralPage(context, `Person.referrals ${id}`, { disputeIds }, 'OPENED_DESC', page);
  },
};

export const referralQueries: Pick<QueryResolvers, 'referral' | 'referrals' | 'referralChain' | 'playbooks'> = {
  referral: (_, { id }, context) => context.referrals.load(id),
  referrals: (_, { filter, orderBy, ...page }, context) =>
    referralPage(context, 'referrals', toSearch(filter), orderBy ?? 'DUE_ASC', page),
  async referralChain(_, { id }, context) {
    const { db, keyring } = context.deps;
    const asked = await context.referrals.load(id);
    if (!asked) return null;
    const referrals = await loadChain(db, context.organisationId, asked.rootId);
    for (const one of referrals) context.referrals.prime(one.id, one);
    // Who sees a child need not see what is above it: then the chain begins with what they see.
    const root = referrals.find(({ id: one }) => one === asked.rootId) ?? referrals[0] ?? asked;
    const events = await loadChainEvents(
      db,
      keyring,
      referrals.map(({ id: one }) => one),
    );
    return { asked: id, root, referrals, events };
  },
  playbooks: (_, __, { deps: { playbooks } }) =>
    playbooks.all.filter((one) => playbooks.latest(one.id)?.version === one.version),
};
