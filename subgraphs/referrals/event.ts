import { AppError } from '../../core/platform/errors.ts';
import type {
  ActorResolvers,
  ClockResolvers,
  PlaybookResolvers,
  ReferralEventResolvers,
} from './resolver-types.generated.ts';

export const ReferralEvent: ReferralEventResolvers = {
  async referral({ referralId }, _, context) {
    const referral = await context.referrals.load(referralId);
    if (!referral) throw new AppError('INTERNAL', 'An event of a referral that is not there was shown.');
    return referral;
  },
  auditIndex: async ({ id, referralId }, _, context) => (await context.places.load(referralId)).get(id) ?? null,
  responsible: ({ responsibleId }) => (responsibleId === null ? null : { id: responsibleId }),
  note(event) {
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
