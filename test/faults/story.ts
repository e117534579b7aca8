/** How a referral came to where a step begins, through the product's own doors. */
import type { Role } from '../../core/access/caller.ts';
import type { FaultyOffice } from '../kit/faulty-office.ts';

let serial = 0;
/** A key for something that is asked once. */
export const newKey = (): string => `key-${++serial}`;

/** The input type of each act. */
const INPUTS = {
  acceptReferral: 'ReferralActInput',
  startHandling: 'ReferralActInput',
  returnReferral: 'ReferralActInput',
  decideReturn: 'DecisionInput',
  redirectReferral: 'RedirectInput',
  decideJurisdiction: 'JurisdictionInput',
  forwardReferral: 'ForwardReferralInput',
  consultReferral: 'ConsultReferralInput',
  reportProgress: 'ReferralActInput',
  pauseClock: 'PauseClockInput',
  resumeClock: 'ResumeClockInput',
  requestExtension: 'ExtensionInput',
  decideExtension: 'ExtensionDecisionInput',
  submitFeedback: 'FeedbackInput',
  closeReferral: 'ReferralActInput',
  rateReferral: 'RatingInput',
  recordReturnVisit: 'ReturnVisitInput',
  superviseReferral: 'SuperviseInput',
  withdrawReferral: 'ReferralActInput',
  decideWithdrawal: 'DecisionInput',
} as const;
export type ActName = keyof typeof INPUTS;

export interface Asked {
  readonly organisation: string;
  readonly roles?: readonly Role[];
}

export async function act(
  office: FaultyOffice,
  name: ActName,
  { organisation, roles = [] }: Asked,
  input: object,
  key: string,
): Promise<void> {
  await office.ask(
    'referrals',
    office.who(organisation, ...roles),
    `mutation ($input: ${INPUTS[name]}!, $key: String!) {
      ${name}(input: $input, idempotencyKey: $key) { replayed referral { id version status events { type } } } }`,
    { input, key },
  );
}

export const openDispute = (
  office: FaultyOffice,
  organisation: string,
  key: string,
  category = 'NEIGHBOUR',
  party: object = {},
) =>
  office.ask<{ openDispute: { dispute: { id: string } } }>(
    'registry',
    office.who(organisation),
    `mutation ($input: OpenDisputeInput!, $key: String!) {
      openDispute(input: $input, idempotencyKey: $key) { dispute { id } duplicates { id } replayed } }`,
    {
      input: {
        ...{ title: '楼上漏水', description: '漏水三个月。', category, channel: 'WALK_IN', place: 'compound' },
        parties: [{ name: '王小明', role: 'APPLICANT', phone: '13800000001', ...party }],
      },
      key,
    },
  );

export const openReferral = (office: FaultyOffice, dispute: string, key: string) =>
  office.ask<{ openReferral: { referral: { id: string } } }>(
    'referrals',
    office.who('centre'),
    `mutation ($input: OpenReferralInput!, $key: String!) {
      openReferral(input: $input, idempotencyKey: $key) { referral { id } replayed } }`,
    // Of a kind whose clock can stand still and be extended.
    {
      input: { dispute, kind: 'DELEGATE_MEDIATION', lead: 'police', assisting: ['justice'], summary: '请调解。' },
      key,
    },
  );

export const register = (office: FaultyOffice, organisation: string, key: string, types: readonly string[] = ['*']) =>
  office.ask<{ registerWebhookEndpoint: { endpoint: { id: string } } }>(
    'referrals',
    office.who('centre', 'centre.supervisor'),
    `mutation ($input: WebhookEndpointInput!, $key: String!) {
      registerWebhookEndpoint(input: $input, idempotencyKey: $key) { endpoint { id } secret replayed } }`,
    { input: { organisation, url: office.hookOf(`/${organisation}`), types, signing: 'V1' }, key },
  );

const MOST_TURNS = 20;

/** Runs whatever is due now, as often as it takes; nothing waits for a later moment. */
export async function carry(office: FaultyOffice): Promise<void> {
  for (let turn = 0; turn < MOST_TURNS; turn++) {
    await office.sweep();
    if ((await office.queues.handOver()) === 0) return;
  }
  throw new Error('The sweeps say the same again and again, and nothing comes of it.');
}

/** The version and the last clock of a referral, as an act names them. */
export const found = (office: FaultyOffice, id: string): Promise<{ version: number; clock: string }> =>
  office.db.one(`select version, state->'clocks'->-1->>'id' as clock from referral where id = $1`, [id]);

/** A referral from the centre to the police, told to both, and acted upon as `acts` say; its id. */
export async function story(
  office: FaultyOffice,
  acts: readonly (readonly [ActName, Asked, (clock: string) => object])[] = [],
): Promise<string> {
  await register(office, 'centre', newKey());
  await register(office, 'police', newKey());
  const { dispute } = (await openDispute(office, 'centre', newKey())).openDispute;
  const { id } = (await openReferral(office, dispute.id, newKey())).openReferral.referral;
  for (const [name, asked, input] of acts) {
    const { version, clock } = await found(office, id);
    await act(office, name, asked, { id, expectedVersion: version, ...input(clock) }, newKey());
  }
  await carry(office);
  return id;
}
