/** Acts in two subgraphs that see what was done before them. */
import type { Declaration } from '../kit/declaration.ts';
import { createWorld, type Args } from '../kit/world.ts';

export const notebook: Declaration = {
  subgraphs: [
    {
      name: 'notes',
      typeDefs: `
        type Query { notes: [Note!]! }
        type Mutation { write(text: String!, tags: [String!] = ["new"]): Note erase(id: ID!): Note! }
        type Note @key(fields: "id") { id: ID! text: String! tags: [String!]! count: Int! }
      `,
    },
    {
      name: 'stamps',
      typeDefs: `
        type Query { stamped: [Note!]! }
        type Mutation { stamp(id: ID!): Note refuse: Note tear: Note! }
        type Note @key(fields: "id") { id: ID! stamps: Int! first: Note }
      `,
    },
  ],
  world() {
    interface Written {
      readonly id: string;
      stamps: number;
    }
    const notes: (Written & Readonly<Record<string, unknown>> & { __typename: string })[] = [];
    const find = ({ id }: Args) => {
      const note = notes.find((one) => one.id === id);
      if (!note) throw new Error('There is no such note.');
      return note;
    };
    return {
      ...createWorld({
        query: { notes: () => [...notes], stamped: () => notes.filter(({ stamps }) => stamps > 0) },
        mutation: {
          write({ text, tags }: Args) {
            // How many there were when it was written.
            const count = notes.length;
            const note = {
              __typename: 'Note',
              id: `n${count + 1}`,
              text,
              tags,
              count,
              stamps: 0,
              first: () => notes[0],
            };
            notes.push(note);
            return note;
          },
          erase: (args: Args) => notes.splice(notes.indexOf(find(args)), 1)[0],
          stamp(args: Args) {
            const note = find(args);
            note.stamps += 1;
            return note;
          },
          refuse() {
            throw new Error('No stamp for this.');
          },
          tear: () => null,
        },
      }),
      all: () => notes,
    };
  },
};
