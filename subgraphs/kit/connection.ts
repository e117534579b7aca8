/** Relay connections, the same in every room. */

export interface PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
}

export interface Connection<T> {
  readonly edges: { readonly cursor: string; readonly node: T }[];
  readonly nodes: T[];
  readonly pageInfo: PageInfo;
  readonly totalCount: number | null;
}

export interface ConnectionInput<T> {
  readonly nodes: readonly T[];
  readonly cursorOf: (node: T) => string;
  readonly hasNextPage: boolean;
  /** True when the page was asked for with `after`. */
  readonly hasPreviousPage: boolean;
  readonly totalCount: number | null;
}

/** Cursors are made when they are asked for: sealing one is dear, and most questions are about nodes. */
export function toConnection<T>(input: ConnectionInput<T>): Connection<T> {
  const { nodes, cursorOf } = input;
  const cursorAt = (node: T | undefined): string | null => (node === undefined ? null : cursorOf(node));
  return {
    edges: nodes.map((node) => ({
      get cursor() {
        return cursorOf(node);
      },
      node,
    })),
    nodes: [...nodes],
    pageInfo: {
      hasNextPage: input.hasNextPage,
      hasPreviousPage: input.hasPreviousPage,
      get startCursor() {
        return cursorAt(nodes[0]);
      },
      get endCursor() {
        return cursorAt(nodes.at(-1));
      },
    },
    totalCount: input.totalCount,
  };
}

/** For a list fetched with one row more than asked: cuts the extra row off and says that there is more. */
export function cutPage<T>(
  rows: readonly T[],
  first: number,
): { readonly nodes: readonly T[]; readonly hasNextPage: boolean } {
  return { nodes: rows.slice(0, first), hasNextPage: rows.length > first };
}
