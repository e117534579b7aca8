/** A subgraph with two keys: one by which it can be entered, one that it only knows. */
import type { Declaration } from '../kit/declaration.ts';
import { createWorld, type Args, type Thing } from '../kit/world.ts';

export const votes: Declaration = {
  subgraphs: [
    {
      name: 'places',
      typeDefs: `
        type Query { townships: [Township!]! }
        type Township @key(fields: "id") @key(fields: "code") {
          id: ID!
          code: String!
          population: Int
        }
      `,
    },
    {
      name: 'votes',
      typeDefs: `
        type Query { counted: [Township!]! }
        type Township @key(fields: "id", resolvable: false) @key(fields: "code") {
          id: ID!
          code: String!
          population: Int @external
          turnout: Int
          share: Float @requires(fields: "population")
        }
      `,
    },
    {
      name: 'people',
      typeDefs: `
        type Query { mediators: [Mediator!]! }
        type Mediator @key(fields: "name") {
          name: String!
          home: Township
        }
        type Township @key(fields: "id") {
          id: ID!
          mediators: [Mediator!]!
        }
      `,
    },
  ],
  world() {
    const township = (id: string, population: number | null, turnout: number) => ({
      ...{ __typename: 'Township', id, code: `code-${id}`, population, turnout },
      share: (_: Args, needs: Args) => (needs['population'] === null ? null : turnout / Number(needs['population'])),
      mediators: () => mediators.filter(({ home }) => (home as Thing | null)?.['id'] === id),
    });
    const townships = [township('t1', 400, 100), township('t2', null, 20)];
    const mediators: Thing[] = [
      { __typename: 'Mediator', name: 'Li', home: townships[0] },
      { __typename: 'Mediator', name: 'Wang', home: townships[1] },
      { __typename: 'Mediator', name: 'Zhao', home: null },
    ];
    return createWorld({
      things: [...townships, ...mediators],
      query: { townships, counted: townships, mediators },
    });
  },
};
