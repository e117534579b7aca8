import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { composeServices } from '@apollo/composition';
import type { Command } from 'commander';
import { AppError } from '../core/platform/errors.ts';
import { projectRoot } from '../core/platform/project-root.ts';
import { loadTypeDefs, SUBGRAPHS } from '../subgraphs/kit/type-defs.ts';

export const supergraphFile = join(projectRoot, 'schema', 'supergraph.graphql');

/** The supergraph of the subgraphs' schemas as they are now. Addresses are placeholders: settings say where services are. */
export function composeSupergraph(): string {
  const { supergraphSdl, errors } = composeServices(
    SUBGRAPHS.map((name) => ({ name, typeDefs: loadTypeDefs(name), url: `http://${name}.invalid/graphql` })),
  );
  if (supergraphSdl === undefined) {
    throw new AppError(
      'BAD_USER_INPUT',
      `The subgraphs do not compose:\n${(errors ?? []).map((error) => error.message).join('\n')}`,
    );
  }
  return supergraphSdl;
}

export function addComposeCommand(program: Command): void {
  program
    .command('compose')
    .description('compose the subgraphs into schema/supergraph.graphql')
    .option('--check', 'write nothing; fail when the file is stale')
    .action((options: { check?: boolean }) => {
      const supergraph = composeSupergraph();
      if (!options.check) {
        writeFileSync(supergraphFile, supergraph);
        process.stdout.write(`Wrote ${supergraphFile}\n`);
      } else if (readFileSync(supergraphFile, 'utf8') !== supergraph) {
        throw new AppError('BAD_USER_INPUT', 'schema/supergraph.graphql is stale; run `npx maplebridge compose`.');
      }
    });
}
