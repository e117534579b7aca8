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

export function toConnection<T>(input: ConnectionInput<T>): Connection<T> {
  const edges = input.nodes.map((node) => ({ cursor: input.cursorOf(node), node }));
  return {
    edges,
    nodes: [...input.nodes],
    pageInfo: {
      hasNextPage: input.hasNextPage,
      hasPreviousPage: input.hasPreviousPage,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
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
