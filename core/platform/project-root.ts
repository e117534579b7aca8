import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of package.json: data files (`schema/`, `*.graphql`) are read from there, from source and from `dist/` alike. */
export const projectRoot: string = (() => {
  let dir = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(dir, 'package.json'))) {
    const parent = dirname(dir);
    if (parent === dir) throw new Error('package.json of maplebridge not found above ' + import.meta.url);
    dir = parent;
  }
  return dir;
})();
