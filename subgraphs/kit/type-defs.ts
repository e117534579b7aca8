import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, type DocumentNode } from 'graphql';
import { projectRoot } from '../../core/platform/project-root.ts';

/** Every subgraph there is; the folder under `subgraphs/` bears the name, and the supergraph calls it so. */
export const SUBGRAPHS = [
  'courts',
  'police',
  'petitions',
  'civil-affairs',
  'registry',
  'referrals',
  'oversight',
] as const;
export type SubgraphName = (typeof SUBGRAPHS)[number];

const read = (...path: string[]): string => readFileSync(join(projectRoot, 'subgraphs', ...path), 'utf8');

/** The room's own schema, what all rooms share, and what all departments' rooms share. */
export function loadTypeDefs(name: SubgraphName): DocumentNode {
  const centres = name === 'registry' || name === 'referrals' || name === 'oversight';
  return parse(
    [read(name, 'schema.graphql'), read('kit', 'shared.graphql'), centres ? '' : read('kit', 'record.graphql')].join(
      '\n',
    ),
  );
}
