/** How much an act may say and whom all it may name. The same by the API and by webhook. */
import { badInput } from '../platform/errors.ts';

/** Of each kind of text; an id or a code is none of them. */
export const MOST_CHARACTERS = { words: 10_000, summary: 4_000, name: 300, mediaType: 200, code: 200 } as const;

export const MOST_ORGANISATIONS = 100;
export const MOST_ATTACHMENTS = 50;
export const MOST_INFORMED = 200;
export const MOST_TASKS = 100;

const TEXTS: Readonly<Record<string, number>> = {
  ...{ note: MOST_CHARACTERS.words, reason: MOST_CHARACTERS.words, text: MOST_CHARACTERS.words },
  ...{ comment: MOST_CHARACTERS.words, conclusion: MOST_CHARACTERS.words, task: MOST_CHARACTERS.words },
  ...{ summary: MOST_CHARACTERS.summary, legalBasis: MOST_CHARACTERS.summary },
  ...{ party: MOST_CHARACTERS.name, how: MOST_CHARACTERS.name, name: MOST_CHARACTERS.name },
  mediaType: MOST_CHARACTERS.mediaType,
};

const LISTS: Readonly<Record<string, number>> = {
  attachments: MOST_ATTACHMENTS,
  partiesInformed: MOST_INFORMED,
  tasks: MOST_TASKS,
};

/** Fields by their names in the API's inputs. Throws BAD_USER_INPUT naming the first that holds too much, not what it holds. */
export function checkBounds(input: unknown, path = 'input', name = ''): void {
  if (typeof input === 'string') {
    if (/\p{Surrogate}/u.test(input)) throw badInput(path, 'Holds half a character.');
    const most = TEXTS[name] ?? MOST_CHARACTERS.code;
    if (input.length > most) throw badInput(path, `At most ${most.toLocaleString('en')} characters.`);
  } else if (Array.isArray(input)) {
    const most = LISTS[name] ?? MOST_ORGANISATIONS;
    if (input.length > most) throw badInput(path, `At most ${most}.`);
    input.forEach((one, index) => checkBounds(one, `${path}.${index}`, ''));
  } else if (typeof input === 'object' && input !== null && !(input instanceof Date)) {
    for (const [field, value] of Object.entries(input)) checkBounds(value, `${path}.${field}`, field);
  }
}
