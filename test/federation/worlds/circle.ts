/** Two subgraphs that require of each other what requires the other: the way leads back to where it came from. */
import type { Declaration } from '../kit/declaration.ts';
import { createWorld, type Args } from '../kit/world.ts';

export const circle: Declaration = {
  subgraphs: [
    {
      name: 'cases',
      typeDefs: `
        type Query { cases: [Case!]! }
        type Case @key(fields: "id") { id: ID! claim: Int! }
      `,
    },
    {
      name: 'fees',
      typeDefs: `
        type Query { dearest: Case }
        type Case @key(fields: "id") {
          id: ID!
          claim: Int! @external
          weight: Int @external
          fee: Int @requires(fields: "claim")
          rebate: Int @requires(fields: "weight")
        }
      `,
    },
    {
      name: 'law',
      typeDefs: `
        type Case @key(fields: "id") {
          id: ID!
          fee: Int @external
          weight: Int @requires(fields: "fee")
        }
      `,
    },
  ],
  world() {
    const one = (id: string, claim: number) => ({
      ...{ __typename: 'Case', id, claim },
      fee: (_: Args, needs: Args) => Number(needs['claim']) / 10,
      weight: (_: Args, needs: Args) => Number(needs['fee']) + 1,
      rebate: (_: Args, needs: Args) => Number(needs['weight']) - 3,
    });
    const cases = [one('c1', 1000), one('c2', 240)];
    return createWorld({ things: cases, query: { cases, dearest: cases[0] } });
  },
};
