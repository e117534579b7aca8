/**
 * A client may call a field as it likes, also as one that the plan reads for itself: `id: title` of a thing whose key is `id`. Then
 * the title would be sent as the key. Such an alias goes to the planner, and to the subgraphs, as another name.
 */
import { Kind, visit } from 'graphql';
import type { DocumentNode, FieldNode } from 'graphql';
import { responseName } from './document.ts';

/** Names in what is fetched to what the client calls them; only those that differ. */
export type ClientNames = ReadonlyMap<string, string>;

export interface Renamed {
  readonly document: DocumentNode;
  readonly clientNames: ClientNames;
}

/** `read`: what keys and requirements name. */
export function renameAliases(document: DocumentNode, read: ReadonlySet<string>): Renamed {
  const taken = new Set<string>();
  const misleading = new Set<string>();
  visit(document, {
    Field(node) {
      taken.add(responseName(node));
      if (node.alias && node.alias.value !== node.name.value && read.has(node.alias.value))
        misleading.add(node.alias.value);
    },
  });
  if (misleading.size === 0) return { document, clientNames: new Map() };
  const names = new Map([...misleading].map((alias) => [alias, freeName(alias, taken)]));
  const renamed = visit(document, {
    Field(node): FieldNode | undefined {
      const name = node.alias && node.alias.value !== node.name.value && names.get(node.alias.value);
      return name ? { ...node, alias: { kind: Kind.NAME, value: name } } : undefined;
    },
  });
  return { document: renamed, clientNames: new Map([...names].map(([alias, name]) => [name, alias])) };
}

function freeName(alias: string, taken: ReadonlySet<string>): string {
  let name = `${alias}__client`;
  while (taken.has(name)) name += '_';
  return name;
}
