/** Field sets as `@key` and `@requires` name them: what they say of a thing, and what a representation says of them. */
import { Kind, parse, valueFromASTUntyped } from 'graphql';
import type { FieldNode, SelectionSetNode } from 'graphql';
import type { Args, Thing } from './world.ts';

export type FieldSet = SelectionSetNode;

export function parseFieldSet(text: string): FieldSet {
  const [definition] = parse(`{ ${text} }`).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`not a field set: ${text}`);
  return definition.selectionSet;
}

/** Reads a field of a thing, with everything that it needs. */
export type ReadField = (thing: Thing, field: string, args: Args) => unknown;
export type IsA = (type: string, condition: string) => boolean;

/** What a field set tells of a thing: what a gateway has to send for it. */
export function represent(thing: Thing, set: FieldSet, read: ReadField, isA: IsA): Args {
  const told: Record<string, unknown> = {};
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) {
      const value = selection.name.value === '__typename' ? thing.__typename : readSelected(thing, selection, read);
      told[selection.name.value] = each(value, selection.selectionSet, (one, below) =>
        represent(one as Thing, below, read, isA),
      );
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      if (isA(thing.__typename, selection.typeCondition?.name.value ?? thing.__typename))
        Object.assign(told, represent(thing, selection.selectionSet, read, isA));
    }
  }
  return told;
}

/** What was sent for a field set; null when something is missing. Of a fragment, whatever was sent: the type behind it is not. */
export function pick(sent: Args, set: FieldSet, inFragment = false): Args | null {
  const picked: Record<string, unknown> = {};
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) {
      const name = selection.name.value;
      if (!(name in sent)) {
        if (inFragment) continue;
        return null;
      }
      let whole = true;
      picked[name] = each(sent[name], selection.selectionSet, (one, below) => {
        const inner = pick(one as Args, below);
        whole &&= inner !== null;
        return inner;
      });
      if (!whole) return null;
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      Object.assign(picked, pick(sent, selection.selectionSet, true));
    }
  }
  return picked;
}

const readSelected = (thing: Thing, field: FieldNode, read: ReadField): unknown =>
  read(
    thing,
    field.name.value,
    Object.fromEntries((field.arguments ?? []).map(({ name, value }) => [name.value, valueFromASTUntyped(value)])),
  );

function each(value: unknown, below: FieldSet | undefined, tell: (one: unknown, below: FieldSet) => unknown): unknown {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.map((one) => each(one, below, tell));
  return below === undefined ? value : tell(value, below);
}

/** Every field that it names, at any depth. */
export const namesIn = (set: FieldSet): string[] =>
  set.selections.flatMap((selection) => [
    ...(selection.kind === Kind.FIELD ? [selection.name.value] : []),
    ...('selectionSet' in selection && selection.selectionSet ? namesIn(selection.selectionSet) : []),
  ]);
