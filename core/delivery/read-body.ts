/** The body of a message that came in, from its bytes; what fails is named by its path, never repeated. */
import { parseInbound, type InboundFault, type InboundMessage } from './message-type-inbound.ts';

const NOT_JSON: InboundFault = { path: '', problem: 'is not JSON in UTF-8' };

const MOST_FAULTS = 50;

/** PostgreSQL stores no U+0000. Paths are of a message that has passed its schema: they hold names of fields only. */
function nulsIn(value: unknown, path: string): InboundFault[] {
  if (typeof value === 'string' && /\p{Surrogate}/u.test(value)) return [{ path, problem: 'holds half a character' }];
  if (typeof value === 'string') return value.includes('\0') ? [{ path, problem: 'holds the character U+0000' }] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => nulsIn(inner, `${path}.${name}`));
}

export function readBody(rawBody: Buffer): { message: InboundMessage } | { faults: readonly InboundFault[] } {
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(rawBody));
  } catch {
    return { faults: [NOT_JSON] };
  }
  const parsed = parseInbound(body);
  if ('faults' in parsed) return parsed;
  const faults = nulsIn(parsed.message.data, 'data').slice(0, MOST_FAULTS);
  return faults.length > 0 ? { faults } : parsed;
}

const REFERRAL_ID = /^[A-Za-z0-9_-]{1,100}$/;

/** The referral that a message names, if what it names can be one. */
export function referralOf({ type, data }: InboundMessage): string | null {
  if (type === 'dispute.open' || type === 'record.changed') return null;
  return REFERRAL_ID.test(data.id) ? data.id : null;
}

/** Said or only half said: better hidden once too often (domain rule 1). */
export const isAccusation = ({ type, data }: InboundMessage): boolean =>
  type === 'dispute.open' && (data.petitionPurpose === 'ACCUSATION' || (data.accused ?? []).length > 0);
