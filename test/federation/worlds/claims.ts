/** Requirements with arguments: of one field with several, beside a client who asks it with others. */
import type { Declaration } from '../kit/declaration.ts';
import { createWorld, type Args } from '../kit/world.ts';

export const claims: Declaration = {
  subgraphs: [
    {
      name: 'cases',
      typeDefs: `
        type Query { cases: [Case!]! }
        enum Currency { CNY USD }
        type Case @key(fields: "id") {
          id: ID!
          claim(in: Currency! = CNY, rounded: Boolean): Int
          parties(first: Int = 9): [Party!]!
        }
        type Party { name(short: Boolean = false): String! }
      `,
    },
    {
      name: 'fees',
      typeDefs: `
        enum Currency { CNY USD }
        type Query { dearest: Case }
        type Case @key(fields: "id") {
          id: ID!
          claim(in: Currency! = CNY, rounded: Boolean): Int @external
          parties(first: Int = 9): [Party!]! @external
          fee: Int @requires(fields: "claim(in: CNY)")
          feeAbroad: Int @requires(fields: "claim(in: USD, rounded: true)")
          label: String @requires(fields: "parties(first: 1) { name(short: true) }")
          letterhead: String @requires(fields: "parties(first: 2) { name(short: false) }")
        }
        type Party { name(short: Boolean = false): String! @external }
      `,
    },
    {
      name: 'law',
      typeDefs: `
        enum Currency { CNY USD }
        type Case @key(fields: "id") {
          id: ID!
          claim(in: Currency! = CNY, rounded: Boolean): Int @external
          article: String @requires(fields: "claim(in: USD)")
        }
      `,
    },
  ],
  world() {
    const reckon = (value: unknown, by: number) => (value === null ? null : Math.round(Number(value) * by));
    const party = (name: string) => ({
      ...{ __typename: 'Party', label: name },
      name: ({ short }: Args) => (short ? name.slice(0, 1) : name),
    });
    const one = (id: string, claim: number | null) => ({
      ...{ __typename: 'Case', id },
      claim: ({ in: currency, rounded }: Args) =>
        reckon(claim, currency === 'USD' ? (rounded ? 10 : 14) : rounded ? 100 : 101),
      parties: ({ first }: Args) => [`Li ${id}`, `Wang ${id}`, `Zhao ${id}`].slice(0, Number(first)).map(party),
      fee: (_: Args, needs: Args) => reckon(needs['claim'], 0.1),
      feeAbroad: (_: Args, needs: Args) => reckon(needs['claim'], 0.2),
      article: (_: Args, needs: Args) => JSON.stringify(needs),
      label: (_: Args, needs: Args) => JSON.stringify(needs['parties']),
      letterhead: (_: Args, needs: Args) => JSON.stringify(needs['parties']),
    });
    const list = [one('c1', 100), one('c2', null), one('c3', 7)];
    return createWorld({ things: list, query: { cases: list, dearest: list[0] } });
  },
};
