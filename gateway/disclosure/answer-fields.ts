/** An answer beside the document that asked for it. */
import { Kind } from 'graphql';
import type { DocumentNode, FieldNode, FragmentDefinitionNode, SelectionSetNode } from 'graphql';

export type Answer = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Answer =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The objects of a field's value, however deep its lists. */
export const objectsIn = (value: unknown): Answer[] =>
  Array.isArray(value) ? value.flatMap(objectsIn) : isObject(value) ? [value] : [];

export const textsIn = (value: unknown): string[] =>
  Array.isArray(value) ? value.flatMap(textsIn) : typeof value === 'string' ? [value] : [];

export const responseName = ({ alias, name }: FieldNode): string => (alias ?? name).value;

/** Undefined where the answer has no such field; what every object has by a name (`constructor`) is none. */
export const valueOf = (object: Answer, field: FieldNode): unknown => {
  const name = responseName(field);
  return Object.hasOwn(object, name) ? object[name] : undefined;
};

export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

export const fragmentsIn = ({ definitions }: DocumentNode): Fragments =>
  new Map(
    definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [])),
  );

/** All fields of an object's selection that are in the answer, those of its fragments among them. */
export function* fieldsOf(selectionSet: SelectionSetNode, type: string, fragments: Fragments): Generator<FieldNode> {
  for (const selection of selectionSet.selections) {
    if (selection.kind === Kind.FIELD) yield selection;
    else {
      const below = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      const condition = below?.typeCondition?.name.value;
      if (below && (condition === undefined || condition === type))
        yield* fieldsOf(below.selectionSet, type, fragments);
    }
  }
}
