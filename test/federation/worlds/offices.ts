/** What several subgraphs hold alike, what one has taken over from another, and what no client may see. */
import type { Declaration } from '../kit/declaration.ts';
import { createWorld, type Args, type Thing } from '../kit/world.ts';

const registry = `
  type Query {
    offices(level: Level): [Office!]!
    today: String! @shareable
    town: Town @shareable
  }
  type Town @shareable { name: String! address: Address }
  type Office @key(fields: "id") {
    id: ID!
    name: String!
    phone: String
    level: Level
    levels: [Level]
    strictLevel: Level!
    address: Address @shareable
    safe: String @inaccessible
    channels: [Channel]
    contact: Contact
  }
  type Address @shareable { street: String! zip: String }
  enum Level { COUNTY TOWN SECRET @inaccessible }
  union Channel = Phone | Pager
  interface Contact { number: String! }
  type Phone implements Contact { number: String! extension: Int }
  type Pager implements Contact @inaccessible { number: String! }
`;
const desk = `
  type Query {
    today: String! @shareable
    town: Town @shareable
    desks: [Desk!]!
  }
  type Town @shareable { name: String! address: Address }
  type Office @key(fields: "id") {
    id: ID!
    phone: String @override(from: "registry")
    address: Address @shareable
    safe: String @external
    keyHolder: String @requires(fields: "safe")
    desks: [Desk!]!
  }
  type Address @shareable { street: String! zip: String }
  type Desk { number: Int! office: Office! level: Level }
  enum Level { COUNTY TOWN SECRET @inaccessible }
`;

export const offices: Declaration = {
  subgraphs: [
    {
      name: 'registry',
      typeDefs: registry,
      instead: {
        'Office.phone'() {
          throw new Error('The registry was asked for a telephone number, which the desk has taken over.');
        },
      },
    },
    { name: 'desk', typeDefs: desk },
  ],
  world() {
    const address = (street: string, zip: string | null) => ({ __typename: 'Address', street, zip });
    const phone = { __typename: 'Phone', number: '12345', extension: null };
    const pager = { __typename: 'Pager', number: '9' };
    const office = (id: string, level: string | null, contact: typeof phone | typeof pager) => ({
      ...{ __typename: 'Office', id, name: `Office ${id}`, phone: `call ${id}`, level, strictLevel: level },
      ...{ levels: ['TOWN', level, null], safe: `safe-${id}`, channels: [phone, contact], contact },
      address: level === null ? null : address(`${id} street`, null),
      keyHolder: (_: Args, needs: Args) => `keeps ${String(needs['safe'])}`,
      desks: () => desks.filter((one) => one.office['id'] === id),
    });
    const list = [office('o1', 'COUNTY', phone), office('o2', 'TOWN', phone)];
    const hidden = [office('o3', 'SECRET', pager), office('o4', null, phone)];
    const desks: (Thing & { readonly office: Thing })[] = [...list, ...hidden].map((one, number) => ({
      ...{ __typename: 'Desk', number, level: one.level, office: one },
    }));
    return createWorld({
      things: [...list, ...hidden],
      query: {
        // Asked without a level, only those of which everything can be told.
        offices: ({ level }: Args) =>
          level === undefined
            ? list
            : level === null
              ? [...list, ...hidden]
              : list.filter((one) => one.level === level),
        today: 'monday',
        town: { __typename: 'Town', name: 'Riverside', address: address('Main street', '310000') },
        desks: desks.slice(0, 2),
      },
    });
  },
};
