/** Keys of every kind: one field, several, one of two, of a thing within; things that know each other in circles; things that are not there. */
import type { Declaration } from '../kit/declaration.ts';
import { createWorld, type Args, type Thing } from '../kit/world.ts';

const places = `
  type Query {
    townships: [Township!]!
    township(id: ID!): Township
    halls(of: [ID!]): [Hall]
  }
  type Township @key(fields: "id") @key(fields: "code") {
    id: ID!
    code: String!
    name: String!
    motto: String
    neighbours: [Township!]!
    hall: Hall
  }
  type Hall @key(fields: "township { id } number") {
    township: Township!
    number: Int!
    seats: Int
  }
`;
const people = `
  type Query {
    mediators: [Mediator!]!
    mediator(id: ID!): Mediator
    nobody: Mediator
  }
  type Mediator @key(fields: "id") {
    id: ID!
    name: String!
    nickname: String
    home: Township
    teacher: Mediator
    pupils: [Mediator]
  }
  type Township @key(fields: "id", resolvable: false) { id: ID! }
`;
const records = `
  type Query {
    disputes(year: Int, first: Int! = 10): [Dispute!]!
    dispute(year: Int!, number: Int!): Dispute
  }
  type Dispute @key(fields: "year number") {
    year: Int!
    number: Int!
    title: String!
    township: Township
    mediator: Mediator
    handled: [[Mediator]]
  }
  type Township @key(fields: "code") {
    code: String!
    disputes: [Dispute!]!
  }
  type Mediator @key(fields: "id") {
    id: ID!
    disputes: [Dispute!]!
  }
`;
const calendar = `
  type Query { sittings: [Sitting] }
  type Township @key(fields: "id", resolvable: false) { id: ID! }
  type Hall @key(fields: "township { id } number") {
    township: Township!
    number: Int!
    sittings: [Sitting!]!
  }
  type Sitting {
    day: String!
    hall: Hall
    dispute: Dispute
  }
  type Dispute @key(fields: "year number") {
    year: Int!
    number: Int!
    sitting: Sitting
    mood: String
  }
`;

export const townships: Declaration = {
  subgraphs: [
    { name: 'places', typeDefs: places },
    { name: 'people', typeDefs: people },
    { name: 'records', typeDefs: records },
    { name: 'calendar', typeDefs: calendar },
  ],
  world() {
    const towns: Thing[] = TOWNS.map(([id, name, motto, neighbours]) => ({
      ...{ __typename: 'Township', id, code: `code-${id}`, name, motto },
      neighbours: () => neighbours.map((other) => byId(towns, other)),
      hall: () => byId(halls, `${id}/1`),
      disputes: () => disputesWhere(({ township }) => township === id),
    }));
    const halls: Thing[] = HALLS.map(([township, number, seats]) => ({
      ...{ __typename: 'Hall', id: `${township}/${number}`, number, seats },
      township: () => byId(towns, township),
      sittings: () => sittingsWhere(({ hall }) => hall === `${township}/${number}`),
    }));
    const mediators: Thing[] = MEDIATORS.map(({ id, name, nickname = null, home, teacher }) => ({
      ...{ __typename: 'Mediator', id, name, nickname },
      home: () => byId(towns, home),
      teacher: () => byId(mediators, teacher),
      pupils: () => [...MEDIATORS.filter((one) => one.teacher === id).map((one) => byId(mediators, one.id)), null],
      disputes: () => disputesWhere(({ mediator }) => mediator === id),
    }));
    const disputes: Thing[] = DISPUTES.map(({ year, number, title, township, mediator }) => ({
      ...{ __typename: 'Dispute', id: `${year}/${number}`, year, number, title, mood: number % 2 ? 'calm' : null },
      township: () => byId(towns, township),
      mediator: () => byId(mediators, mediator),
      handled: () => [[byId(mediators, mediator), null], [], null, mediators],
      sitting: () => sittingsWhere(({ dispute }) => dispute === `${year}/${number}`)[0],
    }));
    const sittings: Thing[] = SITTINGS.map(({ day, hall, dispute }) => ({
      ...{ __typename: 'Sitting', day, hall: () => byId(halls, hall), dispute: () => byId(disputes, dispute) },
    }));
    const disputesWhere = (is: (one: (typeof DISPUTES)[number]) => boolean) =>
      disputes.filter((_, index) => is(DISPUTES[index] as (typeof DISPUTES)[number]));
    const sittingsWhere = (is: (one: (typeof SITTINGS)[number]) => boolean) =>
      sittings.filter((_, index) => is(SITTINGS[index] as (typeof SITTINGS)[number]));
    return createWorld({
      things: [...towns, ...halls, ...mediators, ...disputes],
      query: {
        townships: towns,
        township: ({ id }: Args) => byId(towns, id),
        halls: ({ of }: Args) => (Array.isArray(of) ? of.map((id) => byId(halls, `${String(id)}/1`)) : halls),
        mediators,
        mediator: ({ id }: Args) => byId(mediators, id),
        nobody: null,
        disputes: ({ year, first }: Args) =>
          disputes.filter((one) => year == null || one['year'] === year).slice(0, Number(first)),
        dispute: ({ year, number }: Args) => byId(disputes, `${String(year)}/${String(number)}`),
        sittings: [...sittings, null],
      },
    });
  },
};

const TOWNS: readonly [id: string, name: string, motto: string | null, neighbours: readonly string[]][] = [
  ['t1', 'Riverside', 'Talk first', ['t2', 't3']],
  ['t2', 'Hillfoot', null, ['t1']],
  ['t3', 'Saltmarsh', 'Quietly', []],
];
const HALLS: readonly [township: string, number: number, seats: number | null][] = [
  ['t1', 1, 40],
  ['t2', 1, null],
];

interface Person {
  readonly id: string;
  readonly name: string;
  readonly nickname?: string;
  readonly home?: string;
  readonly teacher?: string;
}
const MEDIATORS: readonly Person[] = [
  { id: 'm1', name: 'Li', nickname: 'Old Li', home: 't1', teacher: 'm2' },
  { id: 'm2', name: 'Wang', home: 't2', teacher: 'm1' },
  { id: 'm3', name: 'Zhao' },
];
const DISPUTES = [
  { year: 2024, number: 1, title: 'A fence', township: 't1', mediator: 'm1' },
  { year: 2024, number: 2, title: 'A well', township: 't2', mediator: 'm2' },
  { year: 2025, number: 1, title: 'A goat', township: 't1', mediator: null },
  { year: 2025, number: 2, title: 'A debt', township: null, mediator: 'm1' },
];
const SITTINGS = [
  { day: 'monday', hall: 't1/1', dispute: '2024/1' },
  { day: 'tuesday', hall: 't2/1', dispute: '2024/2' },
  { day: 'friday', hall: 't1/1', dispute: null },
];

const byId = (list: readonly Thing[], id: unknown): Thing | null => list.find((one) => one['id'] === id) ?? null;
