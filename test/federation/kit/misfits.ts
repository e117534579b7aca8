/** Where data cannot be an answer to a query, whatever it is about: a name that nobody asked for, null or another shape where it must not be. */
import {
  getNamedType,
  isCompositeType,
  isListType,
  isNonNullType,
  isObjectType,
  isInterfaceType,
  Kind,
  parse,
} from 'graphql';
import type { DocumentNode, GraphQLList, GraphQLOutputType, GraphQLSchema, SelectionSetNode } from 'graphql';

/** What may stand under one name: of an interface's members each may mean something else by it. */
interface Meant {
  readonly types: GraphQLOutputType[];
  readonly within: { readonly set: SelectionSetNode; readonly type: string }[];
}

export function misfits(schema: GraphQLSchema, query: string, data: unknown): readonly string[] {
  const document = parse(query);
  const found: string[] = [];

  const look = (value: unknown, types: readonly GraphQLOutputType[], within: Meant['within'], path: string): void => {
    if (value === null) {
      if (types.every(isNonNullType)) found.push(`${path} is null`);
      return;
    }
    const bare = types.map((type) => (isNonNullType(type) ? type.ofType : type));
    const lists = bare.filter((type): type is GraphQLList<GraphQLOutputType> => isListType(type));
    if (Array.isArray(value)) {
      if (lists.length === 0) found.push(`${path} is a list`);
      else
        value.forEach((one, index) =>
          look(
            one,
            lists.map(({ ofType }) => ofType),
            within,
            `${path}.${index}`,
          ),
        );
    } else if (lists.length > 0 && lists.length === bare.length) found.push(`${path} is no list`);
    else if (bare.some((type) => isCompositeType(getNamedType(type)))) lookInto(value as object, within, path);
  };
  const lookInto = (value: object, within: Meant['within'], path: string): void => {
    const meant = new Map<string, Meant>();
    for (const { set, type } of within) gather(schema, document, set, type, meant);
    for (const [name, one] of Object.entries(value)) {
      const what = meant.get(name);
      if (what) look(one, what.types, what.within, `${path}.${name}`);
      else found.push(`${path}.${name} was not asked for`);
    }
  };

  const operation = document.definitions.find((one) => one.kind === Kind.OPERATION_DEFINITION);
  const root = operation && schema.getRootType(operation.operation);
  if (data !== null && root) lookInto(data as object, [{ set: operation.selectionSet, type: root.name }], 'data');
  return found;
}

function gather(
  schema: GraphQLSchema,
  document: DocumentNode,
  set: SelectionSetNode,
  typeName: string,
  meant: Map<string, Meant>,
): void {
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) {
      const type = schema.getType(typeName);
      const fields = isObjectType(type) || isInterfaceType(type) ? type.getFields() : {};
      const declared = fields[selection.name.value]?.type;
      const name = (selection.alias ?? selection.name).value;
      const what = meant.get(name) ?? { types: [], within: [] };
      meant.set(name, what);
      if (declared) what.types.push(declared);
      if (declared && selection.selectionSet)
        what.within.push({ set: selection.selectionSet, type: getNamedType(declared).name });
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      gather(schema, document, selection.selectionSet, selection.typeCondition?.name.value ?? typeName, meant);
    } else {
      const fragment = document.definitions.find(
        (one) => one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === selection.name.value,
      );
      if (fragment?.kind === Kind.FRAGMENT_DEFINITION)
        gather(schema, document, fragment.selectionSet, fragment.typeCondition.name.value, meant);
    }
  }
}
