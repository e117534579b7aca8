/** What one subgraph can only say when it is told what others know: chains of it, in circles, of things within, of unions, of interfaces. */
import type { Declaration } from '../kit/declaration.ts';
import { createWorld, type Args } from '../kit/world.ts';

const cases = `
  type Query { cases: [Case!]! case(id: ID!): Case }
  type Case @key(fields: "id") {
    id: ID!
    claim: Int!
    years: Int
    parties: [Party!]!
    evidence: [Evidence]
    earlier: Case
  }
  type Party { name: String! home: Home }
  type Home { town: String street: String }
  union Evidence = Letter | Witness
  type Letter { pages: Int! }
  type Witness { name: String! party: Party }
`;
const fees = `
  type Case @key(fields: "id") {
    id: ID!
    claim: Int! @external
    years: Int @external
    article: String @external
    fee: Int @requires(fields: "claim")
    perYear: Float @requires(fields: "claim years")
    rebate: String @requires(fields: "article")
  }
`;
const law = `
  type Case @key(fields: "id") {
    id: ID!
    fee: Int @external
    parties: [Party!]! @external
    evidence: [Evidence] @external
    earlier: Case @external
    weight: Int @requires(fields: "fee")
    between: String @requires(fields: "parties { name home { town } }")
    proven: String @requires(fields: "evidence { ... on Letter { pages } ... on Witness { name party { name } } }")
    follows: String @requires(fields: "earlier { fee parties { name } }")
    article: String
  }
  type Party { name: String! @external home: Home @external }
  type Home { town: String @external }
  union Evidence = Letter | Witness
  type Letter { pages: Int! @external }
  type Witness { name: String! @external party: Party @external }
`;
const bank = `
  type Query { dearest: Case precedents: [Case!]! }
  type Case @key(fields: "id") {
    id: ID!
    claim: Int! @external
    weight: Int @external
    interest: Float @requires(fields: "weight")
    total: Float @requires(fields: "claim weight")
  }
`;

export const mediation: Declaration = {
  subgraphs: [
    { name: 'cases', typeDefs: cases },
    { name: 'fees', typeDefs: fees },
    { name: 'law', typeDefs: law },
    { name: 'bank', typeDefs: bank },
  ],
  world() {
    const number = (value: unknown, reckon: (of: number) => number) => (value == null ? null : reckon(Number(value)));
    const told = (key: string) => (_: Args, needs: Args) => JSON.stringify(needs[key]);
    const party = (name: string, town: string | null) => ({
      ...{ __typename: 'Party', name },
      home: town === null ? null : { __typename: 'Home', town, street: `${town} street` },
    });
    const one = (id: string, claim: number, years: number | null, earlier: () => unknown) => ({
      ...{ __typename: 'Case', id, claim, years, earlier, article: `§ ${claim}` },
      parties: [party(`plaintiff ${id}`, 'Riverside'), party(`defendant ${id}`, null)],
      evidence: [
        { __typename: 'Letter', pages: claim },
        null,
        { __typename: 'Witness', name: `witness ${id}`, party: party(`plaintiff ${id}`, null) },
        { __typename: 'Witness', name: 'a stranger', party: null },
      ],
      fee: (_: Args, { claim: told }: Args) => number(told, (of) => Math.round(of / 10)),
      weight: (_: Args, needs: Args) => number(needs['fee'], (of) => of + 1),
      rebate: (_: Args, needs: Args) => `for ${String(needs['article'])}`,
      interest: (_: Args, needs: Args) => number(needs['weight'], (of) => of / 8),
      total: (_: Args, needs: Args) => number(needs['weight'], (of) => of + Number(needs['claim'])),
      perYear: (_: Args, needs: Args) => number(needs['years'], (of) => Number(needs['claim']) / of),
      ...{ between: told('parties'), proven: told('evidence'), follows: told('earlier') },
    });
    const list: ReturnType<typeof one>[] = [
      one('c1', 1000, 2, () => list[1]),
      one('c2', 240, null, () => null),
      one('c3', 80, 4, () => list[0]),
    ];
    return createWorld({
      things: list,
      query: {
        cases: list,
        case: ({ id }: Args) => list.find((each) => each.id === id) ?? null,
        dearest: list[0],
        precedents: [list[2], list[0]],
      },
    });
  },
};
