/** What webhooks tell, and to whom. The names are the contract; docs/webhooks.md and schema/events have the rest. */
import { badInput } from '../platform/errors.ts';

/**
 * Who may be told at all. REFERRAL: its sender, lead and participants. DISPUTE: who may see the dispute. PERSON: who holds a
 * record of the person. SENDER: whoever sent what could not be applied. KEEPERS: the organisation whose message it was and
 * the centre, never the endpoint that it is about. Within it the accusation barrier and the like still apply.
 */
export type Audience = 'REFERRAL' | 'DISPUTE' | 'PERSON' | 'SENDER' | 'KEEPERS';

const AUDIENCES = {
  'referral.dispatched': 'REFERRAL',
  'referral.accepted': 'REFERRAL',
  'referral.started': 'REFERRAL',
  'referral.return_requested': 'REFERRAL',
  'referral.return_decided': 'REFERRAL',
  'referral.redirected': 'REFERRAL',
  'referral.jurisdiction_decided': 'REFERRAL',
  'referral.forwarded': 'REFERRAL',
  'referral.consulted': 'REFERRAL',
  'referral.progress': 'REFERRAL',
  'referral.clock_paused': 'REFERRAL',
  'referral.clock_resumed': 'REFERRAL',
  'referral.extension_requested': 'REFERRAL',
  'referral.extension_decided': 'REFERRAL',
  'referral.feedback': 'REFERRAL',
  'referral.reminded': 'REFERRAL',
  'referral.overdue': 'REFERRAL',
  'referral.supervised': 'REFERRAL',
  'referral.escalated': 'REFERRAL',
  'referral.closed': 'REFERRAL',
  'referral.rated': 'REFERRAL',
  'referral.visited': 'REFERRAL',
  'referral.reopened': 'REFERRAL',
  'referral.withdrawal_requested': 'REFERRAL',
  'referral.withdrawal_refused': 'REFERRAL',
  'referral.withdrawn': 'REFERRAL',
  'referral.rejected_input': 'SENDER',
  'dispute.opened': 'DISPUTE',
  'dispute.linked': 'DISPUTE',
  'dispute.resolved': 'DISPUTE',
  'dispute.reopened': 'DISPUTE',
  'person.merged': 'PERSON',
  'person.split': 'PERSON',
  'endpoint.disabled': 'KEEPERS',
  'delivery.exhausted': 'KEEPERS',
} as const satisfies Readonly<Record<string, Audience>>;

export type MessageType = keyof typeof AUDIENCES;

export const MESSAGE_TYPES = Object.keys(AUDIENCES) as readonly MessageType[];

export const isMessageType = (text: string): text is MessageType => Object.hasOwn(AUDIENCES, text);

export const audienceOf = (type: MessageType): Audience => AUDIENCES[type];

const groupOf = (type: string): string => type.slice(0, type.indexOf('.') + 1);

/** `*`, and `referral.*` for each group there is. */
const PATTERNS: ReadonlySet<string> = new Set(['*', ...MESSAGE_TYPES.map((type) => `${groupOf(type)}*`)]);

const isSubscribable = (entry: string): boolean => isMessageType(entry) || PATTERNS.has(entry);

/** What an endpoint subscribes to, each once, in the order given. Throws BAD_USER_INPUT for a name that means nothing. */
export function parseSubscription(types: readonly string[]): string[] {
  if (types.length === 0) throw badInput('types', 'Name at least one type; `*` is all of them.');
  const at = types.findIndex((entry) => !isSubscribable(entry));
  if (at >= 0) {
    const groups = [...PATTERNS].join(', ');
    throw badInput(`types.${at}`, `This is no type of message. Give one of docs/webhooks.md, or one of ${groups}.`);
  }
  return [...new Set(types)];
}

/** A subscription by prefix or to all takes in what later versions add. */
export const isSubscribed = (subscription: readonly string[], type: MessageType): boolean =>
  subscription.some((entry) => entry === '*' || entry === type || entry === `${groupOf(type)}*`);
