/** What is hidden from a caller is absent by every way to it: searches, links, duplicates, descriptions, mutations. */
import { execute, parse } from 'graphql';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { issueGrant } from '../../core/access/grant.ts';
import { storeAgreements } from '../../core/access/agreement.ts';
import { PURPOSES, type Caller } from '../../core/access/caller.ts';
import { createReferenceData } from '../../core/organisations/reference-data.ts';
import type { Subgraph } from '../../core/subgraph.ts';
import { createIndexRig, type IndexRig } from '../../test/kit/index-rig.ts';
import { citizenId, participant, record } from '../../test/kit/paper-department.ts';
import { createRegistrySubgraph } from './resolvers.ts';

let rig: IndexRig;
let registry: Subgraph;
const agreement = (source: string, purposes: readonly string[] = PURPOSES) => ({
  source,
  purposes,
  fieldGroups: ['index', 'contents'],
  expires: '2099-12-31',
});
beforeEach(async () => {
  rig = await createIndexRig();
  await storeAgreements(rig.db, [agreement('COURTS'), agreement('POLICE'), agreement('PETITIONS')], new Date());
  registry = createRegistrySubgraph({ ...rig, reference: createReferenceData(rig.db, 0) });
});
afterEach(() => rig.drop());

const callerOf = (
  code: string,
  kind: string,
  sources: readonly string[] = [],
  given: Partial<Caller> = {},
): Caller => ({
  subject: `${code}-1`,
  name: null,
  organisation: {
    id: `org_${code}`,
    code,
    kind,
    path: `county/${code}/`,
    selfAndAbove: [`org_${code}`, 'org_county'],
    sources,
  },
  roles: ['department.handler'],
  purpose: 'mediation',
  reason: null,
  requestId: 'req_1',
  ...given,
});
const CENTRE = callerOf('centre', 'CENTRE');
const STATION = callerOf('station', 'STATION', ['POLICE']);
const PLACE = callerOf('place', 'COMMITTEE');

interface Answer<T> {
  readonly data: T;
  readonly errors: readonly { readonly message: string; readonly code: unknown }[];
}
async function ask<T>(caller: Caller, query: string, variables: object = {}): Promise<Answer<T>> {
  const context = registry.createContext(caller);
  const { data, errors = [] } = await execute({
    schema: registry.schema,
    document: parse(query),
    variableValues: { ...variables },
    contextValue: context,
  });
  return {
    data: data as T,
    errors: errors.map(({ message, originalError }) => ({
      message,
      code: (originalError as { code?: unknown } | undefined)?.code,
    })),
  };
}

const OPEN = `mutation ($input: OpenDisputeInput!, $key: String!) {
  openDispute(input: $input, idempotencyKey: $key) { dispute { id version } duplicates { id } } }`;
interface Opened {
  readonly openDispute: {
    readonly dispute: { readonly id: string } | null;
    readonly duplicates: readonly { id: string }[];
  };
}
const matter = (fields: object = {}) => ({
  title: '楼上漏水',
  description: '三个月',
  category: 'NEIGHBOUR',
  channel: 'WALK_IN',
  place: 'org_place',
  parties: [{ name: '王小明', role: 'APPLICANT', citizenId: citizenId(1), phone: '13800000001' }],
  ...fields,
});
const LINK = `mutation ($input: LinkRecordInput!, $key: String!) {
  linkRecord(input: $input, idempotencyKey: $key) { dispute { id records { source } parties { name } } } }`;
const ADD = `mutation ($dispute: ID!, $party: PartyInput!, $version: Int!) {
  addParty(dispute: $dispute, expectedVersion: $version, party: $party, idempotencyKey: "a") { dispute { id } } }`;
const PERSON = `query ($number: String!) { personByCitizenId(number: $number) { id phones records { source }
  disputes { totalCount nodes { id } } timeline { totalCount } } }`;
interface Found {
  readonly personByCitizenId: {
    readonly id: string;
    readonly phones: readonly string[];
    readonly records: readonly { readonly source: string }[];
    readonly disputes: { readonly totalCount: number };
    readonly timeline: { readonly totalCount: number };
  } | null;
}

test('an accusation against nobody of the tree is for its holder alone', async () => {
  const accusation = (key: string, accused: readonly string[]) => ({
    ...record('PETITIONS', key, {
      category: 'VILLAGE_AFFAIRS',
      office: 'centre',
      accused,
      participants: [participant('1', { citizenId: citizenId(Number(key)) })],
    }),
    purpose: 'ACCUSATION' as const,
    form: 'LETTER' as const,
    collective: false,
  });
  rig.petitions.put(
    accusation('1', ['nowhere']),
    accusation('2', []),
    accusation('3', ['station', 'nowhere']),
    accusation('4', ['station']),
  );
  await rig.readIn.read('PETITIONS');
  const seenBy = async (caller: Caller): Promise<string[]> => {
    const found: string[] = [];
    for (const serial of [1, 2, 3, 4]) {
      const { data } = await ask<Found>(caller, PERSON, { number: citizenId(serial) });
      if (data.personByCitizenId) found.push(String(serial));
    }
    return found;
  };
  expect(await seenBy(CENTRE)).toEqual(['4']);
  expect(await seenBy(callerOf('centre', 'CENTRE', ['PETITIONS']))).toEqual(['1', '2', '3', '4']);
  expect(await seenBy(callerOf('station', 'STATION', ['POLICE']))).toEqual([]);
});

test('whoever is added to an accusation as a party is not shown to the accused as such', async () => {
  rig.police.put(
    record('POLICE', 'p1', { office: 'station', participants: [participant('1', { citizenId: citizenId(1) })] }),
  );
  await rig.readIn.read('POLICE');
  const accusation = matter({
    petitionPurpose: 'ACCUSATION',
    accused: ['org_station'],
    parties: [{ name: '何守田', role: 'APPLICANT' }],
  });
  const { data } = await ask<Opened>(CENTRE, OPEN, { input: accusation, key: 'k' });
  const id = data.openDispute.dispute?.id;
  // The second organisation on the case writes a record of its own.
  await rig.db.query(
    `insert into visible (organisation_id, dispute_id, opened_at) select 'org_place', id, opened_at from dispute`,
  );
  const party = { name: '王小明', role: 'REPORTER', citizenId: citizenId(1), phone: '13800000001' };
  expect((await ask(PLACE, ADD, { dispute: id, version: 1, party })).errors).toEqual([]);
  const seen = await ask<Found>(STATION, PERSON, { number: citizenId(1) });
  expect(seen.data.personByCitizenId).toMatchObject({
    phones: [],
    records: [{ source: 'POLICE' }],
    timeline: { totalCount: 1 },
  });
});

test('a record that the caller has no link to cannot be taken into sight by linking it', async () => {
  rig.courts.put(
    record('COURTS', '17', {
      category: 'LENDING',
      office: 'court',
      participants: [participant('1', { name: '何守田' })],
    }),
  );
  await rig.readIn.read('COURTS');
  const { data } = await ask<Opened>(PLACE, OPEN, { input: matter(), key: 'k' });
  const dispute = data.openDispute.dispute?.id;
  const link = (key: string, source = 'COURTS') => ({
    input: { dispute, expectedVersion: 1, record: { source, key }, reason: '同一件事' },
    key: `l-${source}-${key}`,
  });
  const strange = await ask(PLACE, LINK, link('17'));
  const absent = await ask(PLACE, LINK, link('18'));
  expect(strange.errors).toMatchObject([{ code: 'NOT_FOUND' }]);
  expect(strange).toEqual(absent);
  const { id } = await rig.db.one<{ id: string }>(`select id from record where source = 'COURTS'`);
  expect((await ask(CENTRE, LINK, link(id, 'CENTRE'))).errors).toMatchObject([{ code: 'NOT_FOUND' }]);
  expect((await ask(CENTRE, LINK, { ...link('17') })).errors).toEqual([]);
});

test('a sealed or classified record says nothing of its dispute to those who see it by another', async () => {
  const guarded = { category: 'DAMAGE', office: 'station', at: '2026-02-01T00:00:00.000Z', place: 'place' };
  rig.police.put(
    record('POLICE', 'p1', { ...guarded, sealed: true, references: [{ source: 'COURTS', number: 'COURTS-1' }] }),
  );
  rig.courts.put(record('COURTS', '1', { category: 'NEIGHBOUR', office: 'court' }));
  await rig.readIn.read('COURTS');
  await rig.readIn.read('POLICE');
  const { data } = await ask<{ disputes: { nodes: readonly unknown[] } }>(
    CENTRE,
    '{ disputes { nodes { title category channels openedAt place { id } } } }',
  );
  expect(data.disputes.nodes).toEqual([
    {
      title: '邻里纠纷',
      category: 'NEIGHBOUR',
      channels: ['COURT_PLATFORM'],
      openedAt: expect.anything() as unknown,
      place: null,
    },
  ]);
  expect(JSON.stringify(data)).toContain('2026-03-01');
});

test('whom only a hidden record names finds no duplicate', async () => {
  rig.police.put(
    record('POLICE', 'p1', {
      category: 'NEIGHBOUR',
      office: 'station',
      place: 'place',
      sealed: true,
      participants: [participant('1', { citizenId: citizenId(1) })],
      references: [{ source: 'COURTS', number: 'COURTS-1' }],
    }),
  );
  rig.courts.put(record('COURTS', '1', { category: 'NEIGHBOUR', office: 'court', place: 'place' }));
  await rig.readIn.read('COURTS');
  await rig.readIn.read('POLICE');
  const { data } = await ask<Opened>(CENTRE, OPEN, { input: matter(), key: 'k' });
  expect(data.openDispute.duplicates).toEqual([]);
});

test('a department without a basis joins nobody to a dispute', async () => {
  const of = { participants: [participant('1', { citizenId: citizenId(1) })] };
  rig.courts.put(record('COURTS', '1', { ...of, category: 'NEIGHBOUR', office: 'court' }));
  rig.police.put(record('POLICE', 'p1', { ...of, office: 'station' }));
  await rig.readIn.read('COURTS');
  await rig.readIn.read('POLICE');
  await storeAgreements(rig.db, [agreement('COURTS', ['litigation']), agreement('POLICE')], new Date());
  const seen = await ask<Found>(CENTRE, PERSON, { number: citizenId(1) });
  expect(seen.data.personByCitizenId).toMatchObject({
    records: [{ source: 'POLICE' }],
    disputes: { totalCount: 0 },
    timeline: { totalCount: 1 },
  });
});

test('an act’s answer shows the dispute as the act left it, also the second in one request', async () => {
  const { data } = await ask<Opened>(CENTRE, OPEN, { input: matter(), key: 'k' });
  const dispute = data.openDispute.dispute?.id;
  const both = await ask<Record<'a' | 'b', { readonly dispute: { readonly parties: readonly unknown[] } }>>(
    CENTRE,
    `mutation ($d: ID!) {
      a: addParty(dispute: $d, expectedVersion: 1, party: { name: "甲", role: AGENT }, idempotencyKey: "a") { dispute { parties { name } } }
      b: addParty(dispute: $d, expectedVersion: 2, party: { name: "乙", role: AGENT }, idempotencyKey: "b") { dispute { parties { name } } } }`,
    { d: dispute },
  );
  expect(both.errors).toEqual([]);
  expect(both.data.b.dispute.parties).toHaveLength(3);
});

test('why somebody is found is told to the gateway, by the id that they are shown under', async () => {
  const mine = citizenId(1);
  rig.police.put(record('POLICE', 'p1', { office: 'station', participants: [participant('1', { citizenId: mine })] }));
  await rig.readIn.read('POLICE');
  const links = async (caller: Caller): Promise<[string, string][]> => {
    const context = registry.createContext(caller);
    await execute({
      schema: registry.schema,
      document: parse('query ($number: String!) { personByCitizenId(number: $number) { id } }'),
      variableValues: { number: mine },
      contextValue: context,
    });
    return [...(context.links ?? [])];
  };
  const [person] = await rig.db.query<{ id: string }>('select id from person');
  expect(await links(STATION)).toEqual([[person?.id, 'OWN_RECORD']]);
  const supervisor = { roles: ['centre.supervisor' as const], purpose: 'supervision' as const, reason: '群众反映' };
  expect(await links({ ...CENTRE, ...supervisor })).toEqual([[person?.id, 'SUPERVISION']]);
  expect(await links(PLACE)).toEqual([]);
});

test('a duplicate found by a party is a person looked up, so with a purpose', async () => {
  await ask<Opened>(CENTRE, OPEN, { input: matter(), key: 'a' });
  const aimless = await ask<Opened>({ ...CENTRE, purpose: null }, OPEN, { input: matter(), key: 'b' });
  expect(aimless.errors).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
  const { data } = await ask<Opened>(CENTRE, OPEN, { input: matter(), key: 'b' });
  expect(data.openDispute.duplicates).toHaveLength(1);
});

test('a forged representation opens nobody, no dispute and no record, and looks like one of nothing', async () => {
  rig.courts.put(
    record('COURTS', '1', {
      category: 'LENDING',
      office: 'court',
      participants: [participant('1', { citizenId: citizenId(1) })],
    }),
    record('COURTS', '2', {
      category: 'LENDING',
      office: 'court',
      participants: [participant('1', { citizenId: citizenId(2) })],
    }),
  );
  await rig.readIn.read('COURTS');
  const [person] = await rig.db.query<{ id: string }>('select id from person');
  const [dispute] = await rig.db.query<{ id: string }>('select id from dispute');
  const [one, two] = await rig.db.query<{ id: string }>('select id from record order by id');
  const granted = (caller: Caller, source: string, id = one?.id ?? '') =>
    issueGrant(rig, source, caller, {
      ...{ withheld: 0, refused: null, indexedAt: null },
      records: [{ id, key: '1', at: '2026-03-01T00:00:00.000Z', people: {} }],
    });
  const entities = async (...representations: readonly object[]) =>
    (
      await ask<{ _entities: readonly unknown[] } | null>(
        STATION,
        `query ($r: [_Any!]!) { _entities(representations: $r) {
          ... on Person { name courtGrant } ... on Dispute { number } ... on CourtCase { dispute { number } } } }`,
        { r: representations },
      )
    ).data?._entities;
  // The station has no link to either; knowing an id is not enough.
  const known = [
    { __typename: 'Person', id: person?.id },
    { __typename: 'Dispute', id: dispute?.id },
  ];
  const made = [
    { __typename: 'Person', id: 'per_none' },
    { __typename: 'Dispute', id: 'dsp_none' },
  ];
  expect(await entities(...known)).toEqual([null, null]);
  expect(await entities(...known)).toEqual(await entities(...made));
  const record1 = (grant: string) => ({ __typename: 'CourtCase', id: one?.id, grant });
  for (const grant of [
    'forged',
    granted(CENTRE, 'COURTS'),
    granted(STATION, 'POLICE'),
    granted({ ...STATION, subject: 'somebody else' }, 'COURTS'),
    granted(STATION, 'COURTS', two?.id),
  ])
    expect((await entities(record1(grant)))?.[0] ?? null).toBeNull();
});
