import { USUAL_PAGE } from '../../core/platform/cursor.ts';
import type { ReadAhead } from '../../core/subgraph.ts';

/**
 * For the view of one person: their records at a department are told to it once a request. Several people in one turn of the
 * program are a page, and a list longer than a page of usual size is read in pages: begun early, either would take a second call
 * for the rest. A field that the client leaves out by a directive is told all the same, for its grant is made.
 */
export function forOnePerson(ahead: ReadAhead | undefined): ReadAhead {
  const told = new Set<string>();
  let turn = new Map<string, readonly string[] | 'several'>();
  const tell = (): void => {
    const over = turn;
    turn = new Map();
    for (const [source, keys] of over) {
      told.add(source);
      if (keys !== 'several' && keys.length > 0 && keys.length <= USUAL_PAGE) ahead?.expect(source, keys);
    }
  };
  return {
    expect(source, keys) {
      if (told.has(source)) return;
      // From a microtask this comes when none is left: everybody of a page has then been heard.
      if (turn.size === 0) process.nextTick(tell);
      turn.set(source, turn.has(source) ? 'several' : keys);
    },
  };
}
