/** Through the gateway itself, over two small subgraphs. */
import type { ApolloServer } from '@apollo/server';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Caller } from '../../core/access/caller.ts';
import type { Disclosure } from '../../core/audit/disclosure.ts';
import { citizenIdHash } from '../../core/people/index-row.ts';
import { defaultLimits } from '../../core/platform/county-config.ts';
import { AppError } from '../../core/platform/errors.ts';
import { createKeyring } from '../../core/platform/keyring.ts';
import { silentLog } from '../../core/platform/log.ts';
import { createMetrics } from '../../core/platform/metrics.ts';
import { createSmallGraph, supergraphSdl } from '../../test/kit/small-graph.ts';
import type { GatewayContext } from '../executor/data-source.ts';
import { createFederatedGateway } from '../executor/gateway.ts';
import { createLocalDataSource } from '../executor/local.ts';
import { createGraphql } from '../http/apollo.ts';
import { createDisclosureHooks } from './hooks.ts';

const AT = new Date('2026-03-01T08:00:00Z');
const keyring = createKeyring(Buffer.alloc(32, 1));
const graph = createSmallGraph();
const caller: Caller = {
  ...{
    subject: 'li',
    name: '李梅',
    roles: ['centre.operator'],
    purpose: 'mediation',
    reason: null,
    requestId: 'req_1',
  },
  organisation: { id: 'org_1', code: 'centre', kind: 'CENTRE', path: 'centre/', selfAndAbove: ['org_1'], sources: [] },
};
const written: Disclosure[] = [];
let write: (disclosure: Disclosure) => Promise<void>;
let apollo: ApolloServer<GatewayContext>;

beforeAll(async () => {
  apollo = createGraphql({
    gateway: createFederatedGateway({
      supergraphSdl,
      dataSources: ({ name }) =>
        createLocalDataSource({
          ...{ subgraph: name === 'courts' ? graph.courts : graph.registry, readers: new Map(), log: silentLog },
        }),
      hooks: createDisclosureHooks({
        write: (one) => write(one),
        expect: () => undefined,
        keyring,
        clock: { wall: () => AT },
      }),
      log: silentLog,
    }),
    limits: defaultLimits,
    log: silentLog,
    metrics: createMetrics({ process: false }),
    newLogId: () => 'log_1',
  });
  await apollo.start();
});
afterAll(() => apollo.stop());
beforeEach(() => {
  written.length = 0;
  write = async (one) => void written.push(one);
});

async function ask(query: string, variables: Record<string, unknown> = {}) {
  const contextValue = { caller, requestId: caller.requestId };
  const { body } = await apollo.executeOperation({ query, variables }, { contextValue });
  if (body.kind !== 'single') throw new Error('incremental');
  const { data, errors } = body.singleResult;
  return JSON.parse(JSON.stringify({ data, errors })) as { data?: unknown; errors?: readonly { message: string }[] };
}

const nobodyElse = { disputeId: null, referralId: null };

test('An answer is as it was asked, and what it shows is written down with the link that its subgraph told', async () => {
  const query = '{ person(id: "1") { disclosed: name courtCases { nodes { cause } } } }';
  const data = { person: { disclosed: '人1', courtCases: { nodes: [{ cause: '民间借贷纠纷' }] } } };
  expect(await ask(query)).toEqual({ data });
  // The plan is kept, and so is what was added to it.
  expect(await ask(query)).toEqual({ data });
  const shown = [
    { ...nobodyElse, personId: '1', recordId: null, fieldGroups: ['courts', 'identity'], link: 'DISPUTE' },
    { ...nobodyElse, personId: '1', recordId: 'case-1', fieldGroups: ['courts'], link: 'DISPUTE' },
  ];
  expect(written).toEqual(Array.from({ length: 2 }, () => ({ reader: caller, at: AT, shown, lookedUp: [] })));
});

test('A link that nobody told is not made up', async () => {
  await ask('{ person(id: "2") { name } }');
  expect(written[0]?.shown).toMatchObject([{ personId: '2', link: null }]);
});

test('Nothing is written of who asks for nobody, or finds nobody by an id', async () => {
  expect(await ask('{ me { subject } person(id: "none") { name } }')).toEqual({
    data: { me: { subject: 'li' }, person: null },
  });
  expect(written).toEqual([]);
});

test('A number that is refused was not looked up', async () => {
  expect((await ask('{ personByCitizenId(number: "11010519491231002X") { id } }')).errors).toHaveLength(1);
  expect(written).toEqual([]);
  expect(citizenIdHash(keyring, '11010519491231002X')).not.toBeNull();
});

test('Part of an answer that fails is not written down; the rest is', async () => {
  const { data, errors } = await ask('{ person(id: "1") { name } break }');
  expect({ data, errors: errors?.length }).toEqual({ data: { person: { name: '人1' }, break: null }, errors: 1 });
  expect(written).toHaveLength(1);
});

test('What cannot be written down is not answered, and of an act it is said that it was done', async () => {
  const fault = 'What you asked to see could not be written down, so it is not shown. Try again in a moment.';
  write = () => Promise.reject(new AppError('INTERNAL', fault, { retryable: true }));
  const refused = await ask('{ person(id: "1") { name } }');
  expect(refused.data ?? null).toBeNull();
  expect(refused.errors).toMatchObject([{ message: fault }]);
  const acted = await ask('mutation { rename(id: "1", name: "x") { name } }');
  expect(acted.data ?? null).toBeNull();
  expect(acted.errors?.[0]?.message).toContain('What you did is stored');
  expect((await ask('{ me { subject } }')).data).toEqual({ me: { subject: 'li' } });
});

test('Fragments, lists and variables are followed through the plan', async () => {
  const query = `query ($n: Int!) { persons(filter: { name: "x" }, first: $n) { nodes { ...Who friends { nodes { id } } } } }
    fragment Who on Person { courtCases { nodes { id } } }`;
  const { data } = await ask(query, { n: 2 });
  expect(JSON.stringify(data)).not.toContain('disclosed');
  expect(written[0]?.shown.map(({ personId, recordId }) => [personId, recordId])).toEqual([
    ['0', null],
    ['f', null],
    ['1', null],
  ]);
});
