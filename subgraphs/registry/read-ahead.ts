import { USUAL_PAGE } from '../../core/platform/cursor.ts';
import type { ReadAhead } from '../../core/subgraph.ts';

/**
 * What one turn of the program expects of a department is told together, so that it is one call to it. A list that does not fit
 * a page of usual size keeps the whole turn back: begun early it would take a second call for the rest.
 */
export function gatherExpected(ahead: ReadAhead | undefined): ReadAhead {
  const gathered = new Map<string, { readonly keys: string[]; whole: boolean }>();
  const tell = (): void => {
    for (const [source, { keys, whole }] of gathered) if (whole && keys.length > 0) ahead?.expect(source, keys);
    gathered.clear();
  };
  return {
    expect(source, keys) {
      // From a microtask this comes when none is left: everybody of a list has then been heard.
      if (gathered.size === 0) process.nextTick(tell);
      const expected = gathered.get(source) ?? { keys: [], whole: true };
      expected.keys.push(...keys);
      expected.whole &&= keys.length <= USUAL_PAGE;
      gathered.set(source, expected);
    },
  };
}
