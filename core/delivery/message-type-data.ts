/**
 * `data` of each message that goes out: identifiers, status, versions, deadlines, and no personal data. Strict, so that a field
 * which nobody thought about cannot slip out; the published schemas let receivers expect more fields in later versions.
 */
import { z } from 'zod';
import { RUNGS } from '../playbooks/playbook.ts';
import { STATUSES } from '../referrals/state.ts';
import { OUTCOMES } from './message-type-list.ts';
import type { MessageType } from './message-type.ts';

const OF_COUNSELLING = 'Left out of counselling: what came of it stays with the counsellor, unless the person agrees.';

const id = (prefix: string) => z.string().regex(new RegExp(`^${prefix}_[0-9A-Za-z_-]+$`));
const instant = z.iso.datetime({ offset: true });
const url = z.url({ protocol: /^https?$/ }).describe('Where to ask for the rest, with your own token.');
const organisation = z.string().min(1).describe('Id of the organisation.');

const dispute = {
  dispute: id('dsp'),
  event: id('evt'),
  number: z.string().describe('The number that people use.'),
  version: z.int().min(1).describe('Send it back as expectedVersion.'),
  url,
};

const referral = {
  referral: id('ref'),
  ...dispute,
  status: z.enum(STATUSES).optional().describe('Its status after this event.'),
};

const clock = { clock: z.string().min(1), dueAt: instant };
// Whoever has to do with the referral is told; this says whose clock it is.
const pressed = { organisation: organisation.optional().describe('Id of the organisation that the clock presses.') };

const ofReferral = <Extra extends z.core.$ZodLooseShape>(extra: Extra) => z.strictObject({ ...referral, ...extra });
const ofDispute = <Extra extends z.core.$ZodLooseShape>(extra: Extra) => z.strictObject({ ...dispute, ...extra });

export const MESSAGE_DATA = {
  'referral.dispatched': ofReferral({
    lead: organisation.optional(),
    dueAt: instant.optional().describe('Until when to accept it or give it back.'),
  }),
  'referral.accepted': ofReferral({}),
  'referral.started': ofReferral({}),
  'referral.return_requested': ofReferral({}),
  'referral.return_decided': ofReferral({ agreed: z.boolean() }),
  'referral.redirected': ofReferral({ lead: organisation }),
  'referral.jurisdiction_decided': ofReferral({ lead: organisation }),
  'referral.forwarded': ofReferral({ child: id('ref') }),
  'referral.consulted': ofReferral({ heldAt: instant }),
  'referral.progress': ofReferral({ organisation: organisation.optional() }),
  'referral.clock_paused': ofReferral({ clock: z.string().min(1) }),
  'referral.clock_resumed': ofReferral(clock),
  'referral.extension_requested': ofReferral({ clock: z.string().min(1), until: instant }),
  'referral.extension_decided': ofReferral({
    clock: z.string().min(1),
    approved: z.boolean(),
    until: instant.nullable(),
  }),
  'referral.feedback': ofReferral({ outcome: z.enum(OUTCOMES).optional().describe(OF_COUNSELLING) }),
  'referral.reminded': ofReferral({ ...clock, ...pressed }),
  'referral.overdue': ofReferral({ ...clock, ...pressed }),
  'referral.supervised': ofReferral({
    rung: z.enum(RUNGS),
    ...pressed,
    unreached: organisation
      .optional()
      .describe('Whose system has not taken a message in time: the centre telephones it.'),
  }),
  'referral.escalated': ofReferral({ to: organisation.nullable() }),
  'referral.closed': ofReferral({}),
  'referral.rated': ofReferral({}),
  'referral.visited': ofReferral({ holds: z.boolean().optional().describe(OF_COUNSELLING) }),
  'referral.reopened': ofReferral({
    child: id('ref').optional().describe('What was made from it and has come up again; absent when it has itself.'),
  }),
  'referral.withdrawal_requested': ofReferral({}),
  'referral.withdrawal_refused': ofReferral({}),
  'referral.withdrawn': ofReferral({}),
  'referral.rejected_input': z.strictObject({
    message: z.string().min(1).describe('webhook-id of what you sent.'),
    type: z.string().min(1).describe('Its type.'),
    code: z.string().min(1).describe('The code of the API’s errors, such as ILLEGAL_TRANSITION.'),
    reason: z.string().max(500),
    // Null when you named one that there is not, or not for you.
    referral: id('ref').nullable(),
    dispute: id('dsp').nullable(),
    number: z.string().nullable(),
    version: z.int().min(1).nullable(),
    url,
  }),
  'dispute.opened': ofDispute({}),
  'dispute.linked': ofDispute({ source: z.string().min(1).describe('The department whose record was linked.') }),
  'dispute.resolved': ofDispute({ outcome: z.enum(OUTCOMES) }),
  'dispute.reopened': ofDispute({}),
  'person.merged': z.strictObject({ person: id('per'), merged: id('per'), event: id('evt').optional(), url }),
  'person.split': z.strictObject({ person: id('per'), separated: id('per'), event: id('evt').optional(), url }),
  'endpoint.disabled': z.strictObject({
    endpoint: z.string().min(1),
    organisation,
    reason: z.enum(['GONE', 'FAILING']).describe('GONE: it answered 410. FAILING: five days without one success.'),
    failingSince: instant.nullable(),
    url,
  }),
  'delivery.exhausted': z.strictObject({
    delivery: z.string().min(1),
    endpoint: z.string().min(1),
    organisation,
    message: z.string().min(1).describe('webhook-id of the message.'),
    type: z.string().min(1).describe('Its type.'),
    referral: id('ref').nullable(),
    attempts: z.int().min(1),
    url,
  }),
} as const satisfies Readonly<Record<MessageType, z.ZodObject>>;

export type MessageData<Type extends MessageType> = z.output<(typeof MESSAGE_DATA)[Type]>;

/** The body as it is sent. `sequence` counts per endpoint and referral; what concerns no referral has none. */
export const messageSchema = (type: MessageType) =>
  z.strictObject({
    type: z.literal(type),
    timestamp: instant.describe('When it happened; when it was sent is in the header.'),
    ...(type.startsWith('referral.')
      ? { sequence: z.int().min(1).optional().describe('1, 2, 3 … for this endpoint and referral, without gaps.') }
      : {}),
    data: MESSAGE_DATA[type],
  });
