import { execute, parse } from 'graphql';
import { beforeEach, expect, it } from 'vitest';
import type { Caller } from '../../core/access/caller.ts';
import { issueGrant, type GrantContent } from '../../core/access/grant.ts';
import type { CourtCaseRecord } from '../../core/department-record.ts';
import type { Department, Freshness, Reading } from '../../core/department.ts';
import { createKeyring } from '../../core/platform/keyring.ts';
import { participant, record } from '../../test/kit/paper-department.ts';
import { createCourtsSubgraph } from './resolvers.ts';

const now = new Date('2026-11-21T08:00:00Z');
const clock = { wall: () => now, business: () => now };
const keyring = createKeyring(Buffer.alloc(32, 5));
const LIVE: Freshness = { status: 'LIVE', asOf: now.toISOString() };

const caller: Caller = {
  subject: 'li',
  name: null,
  organisation: {
    id: 'org_1',
    code: 'centre',
    kind: 'CENTRE',
    path: 'county/centre/',
    selfAndAbove: ['org_1'],
    sources: [],
  },
  roles: ['centre.operator'],
  purpose: 'mediation',
  reason: null,
  requestId: 'req_1',
};

/** A department that holds the cases 1–5 and remembers what it was asked. */
const asked: (readonly string[])[] = [];
let answer: (keys: readonly string[]) => Reading<CourtCaseRecord>;
const caseOf = (key: string): CourtCaseRecord => ({
  ...record('COURTS', key),
  source: 'COURTS',
  kind: 'COURT_CASE',
  office: 'court',
  cause: '相邻关系纠纷',
  procedure: null,
  stage: 'FILED',
  concludedAt: null,
  outcome: null,
  participants: [
    participant('1', { name: '宋枫桥', role: 'plaintiff' }),
    participant('2', { name: '何守田', role: 'defendant' }),
  ],
});
const live = (keys: readonly string[]): Reading<CourtCaseRecord> => ({
  records: new Map(keys.filter((key) => Number(key) <= 5).map((key) => [key, caseOf(key)])),
  freshness: LIVE,
});
const department: Department<CourtCaseRecord> = {
  code: 'COURTS',
  read(keys) {
    asked.push(keys);
    return Promise.resolve(answer(keys));
  },
  changes: () => Promise.reject(new Error('not asked here')),
  health: () => ({
    status: 'LIVE',
    circuit: 'CLOSED',
    lastSuccessAt: null,
    successes: 0,
    failures: 0,
    latencyP95Ms: null,
  }),
  ping: () => Promise.resolve(),
  close: () => Promise.resolve(),
};
const subgraph = createCourtsSubgraph({ department, keyring, clock });

beforeEach(() => {
  asked.length = 0;
  answer = live;
});

const content = (keys: readonly string[], given: Partial<GrantContent> = {}): GrantContent => ({
  records: keys.map((key) => ({
    id: `rec_${key}`,
    key,
    at: `2026-03-0${9 - Number(key)}T00:00:00.000Z`,
    people: { '1': 'per_1' },
  })),
  withheld: 0,
  refused: null,
  indexedAt: '2026-11-21T07:00:00.000Z',
  ...given,
});
const person = (id: string, given: GrantContent) => ({
  __typename: 'Person',
  id,
  courtGrant: issueGrant({ keyring, clock }, 'COURTS', caller, given),
});

interface Part {
  readonly nodes: {
    readonly caseNumber: string;
    readonly parties: readonly { readonly name: string; readonly person: unknown }[];
  }[];
  readonly totalCount: number | null;
  readonly freshness: Freshness;
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

async function parts(
  representations: readonly object[],
  page = '',
  contextValue = subgraph.createContext(caller),
): Promise<Part[]> {
  const result = await execute({
    schema: subgraph.schema,
    document: parse(`query($r: [_Any!]!) { _entities(representations: $r) { ... on Person { courtCases${page} {
      nodes { caseNumber parties { name person { id } } } totalCount freshness { status asOf } pageInfo { hasNextPage endCursor } } } } }`),
    variableValues: { r: representations },
    contextValue,
  });
  expect(result.errors).toBeUndefined();
  return (result.data?.['_entities'] as { courtCases: Part }[]).map(({ courtCases }) => courtCases);
}

it.each([
  ['sealed', { sealed: true }],
  ['classified', { classified: true }],
  ['protected', { protected: true }],
  ['an accusation against the caller', { accused: ['centre'] }],
  ['an accusation against those above', { accused: ['county'] }],
])('does not show, nor count, what has become %s since the index was asked', async (_, guard) => {
  answer = (keys) => {
    const { records, freshness } = live(keys);
    return {
      records: new Map([...records].map(([key, one]) => [key, key === '2' ? { ...one, ...guard } : one])),
      freshness,
    };
  };
  const [part] = await parts([person('per_1', content(['1', '2', '3']))]);
  expect(part?.nodes.map(({ caseNumber }) => caseNumber)).toEqual(['COURTS-1', 'COURTS-3']);
  expect(part?.totalCount).toBe(2);
});

it('is asked once for what it was told to expect, whoever reads it then', async () => {
  const context = subgraph.createContext(caller);
  context.expect?.(['1', '2']);
  context.expect?.(['3']);
  await Promise.resolve();
  const [first, second] = await parts(
    [person('per_1', content(['1', '2'])), person('per_2', content(['3', '2']))],
    '',
    context,
  );
  expect(asked).toEqual([['1', '2', '3']]);
  expect([first?.nodes.length, second?.nodes.length]).toEqual([2, 2]);
});

it('shows nothing of what it was told to expect without a grant for it', async () => {
  const context = subgraph.createContext(caller);
  context.expect?.(['1', '2']);
  const [part] = await parts([person('per_1', content(['2']))], '', context);
  expect(part?.nodes.map(({ caseNumber }) => caseNumber)).toEqual(['COURTS-2']);
});

it('shows what was guarded already when the caller was granted it', async () => {
  answer = (keys) => ({
    records: new Map(keys.map((key) => [key, { ...caseOf(key), protected: true }])),
    freshness: LIVE,
  });
  const granted = content(['1']);
  const [part] = await parts([
    person('per_1', { ...granted, records: granted.records.map((one) => ({ ...one, marks: 4 })) }),
  ]);
  expect(part?.nodes).toHaveLength(1);
});

it('asks the department once for a whole page of persons', async () => {
  const answered = await parts([person('per_1', content(['1', '2'])), person('per_2', content(['2', '3']))]);
  expect(asked).toEqual([['1', '2', '3']]);
  expect(answered.map(({ nodes }) => nodes.map(({ caseNumber }) => caseNumber))).toEqual([
    ['COURTS-1', 'COURTS-2'],
    ['COURTS-2', 'COURTS-3'],
  ]);
});

it('links those parties whom the caller may know, and only them', async () => {
  const [part] = await parts([person('per_1', content(['1']))]);
  expect(part?.nodes[0]?.parties).toEqual([
    { name: '宋枫桥', person: { id: 'per_1' } },
    { name: '何守田', person: null },
  ]);
});

it('pages from the newest to the oldest without asking for more than a page', async () => {
  const grant = content(['1', '2', '3', '4', '5']);
  const [first] = await parts([person('per_1', grant)], '(first: 2)');
  expect(first).toMatchObject({ totalCount: 5, pageInfo: { hasNextPage: true } });
  const [last] = await parts([person('per_1', grant)], `(first: 5, after: "${first?.pageInfo.endCursor}")`);
  expect(last?.nodes.map(({ caseNumber }) => caseNumber)).toEqual(['COURTS-3', 'COURTS-4', 'COURTS-5']);
  expect(asked).toEqual([
    ['1', '2'],
    ['3', '4', '5'],
  ]);
});

it('says of an empty list how old the knowledge is, without asking', async () => {
  const [part] = await parts([person('per_1', content([]))]);
  expect(part).toMatchObject({
    nodes: [],
    totalCount: 0,
    freshness: { status: 'CACHED', asOf: '2026-11-21T07:00:00.000Z' },
  });
  expect(asked).toEqual([]);
});

it('shows nothing and counts nothing when the department does not answer', async () => {
  answer = () => ({ records: new Map(), freshness: { status: 'UNAVAILABLE', asOf: null } });
  const [part] = await parts([person('per_1', content(['1']))]);
  expect(part).toMatchObject({
    nodes: [],
    totalCount: null,
    freshness: { status: 'UNAVAILABLE', asOf: null },
    pageInfo: { hasNextPage: false },
  });
});

it('lets one record that cannot be had cost only the lists it stands in', async () => {
  answer = (keys) => ({ ...live(keys.filter((key) => key !== '2')), unread: new Set(['2']) });
  const answered = await parts([person('per_1', content(['1', '2'])), person('per_2', content(['3']))]);
  expect(answered.map(({ nodes, freshness }) => [nodes.length, freshness.status])).toEqual([
    [0, 'UNAVAILABLE'],
    [1, 'LIVE'],
  ]);
});

it('does not ask where there is no basis for it', async () => {
  const [part] = await parts([person('per_1', content([], { refused: 'EXPIRED' }))]);
  expect(part).toMatchObject({ nodes: [], totalCount: null, freshness: { status: 'UNAVAILABLE' } });
  expect(asked).toEqual([]);
});

it('leaves out what the department no longer holds', async () => {
  const [part] = await parts([person('per_1', content(['1', '7']))]);
  expect(part?.nodes.map(({ caseNumber }) => caseNumber)).toEqual(['COURTS-1']);
});

it('shows nothing without a grant, and refuses a forged one', async () => {
  const result = await execute({
    schema: subgraph.schema,
    document: parse(
      `query($r: [_Any!]!) { _entities(representations: $r) { ... on Person { courtCases { totalCount } } ... on CourtCase { caseNumber } } }`,
    ),
    variableValues: {
      r: [
        { __typename: 'Person', id: 'per_1', courtGrant: null },
        { __typename: 'Person', id: 'per_1', courtGrant: 'forged' },
        { __typename: 'CourtCase', id: 'rec_1', grant: person('x', content(['2'])).courtGrant },
      ],
    },
    contextValue: subgraph.createContext(caller),
  });
  expect(result.data?.['_entities']).toEqual([{ courtCases: null }, { courtCases: null }, null]);
  expect(result.errors?.map(({ message }) => message)).toEqual(['This grant is not valid here.']);
  expect(asked).toEqual([]);
});
