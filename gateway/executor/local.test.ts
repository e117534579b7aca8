import { buildSchema, parse } from 'graphql';
import { expect, it } from 'vitest';
import type { ReadAhead, Subgraph } from '../../core/subgraph.ts';
import { silentLog } from '../../test/kit/index-rig.ts';
import { createOperation, type GatewayContext, type SubgraphDataSource } from './data-source.ts';
import { createLocalDataSource, type Readers } from './local.ts';

const requestOf = (requestId: string): GatewayContext => ({
  requestId,
  caller: {
    ...{ subject: 'operator', name: null, roles: ['centre.operator'], purpose: 'mediation', reason: null, requestId },
    organisation: { id: 'o', code: 'centre', kind: 'CENTRE', path: 'centre/', selfAndAbove: ['o'], sources: [] },
  },
});

/** The registry expects its caller's record of the courts; the courts say for whom they began to read what. */
function twoSubgraphs() {
  const begun: { readonly request: string; readonly keys: readonly string[] }[] = [];
  let contexts = 0;
  const registry: Subgraph = {
    name: 'registry',
    schema: buildSchema('type Query { person: String }'),
    createContext: (caller, ahead?: ReadAhead) => {
      ahead?.expect('COURTS', [`of ${caller.requestId}`]);
      ahead?.expect('POLICE', ['read elsewhere']);
      return {};
    },
  };
  const courts: Subgraph = {
    name: 'courts',
    schema: buildSchema('type Query { courtCount: Int }'),
    source: 'COURTS',
    createContext: ({ requestId }) => {
      contexts += 1;
      return { expect: (keys) => void begun.push({ request: requestId, keys }) };
    },
  };
  return { registry, courts, begun, contexts: () => contexts };
}

const ask = (source: SubgraphDataSource, query: string, context: GatewayContext): Promise<unknown> =>
  source.fetch({
    operation: createOperation(parse(query), 'query'),
    ...{ variables: {}, context },
  });

it('tells the subgraph of a department what its own request expects of it, whatever else is asked meanwhile', async () => {
  const { registry, courts, begun, contexts } = twoSubgraphs();
  const readers: Readers = new Map();
  const [people, cases] = [registry, courts].map((subgraph) =>
    createLocalDataSource({ subgraph, readers, log: silentLog }),
  ) as [SubgraphDataSource, SubgraphDataSource];
  const [first, second] = [requestOf('req_1'), requestOf('req_2')];
  await Promise.all([ask(people, '{ person }', first), ask(people, '{ person }', second)]);
  expect(begun).toEqual([
    { request: 'req_1', keys: ['of req_1'] },
    { request: 'req_2', keys: ['of req_2'] },
  ]);
  // What it has begun and what it is asked afterwards share a context.
  await ask(cases, '{ courtCount }', first);
  expect(contexts()).toBe(2);
});
