/**
 * Fetches of one service that are ready together go out as one request: `_entities` under several names. Those that ask the
 * same, of entities in several places, are one question with all the entities.
 */
import { Kind, OperationTypeNode } from 'graphql';
import type { DocumentNode, FieldNode, NameNode, SelectionNode, VariableDefinitionNode } from 'graphql';
import { createOperation, type SubgraphOperation } from '../data-source.ts';
import type { PlannedFetch } from './planned-fetch.ts';
import { entitiesField, operationOf, responseName, textOf } from './document.ts';

/** One `_entities` of a request. */
export interface Question {
  /** What it is called in the answer. */
  readonly name: string;
  /** The variable that its representations go in. */
  readonly variable: string;
  readonly fetches: readonly PlannedFetch[];
}

export interface JoinedFetch {
  readonly operation: SubgraphOperation;
  /** The client's variables in it. */
  readonly variables: readonly string[];
  /** Null where it asks at the root. */
  readonly questions: readonly Question[] | null;
}

/** One or more fetches, in the order of the plan; those joined ask for entities of one service. */
export type Join = (fetches: readonly PlannedFetch[]) => JoinedFetch;

const REPRESENTATIONS = 'representations';

/** Remembers what it made: the same fetches become ready together every time, or nearly. */
export function createJoin(all: readonly PlannedFetch[]): Join {
  const single: (JoinedFetch | undefined)[] = [];
  const joined = new Map<string, JoinedFetch>();
  // Of n fetches there are 2^n sets; a plan uses a few of them. What would take more than the fetches themselves is made anew.
  let room = all.reduce((sum, { document }) => sum + textOf(document).length, 0) * 2;
  return (fetches) => {
    const [first] = fetches;
    if (fetches.length === 1 && first) return (single[first.index] ??= alone(first));
    const key = fetches.map(({ index }) => index).join();
    let fetch = joined.get(key);
    if (!fetch) {
      fetch = together(fetches);
      const { length } = fetch.operation.query;
      if (length < room) {
        room -= length;
        joined.set(key, fetch);
      }
    }
    return fetch;
  };
}

function alone(fetch: PlannedFetch): JoinedFetch {
  const { document, kind, variables, entities } = fetch;
  const questions = entities
    ? [{ name: responseName(entitiesField(document)), variable: REPRESENTATIONS, fetches: [fetch] }]
    : null;
  return { operation: createOperation(document, kind), variables, questions };
}

/** Together those that ask the same, of whatever entities. */
function gather(fetches: readonly PlannedFetch[]): PlannedFetch[][] {
  const groups = new Map<string, PlannedFetch[]>();
  for (const fetch of fetches) {
    const key = fetch.entities ? fetch.entities.text + fetch.entities.requires : '';
    const group = groups.get(key);
    if (group) group.push(fetch);
    else groups.set(key, [fetch]);
  }
  return [...groups.values()];
}

const nameNode = (value: string): NameNode => ({ kind: Kind.NAME, value });

function together(fetches: readonly PlannedFetch[]): JoinedFetch {
  const definitions = new Map<string, VariableDefinitionNode>();
  const taken = new Set(fetches.flatMap(({ variables }) => variables));
  const free = (prefix: string, number: number): string => {
    let name = `${prefix}${number}`;
    while (taken.has(name)) name += '_';
    return name;
  };
  const selections: SelectionNode[] = [];
  const questions = gather(fetches).map((group, number): Question => {
    const [{ document }] = group as [PlannedFetch];
    const [name, variable] = [`_entities${number}`, free(REPRESENTATIONS, number)];
    for (const definition of operationOf(document).variableDefinitions ?? []) {
      const own = definition.variable.name.value;
      const called = own === REPRESENTATIONS ? variable : own;
      definitions.set(called, { ...definition, variable: { kind: Kind.VARIABLE, name: nameNode(called) } });
    }
    const field: FieldNode = {
      ...entitiesField(document),
      alias: nameNode(name),
      arguments: [
        {
          kind: Kind.ARGUMENT,
          name: nameNode(REPRESENTATIONS),
          value: { kind: Kind.VARIABLE, name: nameNode(variable) },
        },
      ],
    };
    selections.push(field);
    return { name, variable, fetches: group };
  });
  const document: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: [
      {
        kind: Kind.OPERATION_DEFINITION,
        operation: OperationTypeNode.QUERY,
        variableDefinitions: [...definitions.values()],
        selectionSet: { kind: Kind.SELECTION_SET, selections },
      },
    ],
  };
  const variables = [...new Set(fetches.flatMap((fetch) => fetch.variables))];
  return { operation: createOperation(document, 'query'), variables, questions };
}
