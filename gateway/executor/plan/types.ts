/** Which objects are of which type, remembered by name. */
import { isAbstractType, isObjectType, isInterfaceType, type GraphQLSchema } from 'graphql';
import type { Fetched, FetchedObject } from '../run/fetched.ts';

export interface Types {
  /** `unknown`: the answer for an object that does not say what it is. */
  isA(object: FetchedObject, type: string, unknown: boolean): boolean;
  isInterface(name: Fetched): boolean;
  interfacesOf(name: string): readonly string[];
}

export function createTypes(schema: GraphQLSchema): Types {
  const known = new Map<string, Map<string, boolean>>();
  function look(name: string, wanted: string): boolean {
    const [type, condition] = [schema.getType(name), schema.getType(wanted)];
    return (
      isAbstractType(condition) && (isObjectType(type) || isInterfaceType(type)) && schema.isSubType(condition, type)
    );
  }
  return {
    interfacesOf(name) {
      const type = schema.getType(name);
      return isObjectType(type) ? type.getInterfaces().map((one) => one.name) : [];
    },
    isInterface: (name) => typeof name === 'string' && isInterfaceType(schema.getType(name)),
    isA(object, wanted, unknown) {
      const name = object['__typename'];
      if (typeof name !== 'string') return unknown;
      if (name === wanted) return true;
      let answers = known.get(wanted);
      if (!answers) known.set(wanted, (answers = new Map<string, boolean>()));
      let answer = answers.get(name);
      // Only names of the schema are kept: subgraphs may say anything.
      if (answer === undefined) {
        answer = look(name, wanted);
        if (schema.getType(name)) answers.set(name, answer);
      }
      return answer;
    },
  };
}
