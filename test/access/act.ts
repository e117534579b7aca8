/** Acts on referrals as anybody of the small county. */
import { randomUUID } from 'node:crypto';
import type { Caller } from '../../core/access/caller.ts';
import type { Answer, Office } from './office.ts';

const INPUTS = {
  acceptReferral: 'ReferralActInput',
  closeReferral: 'ReferralActInput',
  consultReferral: 'ConsultReferralInput',
  decideJurisdiction: 'JurisdictionInput',
  decideReturn: 'DecisionInput',
  forwardReferral: 'ForwardReferralInput',
  rateReferral: 'RatingInput',
  recordReturnVisit: 'ReturnVisitInput',
  redirectReferral: 'RedirectInput',
  reportProgress: 'ReferralActInput',
  returnReferral: 'ReferralActInput',
  submitFeedback: 'FeedbackInput',
  startHandling: 'ReferralActInput',
  superviseReferral: 'SuperviseInput',
} as const;

interface Acted {
  readonly act: { readonly referral: { readonly children: readonly { readonly id: string }[] } } | null;
}

/** At the version that the caller sees. */
export async function tryAct(
  office: Office,
  caller: Caller,
  field: keyof typeof INPUTS,
  id: string,
  input: object = {},
): Promise<Answer<Acted>> {
  const { referral } = await office.must<{ referral: { version: number } }>(
    caller,
    'query ($id: ID!) { referral(id: $id) { version } }',
    { id },
  );
  return office.ask<Acted>(
    caller,
    `mutation ($input: ${INPUTS[field]}!, $key: String!) {
      act: ${field}(input: $input, idempotencyKey: $key) { referral { children { id } } } }`,
    { input: { id, expectedVersion: referral.version, ...input }, key: randomUUID() },
  );
}

/** The same, and it must succeed; ids of the children that it has then. */
export async function actOn(...args: Parameters<typeof tryAct>): Promise<readonly string[]> {
  const { data, errors } = await tryAct(...args);
  if (errors.length > 0 || !data.act) throw new Error(JSON.stringify(errors));
  return data.act.referral.children.map(({ id }) => id);
}
