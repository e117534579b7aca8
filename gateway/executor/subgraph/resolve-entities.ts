/** `_entities` as @apollo/subgraph resolves it, but without promises for what is there at once. */
import { isObjectType, type GraphQLFieldResolver, type GraphQLObjectType } from 'graphql';
import { abandon, isThenable } from './thenable.ts';

type Resolve = GraphQLFieldResolver<unknown, unknown>;

interface Representation {
  readonly __typename?: unknown;
}

/** Where @apollo/subgraph keeps a type's `__resolveReference`. */
interface FederatedExtensions {
  readonly apollo?: { readonly subgraph?: { readonly resolveReference?: ResolveReference } };
}
type ResolveReference = (reference: Representation, ...given: [context: unknown, info: unknown]) => unknown;

/** `otherwise` is @apollo/subgraph's own: asked where one of them is known by an interface, or by no type of the schema. */
export function createEntitiesResolver(otherwise: Resolve): Resolve {
  return (source, args, context, info) => {
    const { representations } = args as { readonly representations: readonly Representation[] };
    const types = representations.map(({ __typename: name }) =>
      typeof name === 'string' ? info.schema.getType(name) : undefined,
    );
    if (!types.every(isObjectType)) return otherwise(source, args, context, info);
    const entities: unknown[] = [];
    try {
      for (const [index, representation] of representations.entries())
        entities.push(resolveEntity(types[index] as GraphQLObjectType, representation, context, info));
    } catch (error) {
      abandon(entities);
      throw error;
    }
    return entities;
  };
}

function resolveEntity(type: GraphQLObjectType, representation: Representation, context: unknown, info: unknown) {
  const { resolveReference } = (type.extensions as FederatedExtensions).apollo?.subgraph ?? {};
  const entity = resolveReference ? resolveReference(representation, context, info) : representation;
  if (isThenable(entity)) return Promise.resolve(entity).then((awaited) => withType(awaited, type.name));
  try {
    return withType(entity, type.name);
  } catch (error) {
    // An object that nothing can be added to costs its own part only.
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }
}

/** By its `__typename` the member of the union is told: added to an object that has none; one that says another stays as it is. */
function withType(entity: unknown, name: string): unknown {
  if (typeof entity !== 'object' || entity === null) return entity;
  if (!('__typename' in entity)) return Object.defineProperty(entity, '__typename', { value: name });
  return entity.__typename === name ? entity : { ...entity, __typename: name };
}
