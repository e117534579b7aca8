/** Whether any endpoint listens to a type of message: what nobody has asked for is not written down to be told. */
import type { Queryable } from '../platform/db.ts';

// One that does not answer still wants it; who has turned theirs off by hand wants nothing.
const WANTS = (types: readonly string[]): string => `exists (
  select from webhook_endpoint wants
  where (wants.enabled or wants.disabled_reason is distinct from 'BY_HAND')
    and wants.types && array[${types.map((type) => `'${type}'`).join(', ')}])`;

/** As an SQL condition. `type`: a type of message, of the program's own. */
export const isListenedTo = (type: string): string => WANTS(['*', `${type.slice(0, type.indexOf('.'))}.*`, type]);

const TOLD_BY_READING_IN = ['*', 'dispute.*', 'dispute.linked', 'person.*', 'person.merged', 'person.split'];

/** Whether reading in has anybody to tell: asked once for all of its pages. */
export const isReadingInListenedTo = async (q: Queryable): Promise<boolean> =>
  (await q.one<{ wanted: boolean }>(`select ${WANTS(TOLD_BY_READING_IN)} as wanted`, [])).wanted;
