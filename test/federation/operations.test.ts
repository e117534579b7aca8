/** What a client may write: fragments, conditions, variables, aliases, introspection. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openFederation, type Federation } from './kit/federation.ts';
import type { Args } from './kit/world.ts';
import { library } from './worlds/library.ts';
import { townships } from './worlds/townships.ts';

let towns: Federation;
let books: Federation;
beforeAll(async () => {
  [towns, books] = await Promise.all([openFederation(townships), openFederation(library)]);
});
afterAll(() => Promise.all([towns.close(), books.close()]));

test.each([
  [
    'named, within each other',
    '{ townships { ...T } } fragment T on Township { name ...D hall { ...H } } fragment D on Township { disputes { title } } fragment H on Hall { seats sittings { day } }',
  ],
  [
    'one at several places',
    '{ a: townships { ...T } mediators { home { ...T } } } fragment T on Township { id disputes { title mediator { name } } }',
  ],
  ['without a type', '{ townships { ... { name disputes { title } } ... @include(if: true) { motto } } }'],
  [
    'that say the same twice',
    '{ townships { name name ...T ... on Township { name disputes { title number } } } } fragment T on Township { disputes { year title } }',
  ],
  [
    'under other names for one field',
    '{ disputes { a: title b: title township { x: name y: disputes { n: number } z: disputes { title } } } }',
  ],
  [
    'at the root',
    '{ ...Q ...Q ... on Query { nobody { id } } } fragment Q on Query { townships { code } mediators { nickname disputes { mood } } }',
  ],
  [
    'under names that every object of JavaScript has',
    '{ constructor: townships { toString: name hasOwnProperty: code valueOf: __typename isPrototypeOf: disputes { constructor: title toLocaleString: number } } toString: nobody { constructor: id } }',
  ],
])('fragments: %s', async (_title, query) => {
  const { errors } = await towns.sameAsReference(query);
  expect(errors).toBeUndefined();
});

test.each([
  [
    'on interfaces',
    '{ works { ...W } lent { ...W ...L } } fragment W on Work { title ... on Book { stars } } fragment L on Lendable { last { reader { name } } }',
  ],
  [
    'on unions',
    '{ works { ...F } newest { ...F } } fragment F on Found { __typename ... on Book { title loans { id } } ... on Film { minutes } }',
  ],
  [
    'in branches that overlap',
    '{ works { ... on Work { author { name } } ... on Book { author { born fans } } ... on Lendable { ... on Film { author { id works { title } } } } } }',
  ],
  ['in branches that cannot be', '{ works { title ... on Book { ... on Lendable { ... on Film { minutes } id } } } }'],
  [
    'in branches that cannot be, and nothing else',
    '{ newest { ... on Work { ... on Book { ... on Lendable { ... on Film { minutes } } } } } }',
  ],
  [
    'the same name with other arguments in other branches, of one that leads on',
    '{ lent { ... on Book { l: loans(open: false) { id reader { name } } } ... on Film { l: loans { id of { ... on Film { stars } } } } } }',
  ],
])('fragments over several types: %s', async (_title, query) => {
  const { errors } = await books.sameAsReference(query);
  expect(errors).toBeUndefined();
});

const CONDITIONS = `query ($yes: Boolean!, $no: Boolean = false) {
  townships @include(if: $yes) {
    name @skip(if: $yes)
    motto @skip(if: $no) @include(if: $yes)
    disputes @include(if: $no) { title }
    hall @skip(if: $no) { seats sittings @include(if: $yes) { day } }
    ...T @include(if: $no)
    ... on Township @skip(if: $yes) { code neighbours { disputes { title } } }
  }
  again: townships { ... @include(if: $no) { disputes { year } } ... @skip(if: $no) { disputes { number } } ...T @skip(if: $yes) }
  nobody @skip(if: $no) { id }
}
fragment T on Township { id disputes { mediator { name @include(if: $yes) nickname @include(if: $no) } } }`;

test.each<[string, string, Args]>([
  [
    'literals',
    '{ townships { name @skip(if: true) code @include(if: true) disputes @include(if: false) { title } hall @skip(if: false) { sittings { day } } } nobody @include(if: false) { id } }',
    {},
  ],
  ['variables', CONDITIONS, { yes: true }],
  ['the same, the other way', CONDITIONS, { yes: false }],
  ['the same, both', CONDITIONS, { yes: true, no: true }],
  ['the same, neither', CONDITIONS, { yes: false, no: true }],
  ['that leave nothing', 'query ($no: Boolean = false) { townships @include(if: $no) { name } }', {}],
  [
    'that leave nothing of a thing',
    '{ townships { name @skip(if: true) } mediators { ... @include(if: false) { disputes { title } } } }',
    {},
  ],
  [
    'that leave nothing of a thing elsewhere',
    'query ($no: Boolean!) { mediators { home { name @include(if: $no) } disputes { title @include(if: $no) } } }',
    { no: false },
  ],
  [
    'in one place and not in another',
    'query ($a: Boolean!, $b: Boolean!) { mediators { disputes @include(if: $a) { title } } all: mediators { disputes @include(if: $b) { title } } mediators { disputes @skip(if: $a) { number } } }',
    { a: false, b: true },
  ],
  [
    'around what leads on and what is led to',
    'query ($a: Boolean!, $b: Boolean!) { mediators @include(if: $a) { home @include(if: $b) { name @include(if: $a) disputes @skip(if: $b) { title } } } }',
    { a: true, b: true },
  ],
])('conditions: %s', async (_title, query, variables) => {
  const { errors } = await towns.sameAsReference(query, variables);
  expect(errors).toBeUndefined();
});

test.each<[string, string, Args]>([
  [
    'given',
    'query ($year: Int, $id: ID!) { disputes(year: $year) { title } township(id: $id) { name } }',
    { year: 2025, id: 't2' },
  ],
  ['not given', 'query ($year: Int) { disputes(year: $year) { title } }', {}],
  ['null', 'query ($year: Int = 2025) { disputes(year: $year) { title } }', { year: null }],
  [
    'by default',
    'query ($year: Int = 2025, $first: Int! = 1) { disputes(year: $year, first: $first) { title mood } }',
    {},
  ],
  [
    'in a list',
    'query ($a: ID!, $b: ID!) { halls(of: [$a, $b, "t1"]) { number sittings { day } } }',
    { a: 't2', b: 'none' },
  ],
  [
    'more than are used by one subgraph',
    'query ($m: ID!, $t: ID!, $y: Int!) { mediator(id: $m) { name disputes { title } } township(id: $t) { name } dispute(year: $y, number: 1) { mood } }',
    { m: 'm1', t: 't1', y: 2024 },
  ],
])('variables: %s', async (_title, query, variables) => {
  const { errors } = await towns.sameAsReference(query, variables);
  expect(errors).toBeUndefined();
});

test.each<[string, string, Args]>([
  ['by default', '{ search { __typename } }', {}],
  [
    'as a whole',
    'query ($for: Search) { search(for: $for) { ... on Work { title } } }',
    { for: { text: 'i', kinds: ['FILM'], not: { text: 'Two', kinds: ['FILM'] } } },
  ],
  [
    'in parts',
    'query ($text: String!, $kinds: [Kind!]) { search(for: { text: $text, kinds: $kinds }) { ... on Work { title } } }',
    { text: 'a', kinds: ['BOOK'] },
  ],
  [
    'with the defaults of their fields',
    'query ($for: Search = { text: "o" }) { search(for: $for) { ... on Work { title kind } } }',
    {},
  ],
  [
    'deep in what another subgraph is asked',
    'query ($open: Boolean!, $from: Int = 7, $n: Int) { lent { ... on Book { pages(from: $from) loans(open: $open) { id } reviews(first: $n) { text } } } }',
    { open: false, n: 1 },
  ],
  [
    'the same field with other variables',
    'query ($a: Int!, $b: Int!) { work(id: "b1") { ... on Book { a: pages(from: $a) b: pages(from: $b) c: pages } } }',
    { a: 1, b: 2 },
  ],
])('input objects and arguments: %s', async (_title, query, variables) => {
  const { errors } = await books.sameAsReference(query, variables);
  expect(errors).toBeUndefined();
});

test.each([
  [
    'beside data',
    '{ __typename townships { name } __schema { queryType { name } } kinds: __type(name: "Township") { name fields { name type { kind } } } mediators { name } }',
  ],
  ['alone', '{ __schema { types { name kind } directives { name } } }'],
  [
    'in fragments, by variables',
    'query ($name: String!, $no: Boolean = false) { ...I townships { id } } fragment I on Query { __type(name: $name) { name fields @include(if: $no) { name } possibleTypes { name } } __schema @skip(if: $no) { mutationType { name } } }',
  ],
])('introspection: %s', async (_title, query) => {
  const { errors } = await towns.sameAsReference(query, query.includes('$name') ? { name: 'Hall' } : {});
  expect(errors).toBeUndefined();
});

test('a variable that is called as what is sent to subgraphs is refused in words', async () => {
  const { errors } = await towns.askOurs('query ($representations: ID!) { mediator(id: $representations) { name } }', {
    representations: 'm1',
  });
  expect(errors?.[0]?.extensions?.['code']).toBe('BAD_USER_INPUT');
});
