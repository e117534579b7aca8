import { mayReadVisits, mayReadWords } from '../../core/access/referral-words.ts';
import { AppError } from '../../core/platform/errors.ts';
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
const ABOUT_VISITS: readonly EventParent['type'][] = ['VISITED', 'FEEDBACK', 'PROGRESS'];

export const ReferralEvent: ReferralEventResolvers = {
  referral: (event, _, context) => referralOf(context, event),
  auditIndex: async ({ id, referralId }, _, context) => (await context.places.load(referralId)).get(id) ?? null,
  responsible: ({ responsibleId }) => (responsibleId === null ? null : { id: responsibleId }),
  async note(event, _, context) {
    const about = wordsAbout(await referralOf(context, event));
    const by = event.actor.organisationId;
    // Whoever wrote it knows it.
    if (by !== context.caller.organisation.id && !mayReadWords(context.caller, about)) return null;
    if (ABOUT_VISITS.includes(event.type) && !mayReadVisits(context.caller, about, by)) return null;
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
