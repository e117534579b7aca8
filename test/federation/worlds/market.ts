/**
 * An interface of one subgraph that others know as one object. What its members hold may be null: where a subgraph cannot tell a thing,
 * it cannot tell either what it is, and nobody knows whether it was asked about.
 */
import type { Declaration } from '../kit/declaration.ts';
import { createWorld, type Args, type Thing } from '../kit/world.ts';

const declare = (requirement: string, resolvable: boolean): Declaration => ({
  subgraphs: [
    {
      name: 'stalls',
      typeDefs: `
        type Query { stalls: [Stall!]! stall(id: ID!): Stall keepers: [Keeper!]! }
        interface Stall @key(fields: "id") { id: ID! owner: String row: Int }
        type TeaStall implements Stall @key(fields: "id") { id: ID! owner: String row: Int teas: [String!] }
        type BookStall implements Stall @key(fields: "id") { id: ID! owner: String row: Int next: Stall }
        type Keeper { name: String! stall: Stall }
      `,
    },
    {
      name: 'ratings',
      typeDefs: `
        type Query { best: Stall rated(first: Int = 5): [Stall]! }
        type Stall @interfaceObject @key(fields: "id") {
          id: ID!
          stars: Int
          ${requirement}
          rivals: [Stall!]
        }
      `,
    },
    {
      name: 'permits',
      typeDefs: `
        type Query { permits: [Permit!]! }
        type Stall @interfaceObject @key(fields: "id", resolvable: ${resolvable}) { id: ID! }
        type Permit @key(fields: "number") { number: Int! stall: Stall }
      `,
    },
    {
      name: 'taxes',
      typeDefs: `
        type Permit @key(fields: "number") { number: Int! tax: Int }
        type Stall @interfaceObject @key(fields: "id") { id: ID! debts: [Int]! }
      `,
    },
  ],
  world() {
    const stall = (id: string, owner: string, row: number | null) => ({
      ...{ id, owner, row, stars: row, debts: [row, null] },
      line: (_: Args, needs: Args) => `${String(needs['owner'])} in ${String(needs['row'])}`,
      rivals: () => stalls.filter((one) => one['id'] !== id),
    });
    const stalls: Thing[] = [
      { __typename: 'TeaStall', ...stall('s1', 'Li', 1), teas: ['black', 'green'] },
      { __typename: 'BookStall', ...stall('s2', 'Wang', null), next: () => stalls[0] },
      { __typename: 'TeaStall', ...stall('s3', 'Zhao', 2), teas: [] },
    ];
    const permit = (number: number, at: number | null) => ({
      ...{ __typename: 'Permit', number, tax: number * 2 },
      stall: at === null ? null : stalls[at],
    });
    const permits = [permit(1, 0), permit(2, 1), permit(3, null)];
    const keepers = stalls.map((one) => ({ __typename: 'Keeper', name: one['owner'], stall: one }));
    return createWorld({
      things: [...stalls, ...permits],
      query: {
        ...{ stalls, keepers, permits, best: stalls[1] },
        stall: ({ id }: Args) => stalls.find((one) => one['id'] === id) ?? null,
        rated: ({ first }: Args) => [...stalls.slice(0, Number(first)), null],
      },
    });
  },
});

export const market = declare(
  'owner: String @external row: Int @external line: String @requires(fields: "owner row")',
  false,
);

/**
 * Without the requirement and the closed key, for random queries: where members of the interface are asked for different things, the planner gathers what
 * is required under the wrong ones, loses keys, enters by the closed one, or fails.
 */
export const plainMarket = declare('', true);
