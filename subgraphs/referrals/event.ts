import type { Caller } from '../../core/access/caller.ts';
import { mayReadProgress, mayReadVisits, mayReadWords, readsNames } from '../../core/access/referral-words.ts';
import { AppError } from '../../core/platform/errors.ts';
import type { SaidWords } from '../../core/referrals/export-chain.ts';
import type { EventParent, ReferralParent, ReferralsContext } from './loaders.ts';
import { wordsAbout } from './referral.ts';
import type {
  ActorResolvers,
  ClockResolvers,
  PlaybookResolvers,
  ReferralEventResolvers,
} from './resolver-types.generated.ts';

async function referralOf(context: ReferralsContext, { referralId }: EventParent): Promise<ReferralParent> {
  const referral = await context.referrals.load(referralId);
  if (!referral) throw new AppError('INTERNAL', 'An event of a referral that is not there was shown.');
  return referral;
}

/** Told of somebody whom it might lead to: a visit, and what was done there. */
const ABOUT_VISITS: readonly EventParent['type'][] = [
  ...(['ACCEPTED', 'STARTED', 'PROGRESS', 'CONSULTED', 'FEEDBACK', 'RATED', 'VISITED', 'CLOSED'] as const),
];

/** Said to whoever does it by those who press or decide, never by the counsellor. */
const FROM_ABOVE: readonly EventParent['type'][] = ['SUPERVISED', 'JURISDICTION_DECIDED'];

/** Where it may be said what was offered while mediation went on. */
const IN_MEDIATION: readonly EventParent['type'][] = ['ACCEPTED', 'STARTED', 'PROGRESS', 'CONSULTED', 'FORWARDED'];

/** Whether the caller may read what was said at an event, wherever it is shown: in lists, and opened in a proof. */
export function mayReadSaid(
  caller: Caller,
  referral: ReferralParent,
  { type, actorOrganisationId: by }: Pick<SaidWords, 'type' | 'actorOrganisationId'>,
): boolean {
  const about = wordsAbout(referral);
  const isForThem = FROM_ABOVE.includes(type) && about.doing.includes(caller.organisation.id) && readsNames(caller);
  if (!isForThem && !mayReadWords(caller, about, by)) return false;
  if (IN_MEDIATION.includes(type) && !mayReadProgress(caller, about, by)) return false;
  return !ABOUT_VISITS.includes(type) || mayReadVisits(caller, about, by);
}

export const ReferralEvent: ReferralEventResolvers = {
  referral: (event, _, context) => referralOf(context, event),
  auditIndex: async ({ id, referralId }, _, context) => (await context.places.load(referralId)).get(id) ?? null,
  responsible: ({ responsibleId }) => (responsibleId === null ? null : { id: responsibleId }),
  async note(event, _, context) {
    const said = { type: event.type, actorOrganisationId: event.actor.organisationId };
    if (!mayReadSaid(context.caller, await referralOf(context, event), said)) return null;
    const { note, text, comment } = event.words();
    return note ?? text ?? comment ?? null;
  },
};

export const Actor: ActorResolvers = {
  organisation: ({ organisationId }) => (organisationId === null ? null : { id: organisationId }),
};

export const Clock: ClockResolvers = {
  organisation: ({ organisation }) => ({ id: organisation }),
};

export const Playbook: PlaybookResolvers = {
  steps: ({ steps }) => steps.map(({ id }) => id),
};
