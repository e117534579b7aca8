/** By what a subgraph can be asked for a thing. */
import { Kind } from 'graphql';
import type { DocumentNode } from 'graphql';
import { fieldSet, flagOf, graphOf, textOf } from './join-directive.ts';

/** Has a representation, whose `__typename` is this type, a key by which its subgraph lets in? Of a key within only the outermost field is looked at. */
export type HasKey = (type: string, representation: Readonly<Record<string, unknown>>) => boolean;

/** By subgraph. `services`: value of `join__Graph` to the subgraph's name. */
export function readKeys(supergraph: DocumentNode, services: ReadonlyMap<string, string>): (service: string) => HasKey {
  const byService = new Map<string, Map<string, (readonly string[])[]>>();
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    for (const directive of definition.directives ?? []) {
      const key = directive.name.value === 'join__type' ? textOf(directive, 'key') : null;
      if (key === null || flagOf(directive, 'resolvable') === false) continue;
      const graph = graphOf(directive);
      const service = services.get(graph) ?? graph;
      const keys = byService.get(service) ?? new Map<string, (readonly string[])[]>();
      byService.set(service, keys);
      keys.set(definition.name.value, [...(keys.get(definition.name.value) ?? []), outermost(key)]);
    }
  }
  return (service) => {
    const keys = byService.get(service);
    return (type, representation) =>
      keys?.get(type)?.some((names) => names.every((name) => Object.hasOwn(representation, name))) ?? true;
  };
}

const outermost = (key: string): readonly string[] =>
  fieldSet(key).selections.flatMap((node) => (node.kind === Kind.FIELD ? [node.name.value] : []));
