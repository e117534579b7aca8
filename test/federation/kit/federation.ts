/** A declared federation, running: its subgraphs as services, our gateway before them, and what the answer should be. */
import { composeServices } from '@apollo/composition';
import { Supergraph } from '@apollo/federation-internals';
import type { GraphQLSchema } from 'graphql';
import { expect } from 'vitest';
import type { Answer } from './answer.ts';
import { errorsOf } from './answer.ts';
import { openOurs, openStock, type Asker } from './asker.ts';
import { typeDefsOf, type Declaration } from './declaration.ts';
import { noFaults, type Faults } from './faults.ts';
import { createReference } from './reference.ts';
import { createSubgraph } from './subgraph.ts';
import { openSubgraphService, type SubgraphService } from './subgraph-service.ts';
import type { Args } from './world.ts';

export interface Federation {
  readonly supergraphSdl: string;
  readonly apiSchema: GraphQLSchema;
  /** What goes wrong, for the subgraphs and for the reference. */
  faults: Faults;
  service(name: string): SubgraphService;
  askOurs(query: string, variables?: Args): Promise<Answer>;
  askReference(query: string, variables?: Args): Promise<Answer>;
  /** Stock Apollo over the same subgraphs. */
  askStock(query: string, variables?: Args): Promise<Answer>;
  /** Ours and the reference say the same: data in the same order, errors at the same paths in the same words. Returns it. */
  sameAsReference(query: string, variables?: Args): Promise<Answer>;
  close(): Promise<void>;
}

export interface FederationOptions {
  /** For a gateway that shall not wait long. */
  readonly timeoutMs?: number;
  /** Instead of composing one. */
  readonly supergraphSdl?: string;
}

export async function openFederation(declaration: Declaration, options: FederationOptions = {}): Promise<Federation> {
  const { subgraphs } = declaration;
  const world = declaration.world();
  const running = new Map<string, SubgraphService>();
  const service = (name: string): SubgraphService => {
    const found = running.get(name);
    if (!found) throw new Error(`no subgraph is called ${name}`);
    return found;
  };
  for (const declared of subgraphs) {
    const answer = createSubgraph({
      ...{ declared, world },
      faults: () => federation.faults,
      supergraph: () => schemas.supergraph,
    });
    running.set(declared.name, await openSubgraphService(() => answer));
  }
  const supergraphSdl = options.supergraphSdl ?? compose(declaration, (name) => service(name).url);
  const schemas = schemasOf(supergraphSdl);
  const reach = { supergraphSdl, urlOf: (name: string) => service(name).url };
  const ours = await openOurs({ ...reach, ...(options.timeoutMs !== undefined && { timeoutMs: options.timeoutMs }) });
  let stock: Asker | null = null;
  const askReference = createReference({
    ...{ declaration, ...schemas },
    world: declaration.world(),
    faults: () => federation.faults,
  });

  const federation: Federation = {
    supergraphSdl,
    apiSchema: schemas.apiSchema,
    faults: noFaults,
    service,
    askOurs: (query, variables) => ours.ask(query, variables),
    askReference,
    async askStock(query, variables) {
      stock ??= await openStock(reach);
      return stock.ask(query, variables);
    },
    async sameAsReference(query, variables) {
      const expected = await askReference(query, variables);
      const answer = await ours.ask(query, variables);
      expect(answer.data).toEqual(expected.data);
      expect(JSON.stringify(answer.data)).toBe(JSON.stringify(expected.data));
      expect(errorsOf(answer)).toEqual(errorsOf(expected));
      return answer;
    },
    async close() {
      await ours.close();
      await stock?.close();
      await Promise.all([...running.values()].map((one) => one.close()));
    },
  };
  return federation;
}

function compose({ subgraphs }: Declaration, urlOf: (name: string) => string): string {
  const composed = composeServices(
    subgraphs.map((one) => ({ name: one.name, url: urlOf(one.name), typeDefs: typeDefsOf(one) })),
  );
  if (!composed.supergraphSdl) throw new Error(composed.errors?.map(({ message }) => message).join('\n'));
  return composed.supergraphSdl;
}

function schemasOf(supergraphSdl: string) {
  const built = Supergraph.build(supergraphSdl);
  return {
    apiSchema: built.apiSchema().toGraphQLJSSchema(),
    supergraph: built.schema.toGraphQLJSSchema(),
  };
}
