/** What an answer should be: plain graphql-js over the merged data, as if there were no federation. */
import { graphql, isInterfaceType, isObjectType, type GraphQLSchema } from 'graphql';
import { isAIn, requirements, typeDefsOf, type Declaration } from './declaration.ts';
import { broken, type Faults } from './faults.ts';
import { represent, type FieldSet, type ReadField } from './field-set.ts';
import type { Answer } from './answer.ts';
import type { Args, Thing, World } from './world.ts';

export interface ReferenceOptions {
  readonly declaration: Declaration;
  readonly world: World;
  readonly faults: () => Faults;
  readonly apiSchema: GraphQLSchema;
  readonly supergraph: GraphQLSchema;
}

export function createReference({ declaration, world, faults, apiSchema, supergraph }: ReferenceOptions) {
  const required = new Map(declaration.subgraphs.flatMap((one) => [...requirements(typeDefsOf(one))]));
  const isA = isAIn(() => supergraph);

  /** Of the type itself, or of the interface that an `@interfaceObject` stands for. */
  const requirementOf = (type: string, field: string): FieldSet | undefined => {
    const named = supergraph.getType(type);
    const types = isObjectType(named) || isInterfaceType(named) ? [named, ...named.getInterfaces()] : [];
    return types.map(({ name }) => required.get(`${name}.${field}`)).find((set) => set !== undefined);
  };
  const read: ReadField = (thing, field, args) => {
    const set = requirementOf(thing.__typename, field);
    return world.read(thing, field, args, set ? represent(thing, set, read, isA) : {});
  };

  return async (query: string, variables: Args = {}): Promise<Answer> => {
    const answer = await graphql({
      schema: apiSchema,
      source: query,
      variableValues: variables,
      typeResolver: (source) => (source as Thing).__typename,
      fieldResolver(source: unknown, args: Args, _context, { parentType, fieldName }) {
        const thing = (source ?? world.root(parentType.name as 'Query')) as Thing;
        return broken(faults(), thing, fieldName, () => read(thing, fieldName, args));
      },
    });
    return JSON.parse(JSON.stringify(answer)) as Answer;
  };
}
