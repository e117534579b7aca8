/** Two small subgraphs composed into one, for the gateway's own tests: people here, their cases there. */
import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { GraphQLScalarType, parse } from 'graphql';
import type { Caller } from '../../core/access/caller.ts';
import { AppError, badInput } from '../../core/platform/errors.ts';
import type { Subgraph, SubgraphContext } from '../../core/subgraph.ts';
import type { GatewayHooks, ReadyAnswer } from '../../gateway/executor/gateway-hooks.ts';

const FEDERATION = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@shareable", "@inaccessible", "@requires", "@external"])`;

const registrySdl = parse(`${FEDERATION}
  scalar Date
  enum Sex { MALE FEMALE UNKNOWN }
  input PersonFilter { name: String! bornOn: Date sex: Sex parts: [PartInput!] }
  input PartInput { role: Sex! label: String }
  type Query {
    me: Me!
    person(id: ID!): Person
    personByCitizenId(number: String!): Person
    persons(filter: PersonFilter!, first: Int = 20): PersonConnection!
    bornOn(day: Date!): Int
    break: String
    echo(text: String!): String
  }
  type Mutation { rename(id: ID!, name: String!): Person }
  type Me { subject: String! organisation: String! purpose: String reason: String }
  type PersonConnection { nodes: [Person!]! totalCount: Int }
  type Person @key(fields: "id") { id: ID! name: String! courtGrant: String @inaccessible friends(first: Int = 10): PersonConnection }
`);

const courtsSdl = parse(`${FEDERATION}
  type Query { courtCount: Int }
  type Person @key(fields: "id") { id: ID! courtGrant: String @external courtCases(first: Int = 20): CourtCaseConnection @requires(fields: "courtGrant") }
  type CourtCaseConnection { nodes: [CourtCase!]! }
  type CourtCase { id: ID! cause: String! }
`);

export const supergraphSdl: string = (() => {
  const composed = composeServices([
    { name: 'registry', typeDefs: registrySdl },
    { name: 'courts', typeDefs: courtsSdl },
  ]);
  if (!composed.supergraphSdl) throw new Error(composed.errors?.map((error) => error.message).join('\n'));
  return composed.supergraphSdl;
})();

const DateScalar = new GraphQLScalarType({
  name: 'Date',
  parseValue(value) {
    if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value))
      throw new TypeError(`Not a day: ${String(value)}`);
    return value;
  },
});

interface SmallContext extends SubgraphContext {
  readonly caller: Caller;
}

/** What the subgraphs were asked, and what they are told to do. */
export interface SmallGraph {
  readonly registry: Subgraph;
  readonly courts: Subgraph;
  readonly events: string[];
  /** Runs while an answer is made durable. */
  durable: () => Promise<void>;
  /** For the gateway: runs `durable` before each answer. */
  readonly hooks: GatewayHooks;
  /** What the hook was handed last. */
  ready: ReadyAnswer | null;
  /** Runs while a person is resolved. */
  meanwhile: () => Promise<void>;
}

export function createSmallGraph(): SmallGraph {
  const events: string[] = [];
  const person = (id: string) => ({ __typename: 'Person', id, name: `人${id}`, courtGrant: `grant-${id}` });
  const graph: SmallGraph = {
    events,
    durable: () => Promise.resolve(),
    ready: null,
    hooks: {
      async beforeAnswer(answer) {
        graph.ready = answer;
        await graph.durable();
        events.push('durable');
        return answer;
      },
    },
    meanwhile: () => Promise.resolve(),
    registry: {
      name: 'registry',
      schema: buildSubgraphSchema({
        typeDefs: registrySdl,
        resolvers: {
          Date: DateScalar,
          Query: {
            me: (_: unknown, __: unknown, { caller }: SmallContext) => ({
              subject: caller.subject,
              organisation: caller.organisation.code,
              purpose: caller.purpose,
              reason: caller.reason,
            }),
            person: async (_: unknown, { id }: { id: string }) => {
              await graph.meanwhile();
              return id === 'none' ? null : person(id);
            },
            personByCitizenId: () => {
              throw badInput('number', 'This is not a citizen ID: its check digit is wrong.');
            },
            persons: (_: unknown, { first }: { first: number }) => {
              if (first < 1 || first > 100) throw badInput('first', 'first must be from 1 to 100.');
              return {
                nodes: Array.from({ length: first }, (_unused, index) => person(String(index))),
                totalCount: first,
              };
            },
            bornOn: () => 1,
            break: () => {
              throw new Error('duplicate key: (citizen_id)=(11010519491231002X) 张三');
            },
            echo: (_: unknown, { text }: { text: string }) => {
              throw new AppError('CONFLICT', `Carelessly repeated: ${text}`, { details: { currentVersion: 3 } });
            },
          },
          Mutation: { rename: (_: unknown, { id }: { id: string }) => person(id) },
          Person: {
            __resolveReference: ({ id }: { id: string }) => person(id),
            friends: () => ({ nodes: [person('f')], totalCount: 1 }),
          },
        } as never,
      }),
      createContext: (caller: Caller) => {
        events.push(`registry context ${caller.requestId}`);
        const context: SmallContext = { caller, links: new Map([['1', 'DISPUTE']]) };
        return context;
      },
    },
    courts: {
      name: 'courts',
      schema: buildSubgraphSchema({
        typeDefs: courtsSdl,
        resolvers: {
          Query: { courtCount: () => 7 },
          Person: {
            courtCases: ({ id, courtGrant }: { id: string; courtGrant: string }) => ({
              nodes: courtGrant === `grant-${id}` ? [{ id: `case-${id}`, cause: '民间借贷纠纷' }] : [],
            }),
          },
        },
      }),
      createContext: (caller: Caller): SmallContext => {
        events.push(`courts context ${caller.requestId}`);
        return { caller };
      },
    },
  };
  return graph;
}
