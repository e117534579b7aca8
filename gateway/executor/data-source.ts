import type { GraphQLDataSource } from '@apollo/gateway';
import { Kind, parse } from 'graphql';
import type { DocumentNode, FieldNode, GraphQLFormattedError, SelectionNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Caller } from '../../core/access/caller.ts';
import type { Link } from '../../core/audit/disclosure.ts';

/** What Apollo carries through a request: `caller` is null only where a gateway serves anybody (`maplebridge gateway --open`). */
export interface GatewayContext {
  readonly caller: Caller | null;
  readonly requestId: string;
}

/** Data and errors as a subgraph gives them. */
export type SubgraphAnswer = Awaited<ReturnType<GraphQLDataSource['process']>>;

export interface SubgraphDataSource extends GraphQLDataSource {
  /** Why the caller may see whom of those it has resolved for this request, by person. */
  links(context: GatewayContext): ReadonlyMap<string, Link>;
  close(): Promise<void>;
}

export type ParseCached = (query: string) => DocumentNode;

/** A plan's fetches are the same text every time; parsing them again and again would cost more than running them. */
export function createParseCache(max = 1_000): ParseCached {
  const documents = new LRUCache<string, DocumentNode>({ max });
  return (query) => {
    let document = documents.get(query);
    if (!document) {
      document = parse(query, { noLocation: true });
      documents.set(query, document);
    }
    return document;
  };
}

/** Of one failed fetch; a list of a thousand entities does not need a thousand errors. */
const MAX_ERRORS = 100;

/** A subgraph that gives no answer: an error for every field that it was asked for, at the place where it is null. */
export function unavailable(
  service: string,
  document: DocumentNode,
  variables: Readonly<Record<string, unknown>>,
): GraphQLFormattedError[] {
  const operation = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const roots = (operation?.selectionSet.selections ?? []).filter((selection) => selection.kind === Kind.FIELD);
  const paths = roots.flatMap((root) =>
    root.name.value === '_entities' ? entityPaths(root, variables) : [[responseName(root)]],
  );
  return paths.slice(0, MAX_ERRORS).map((path) => ({
    message: `The service ${service} does not answer at the moment; what it holds is missing here.`,
    path,
    extensions: { code: 'SOURCE_UNAVAILABLE' },
  }));
}

const responseName = (field: FieldNode): string => (field.alias ?? field.name).value;

function entityPaths(root: FieldNode, variables: Readonly<Record<string, unknown>>): (string | number)[][] {
  const representations = variables['representations'];
  if (!Array.isArray(representations)) return [];
  return representations.flatMap((representation: { __typename?: string }, index) =>
    fieldsOf(root.selectionSet?.selections ?? [], representation.__typename).map((name) => ['_entities', index, name]),
  );
}

/** A planner's entity fetch is one inline fragment per type; `__typename` is nobody's question. */
const fieldsOf = (selections: readonly SelectionNode[], typename: string | undefined): string[] =>
  selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return selection.name.value === '__typename' ? [] : [responseName(selection)];
    if (selection.kind !== Kind.INLINE_FRAGMENT) return [];
    const condition = selection.typeCondition?.name.value;
    return condition === undefined || condition === typename
      ? fieldsOf(selection.selectionSet.selections, typename)
      : [];
  });
