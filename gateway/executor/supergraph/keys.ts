/** By what a subgraph can be asked for a thing. */
import { Kind } from 'graphql';
import type { DocumentNode } from 'graphql';
import { fieldSet, flagOf, graphOf, textOf } from './join-directive.ts';

/** Has a representation, whose `__typename` is this type, a key by which the subgraph lets in? Of a key within only the outermost field is looked at. */
export type HasKey = (type: string, service: string, representation: Readonly<Record<string, unknown>>) => boolean;

/** `services`: value of `join__Graph` to the subgraph's name. */
export function readKeys(supergraph: DocumentNode, services: ReadonlyMap<string, string>): HasKey {
  const keys = new Map<string, (readonly string[])[]>();
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    for (const directive of definition.directives ?? []) {
      const key = directive.name.value === 'join__type' ? textOf(directive, 'key') : null;
      if (key === null || flagOf(directive, 'resolvable') === false) continue;
      const graph = graphOf(directive);
      const place = `${definition.name.value}@${services.get(graph) ?? graph}`;
      keys.set(place, [...(keys.get(place) ?? []), outermost(key)]);
    }
  }
  return (type, service, representation) =>
    keys.get(`${type}@${service}`)?.some((names) => names.every((name) => name in representation)) ?? true;
}

const outermost = (key: string): readonly string[] =>
  fieldSet(key).selections.flatMap((node) => (node.kind === Kind.FIELD ? [node.name.value] : []));
