/** What a federation tells of, as one graph of plain objects: its subgraphs and the reference read the same. */

export type Args = Readonly<Record<string, unknown>>;

/** A field is a value, or a function of its arguments and of what its `@requires` names. */
export interface Thing {
  readonly __typename: string;
  readonly [field: string]: unknown;
}

export interface World {
  /** Where a query or mutation begins. */
  root(type: 'Query' | 'Mutation'): Thing;
  /** Whatever can be looked up by a key. */
  all(type: string): readonly Thing[];
  /** `needs`: what the field's `@requires` names, as it was given. */
  read(thing: Thing, field: string, args: Args, needs: Args): unknown;
}

export interface Told {
  readonly query: Readonly<Record<string, unknown>>;
  readonly mutation?: Readonly<Record<string, unknown>>;
  readonly things?: readonly Thing[];
}

export function createWorld({ query, mutation = {}, things = [] }: Told): World {
  const roots = { Query: { __typename: 'Query', ...query }, Mutation: { __typename: 'Mutation', ...mutation } };
  return {
    root: (type) => roots[type],
    all: (type) => things.filter(({ __typename }) => __typename === type),
    read(thing, field, args, needs) {
      const value = thing[field];
      return typeof value === 'function' ? (value as (args: Args, needs: Args) => unknown)(args, needs) : value;
    },
  };
}
