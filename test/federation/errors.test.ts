/** What goes wrong in a subgraph, as the client is told it: at its place, once for every place, and nothing more. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { faultsAt, noFaults, type FieldFault } from './kit/faults.ts';
import { errorPaths } from './kit/answer.ts';
import { openFederation, type Federation } from './kit/federation.ts';
import { library } from './worlds/library.ts';
import { townships } from './worlds/townships.ts';

let towns: Federation;
let books: Federation;
let impatient: Federation;
beforeAll(async () => {
  [towns, books, impatient] = await Promise.all([
    openFederation(townships),
    openFederation(library),
    openFederation(townships, { timeoutMs: 200 }),
  ]);
});
afterEach(() => {
  for (const federation of [towns, books, impatient]) {
    federation.faults = noFaults;
    for (const name of ['places', 'people', 'records', 'calendar'])
      if (federation !== books) federation.service(name).conduct = 'answers';
  }
});
afterAll(() => Promise.all([towns.close(), books.close(), impatient.close()]));

type Broken = Readonly<Record<`${string}.${string}`, FieldFault>>;

test.each<[string, Broken, string]>([
  ['at the root', { 'Query.nobody': 'throws' }, '{ nobody { name } townships { name } }'],
  ['in a list', { 'Township:t2.motto': 'throws' }, '{ townships { motto name } }'],
  ['under the name that the client gave', { 'Township:t2.motto': 'throws' }, '{ all: townships { m: motto motto } }'],
  [
    'of a thing that was looked up',
    { 'Mediator:m1.disputes': 'throws' },
    '{ mediator(id: "m1") { name disputes { title } } }',
  ],
  ['of one of many that were looked up', { 'Township:t2.motto': 'throws' }, '{ mediators { home { id motto } } }'],
  [
    'of a thing at several places, told at each',
    { 'Township:t1.motto': 'throws' },
    '{ a: mediators { home { motto } } disputes { township { motto } } townships { neighbours { motto } } }',
  ],
  ['in lists of lists', { 'Mediator:m1.nickname': 'throws' }, '{ disputes { handled { nickname } } }'],
  [
    'behind two look-ups',
    { 'Hall:t1/1.seats': 'throws', 'Township:t2.motto': 'throws' },
    '{ mediators { home { motto hall { seats } neighbours { motto } } } }',
  ],
  ['of a whole list', { 'Query.sittings': 'throws' }, '{ sittings { day } townships { id } }'],
  [
    'null that may be',
    { 'Township:t1.motto': 'null', 'Mediator:m1.home': 'null' },
    '{ townships { motto } mediators { home { motto disputes { title } } } }',
  ],
  [
    'late',
    { 'Township:t1.motto': 'late', 'Mediator:m1.home': 'late' },
    '{ townships { motto } mediators { home { motto disputes { title } } } }',
  ],
])('an error of a field is told where it is: %s', async (_title, faulty, query) => {
  towns.faults = faultsAt(faulty);
  await towns.sameAsReference(query);
});

test.each<[string, Broken, string]>([
  ['makes null the thing that may be', { 'Mediator:m2.name': 'throws' }, '{ mediators { teacher { name } } }'],
  [
    'of a list’s member, makes null the member',
    { 'Mediator:m2.name': 'throws' },
    '{ mediators { id pupils { name nickname } } }',
  ],
  [
    'of a list whose members must be, makes null what holds it',
    { 'Township:t2.name': 'throws' },
    '{ mediators { id home { id neighbours { name } } } }',
  ],
  ['up to the root', { 'Township:t2.name': 'throws' }, '{ townships { name } nobody { id } }'],
  ['of a thing that was looked up', { 'Township:t2.name': 'throws' }, '{ mediators { id home { name } } }'],
  [
    'a list that must be',
    { 'Mediator:m1.disputes': 'throws' },
    '{ disputes { title mediator { disputes { title } } } }',
  ],
  [
    'to the root from behind a look-up',
    { 'Mediator:m1.disputes': 'throws' },
    '{ mediators { name disputes { title } } nobody { id } }',
  ],
  ['null where it must not be', { 'Township:t2.name': 'null' }, '{ mediators { id home { id name } } }'],
  [
    'null where it must not be, up to the root',
    { 'Township:t1.name': 'null' },
    '{ nobody { id } townships { id name } }',
  ],
  [
    'null for a list that must be',
    { 'Township:t1.disputes': 'null' },
    '{ mediators { home { id disputes { title } } } }',
  ],
  ['in lists of lists', { 'Mediator:m2.name': 'null' }, '{ disputes { number handled { name nickname } } }'],
])('where something must be, an error %s', async (_title, faulty, query) => {
  towns.faults = faultsAt(faulty);
  await towns.sameAsReference(query);
});

test('an error that leaves a thing without what it must have does not take what another place asked of it', async () => {
  towns.faults = faultsAt({ 'Township:t1.name': 'throws' });
  await towns.sameAsReference('{ mediators { home { motto } } disputes { township { name } } }');
});

test('errors of members of interfaces and unions are told at their places', async () => {
  books.faults = faultsAt({ 'Book:b1.stars': 'throws', 'Film:f1.minutes': 'throws', 'Game:g1.players': 'null' });
  await books.sameAsReference(
    '{ works { ... on Book { stars } ... on Film { minutes } } newest { ... on Film { m: minutes } } }',
  );
  await books.sameAsReference('{ lent { ... on Game { id players } ... on Book { s: stars } } }');
});

test('whose error it is stands beside it', async () => {
  towns.faults = faultsAt({ 'Township:t2.motto': 'throws', 'Query.nobody': 'throws' });
  const { errors } = await towns.askOurs('{ mediators { home { motto } } nobody { id } }');
  expect(errors?.map(({ path, extensions }) => [path?.join('.'), extensions?.['service']]).sort()).toEqual([
    ['mediators.1.home.motto', 'places'],
    ['nobody', 'people'],
  ]);
});

test('what a subgraph does not know by its key is null where it may be, without an error', async () => {
  towns.faults = faultsAt({}, ['Township:t2@places']);
  const { data, errors } = await towns.askOurs('{ mediators { home { id motto } } }');
  expect(data).toEqual({
    mediators: [{ home: { id: 't1', motto: 'Talk first' } }, { home: { id: 't2', motto: null } }, { home: null }],
  });
  expect(errors).toBeUndefined();
});

test('what a subgraph does not know by its key is an error where it must be', async () => {
  towns.faults = faultsAt({}, ['Township:t2@places']);
  const { data, errors } = await towns.askOurs('{ mediators { home { id name } } }');
  expect(data).toEqual({ mediators: [{ home: { id: 't1', name: 'Riverside' } }, { home: null }, { home: null }] });
  expect(errors).toMatchObject([
    { message: 'Cannot return null for non-nullable field Township.name.', path: ['mediators', 1, 'home', 'name'] },
  ]);
});

test.each(['status 500', 'malformed', 'closes', 'silent'] as const)(
  'a subgraph that fails wholly (%s) is an error for every field that it was asked for; the rest stands',
  async (conduct) => {
    impatient.service('calendar').conduct = conduct;
    const { data, errors } = await impatient.askOurs(
      '{ disputes(year: 2025) { title mood s: sitting { day } } sittings { day } townships { name } }',
    );
    expect(data).toEqual({
      disputes: [
        { title: 'A goat', mood: null, s: null },
        { title: 'A debt', mood: null, s: null },
      ],
      sittings: null,
      townships: [{ name: 'Riverside' }, { name: 'Hillfoot' }, { name: 'Saltmarsh' }],
    });
    expect(errorPaths({ errors: errors ?? [] })).toEqual(
      ['disputes.0.mood', 'disputes.0.s', 'disputes.1.mood', 'disputes.1.s', 'sittings'].sort(),
    );
    for (const error of errors ?? [])
      expect(error.extensions).toMatchObject({ code: 'SOURCE_UNAVAILABLE', service: 'calendar' });
  },
);

test('a subgraph that fails wholly where something must be takes what must hold it, and says why', async () => {
  towns.service('records').conduct = 'closes';
  const { data, errors } = await towns.askOurs('{ nobody { id } mediators { home { id disputes { title } } } }');
  expect(data).toEqual({ nobody: null, mediators: [{ home: null }, { home: null }, { home: null }] });
  expect(errorPaths({ errors: errors ?? [] })).toEqual(['mediators.0.home.disputes', 'mediators.1.home.disputes']);
  expect(new Set(errors?.map(({ extensions }) => extensions?.['code']))).toEqual(new Set(['SOURCE_UNAVAILABLE']));
});

test('what cannot be asked because what leads to it is missing is told where it must be, beside what is missing', async () => {
  towns.service('places').conduct = 'status 500';
  const { data, errors = [] } = await towns.askOurs('{ mediators { id home { disputes { title } motto } } }');
  expect(data).toEqual({
    mediators: [
      { id: 'm1', home: null },
      { id: 'm2', home: null },
      { id: 'm3', home: null },
    ],
  });
  expect(errors.map(({ path, extensions }) => `${path?.join('.') ?? ''} ${String(extensions?.['code'])}`)).toEqual(
    expect.arrayContaining([
      'mediators.0.home.motto SOURCE_UNAVAILABLE',
      'mediators.1.home.motto SOURCE_UNAVAILABLE',
      'mediators.0.home.disputes INVALID_SUBGRAPH_ANSWER',
      'mediators.1.home.disputes INVALID_SUBGRAPH_ANSWER',
    ]),
  );
});
