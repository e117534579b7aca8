/** Interfaces and unions over subgraphs of which each knows other members; lists in lists; what a subgraph provides though it is another's. */
import type { Declaration } from '../kit/declaration.ts';
import { createWorld, type Args, type Thing } from '../kit/world.ts';

const catalogue = `
  type Query {
    works(kinds: [Kind!]): [Work!]!
    work(id: ID!): Work
    search(for: Search = { text: "a", kinds: [BOOK, FILM] }): [Found!]!
    newest: Found
    shelves: [[Holding]]!
    authors: [Author!]!
  }
  enum Kind { BOOK FILM MAP }
  input Search { text: String! kinds: [Kind!] = [BOOK] not: Search }
  interface Work {
    id: ID!
    title: String!
    kind: Kind!
    author: Author
  }
  type Book implements Work @key(fields: "id") {
    id: ID!
    title: String! @shareable
    kind: Kind!
    author: Author
    pages(from: Int = 1): Int
  }
  type Film implements Work @key(fields: "id") {
    id: ID!
    title: String! @shareable
    kind: Kind!
    author: Author
    minutes: Int
    sequel: Film
  }
  type Map implements Work {
    id: ID!
    title: String!
    kind: Kind!
    author: Author
    scale: Float
    stars: Int
  }
  union Found = Book | Film | Author
  type Author @key(fields: "id") {
    id: ID!
    name: String! @shareable
    born: Int
    works: [Work!]!
  }
  type Holding {
    label: String!
    work: Work
    kinds: [[Kind]]
    copies: [[Int!]]
  }
`;
const loans = `
  type Query {
    loans: [Loan!]!
    lent: [Lent]
    lendable(id: ID!): Lendable
  }
  type Loan @key(fields: "id") {
    id: ID!
    of: Lent
    thing: Lendable
    reader: Reader!
  }
  union Lent = Book | Film | Game
  interface Lendable {
    id: ID!
    loans(open: Boolean = true): [Loan!]!
    last: Loan
  }
  type Book implements Lendable @key(fields: "id") {
    id: ID!
    loans(open: Boolean = true): [Loan!]!
    last: Loan
  }
  type Film implements Lendable @key(fields: "id") {
    id: ID!
    loans(open: Boolean = true): [Loan!]!
    last: Loan
    damaged: Boolean
  }
  type Game implements Lendable @key(fields: "id") {
    id: ID!
    loans(open: Boolean = true): [Loan!]!
    last: Loan
    players: Int!
  }
  type Reader {
    name: String!
    favourite: Lent
  }
`;
const reviews = `
  type Query {
    praised: Book @provides(fields: "title")
    panned: Film
    picks: [Work!]! @provides(fields: "... on Book { title } ... on Film { title }")
    noted: [Noted!]! @provides(fields: "... on Book { title } ... on Author { name }")
  }
  union Noted = Book | Film | Author
  interface Work {
    id: ID!
    title: String!
    stars: Int
  }
  type Book implements Work @key(fields: "id") {
    id: ID!
    title: String! @external
    stars: Int
    reviews(first: Int = 2): [Review!]!
  }
  type Film implements Work @key(fields: "id") {
    id: ID!
    title: String! @external
    stars: Int
  }
  type Author @key(fields: "id") {
    id: ID!
    name: String! @external
    fans: Int
  }
  type Review {
    text: String
    about: Work
  }
`;

export const library: Declaration = {
  subgraphs: [
    { name: 'catalogue', typeDefs: catalogue },
    { name: 'loans', typeDefs: loans },
    { name: 'reviews', typeDefs: reviews },
  ],
  world() {
    const lending = (id: string) => ({
      loans: ({ open }: Args) => loaned.filter((loan) => loan.of.id === id && (open === false || loan.open)),
      last: () => loaned.findLast((loan) => loan.of.id === id) ?? null,
    });
    const book = (id: string, title: string, author: number | null, stars: number | null) => ({
      ...{ __typename: 'Book', id, title, kind: 'BOOK', stars, ...lending(id) },
      author: () => (author === null ? null : authors[author]),
      pages: ({ from }: Args) => 300 - Number(from),
      reviews: ({ first }: Args) => texts.slice(0, Number(first)).map((text) => review(`${title}: ${text}`, id)),
    });
    const film = (id: string, title: string, author: number | null, minutes: number | null) => ({
      ...{ __typename: 'Film', id, title, kind: 'FILM', minutes, stars: 2, damaged: minutes === null, ...lending(id) },
      author: () => (author === null ? null : authors[author]),
      sequel: () => works.find((work) => work.id === `${id}0`) ?? null,
    });
    const map = { __typename: 'Map', id: 'w9', title: 'The county', kind: 'MAP', author: null, scale: 0.5, stars: 4 };
    const game = { __typename: 'Game', id: 'g1', players: 4, ...lending('g1') };
    const texts = ['Long.', null, 'Short.'];
    const review = (text: string, of: string) => ({
      ...{ __typename: 'Review', text: text.endsWith('null') ? null : text },
      about: () => works.find(({ id }) => id === of),
    });
    const author = (id: string, name: string, born: number | null) => ({
      ...{ __typename: 'Author', id, name, born, fans: name.length },
      works: () => works.filter((work) => (work['author'] as () => Thing | null)?.()?.['id'] === id),
    });
    const authors = [author('a1', 'Ba Jin', 1904), author('a2', 'Xie Jin', null)];
    const books: Thing[] = [
      book('b1', 'Family', 0, 5),
      book('b2', 'Almanac', null, null),
      book('b3', 'Cold nights', 0, 3),
    ];
    const films: Thing[] = [film('f1', 'Two stage sisters', 1, 114), film('f10', 'Three stage sisters', null, null)];
    const works: Thing[] = [...books, ...films, map];
    const holding = (label: string, work: Thing | null) => ({
      ...{ __typename: 'Holding', label, work },
      kinds: [[work?.['kind'], null], null],
      copies: [[1, 2], [], null],
    });
    const loan = (id: string, of: Thing, open: boolean, name: string, favourite: Thing | null) => ({
      ...{ __typename: 'Loan', id, of, thing: of, open },
      reader: { __typename: 'Reader', name, favourite },
    });
    const [family, almanac] = books as [Thing, Thing];
    const [sisters] = films as [Thing];
    const loaned = [
      loan('l1', family, true, 'Chen', game),
      loan('l2', family, false, 'Sun', null),
      loan('l3', game, true, 'Chen', sisters),
      loan('l4', sisters, true, 'Wu', family),
    ];
    const matching = ({ text, kinds }: Args) =>
      works.filter(
        ({ kind, title }) =>
          kind !== 'MAP' && (kinds as string[]).includes(String(kind)) && String(title).includes(String(text)),
      );
    return createWorld({
      things: [...works, game, ...authors, ...loaned],
      query: {
        works: ({ kinds }: Args) => works.filter(({ kind }) => !kinds || (kinds as string[]).includes(String(kind))),
        work: ({ id }: Args) => works.find((work) => work.id === id) ?? null,
        search(args: Args) {
          const asked = args['for'] as Args;
          const unwanted = asked['not'] ? matching(asked['not'] as Args) : [];
          return [...matching(asked).filter((one) => !unwanted.includes(one)), ...authors];
        },
        newest: sisters,
        shelves: [[holding('A', family), null], [], [holding('B', map), holding('C', null)]],
        ...{ authors, loans: loaned, lent: [family, null, game, sisters, family] },
        lendable: ({ id }: Args) => [...works, game].find((one) => one['id'] === id) ?? null,
        ...{
          praised: family,
          panned: sisters,
          picks: [family, sisters, almanac],
          noted: [almanac, ...authors, sisters],
        },
      },
    });
  },
};
