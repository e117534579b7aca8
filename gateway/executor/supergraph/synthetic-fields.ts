/**
 * A field that the planner sees where a `@requires` names a field that takes arguments: a copy without arguments, under a name
 * of its own. The planner knows requirements by field names only, and would merge `price(currency: "CNY")` of a requirement
 * with the client's `price(currency: "USD")`.
 */
import { Kind, print, stripIgnoredCharacters } from 'graphql';
import type {
  ArgumentNode,
  ConstDirectiveNode,
  FieldDefinitionNode,
  FieldNode,
  InterfaceTypeDefinitionNode,
  ObjectTypeDefinitionNode,
  SelectionSetNode,
  TypeNode,
} from 'graphql';
import { fieldSet, flagOf, graphOf, textOf, withArgument } from './join-directive.ts';

export type Composite = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode;

export interface SyntheticField {
  /** As the planner sees it, and as its value is called among what was fetched. */
  readonly name: string;
  /** As the subgraphs know it. */
  readonly field: string;
  /** The arguments as text. */
  readonly given: string;
  readonly arguments: readonly ArgumentNode[];
}

export interface SyntheticFields {
  readonly size: number;
  byName(name: string): SyntheticField | undefined;
  /** What a field of a subgraph requires of them; empty for most. */
  requiredBy(type: string, field: string, service: string): readonly SyntheticField[];
}

const namedOf = (type: TypeNode): string => (type.kind === Kind.NAMED_TYPE ? type.name.value : namedOf(type.type));

const joinFields = (field: FieldDefinitionNode): readonly ConstDirectiveNode[] =>
  (field.directives ?? []).filter(({ name }) => name.value === 'join__field');

/** Whoever is overridden has no copy. */
const copiedDirectives = (field: FieldDefinitionNode): readonly ConstDirectiveNode[] =>
  joinFields(field).filter((one) => flagOf(one, 'usedOverridden') !== true);

const textOfSet = (set: SelectionSetNode): string => stripIgnoredCharacters(print(set)).slice(1, -1);

/** Adds them to `types`, and has requirements name them. */
export function withSyntheticFields(
  types: Map<string, Composite>,
  services: ReadonlyMap<string, string>,
): SyntheticFields {
  const byName = new Map<string, SyntheticField>();
  const known = new Map<string, SyntheticField>();
  const required = new Map<string, SyntheticField[]>();
  const replaced = new Map<string, Set<string>>();
  const taken = new Set([...types.values()].flatMap((type) => (type.fields ?? []).map(({ name }) => name.value)));
  const fieldOf = (type: string, field: string): FieldDefinitionNode | undefined =>
    types.get(type)?.fields?.find(({ name }) => name.value === field);

  function syntheticFor(type: string, node: FieldNode): SyntheticField {
    const given = (node.arguments ?? []).map((argument) => print(argument)).sort();
    const key = `${type}.${node.name.value}(${given.join()})`;
    let name = known.get(key)?.name;
    for (let number = known.size; name === undefined; number += 1) {
      const free = `${node.name.value}__required_${number}`;
      if (!taken.has(free)) name = free;
    }
    const one = { name, field: node.name.value, given: given.join(), arguments: node.arguments ?? [] };
    if (!known.has(key)) known.set(key, one);
    if (!byName.has(name)) byName.set(name, one);
    addToTypes(type, one);
    return one;
  }

  function addToTypes(name: string, { name: added, field }: SyntheticField): void {
    for (const type of types.values()) {
      const isIt = type.name.value === name || (type.interfaces ?? []).some((one) => one.name.value === name);
      const original = type.fields?.find((one) => one.name.value === field);
      if (!isIt || !original || type.fields?.some((one) => one.name.value === added)) continue;
      const { description: _, ...bare } = original;
      const copy: FieldDefinitionNode = {
        ...bare,
        name: { kind: Kind.NAME, value: added },
        arguments: [],
        directives: copiedDirectives(original),
      };
      types.set(type.name.value, { ...type, fields: [...(type.fields ?? []), copy] });
    }
  }

  function rewrite(set: SelectionSetNode, type: string, graph: string, used: SyntheticField[]): SelectionSetNode {
    const selections = set.selections.map((node) => {
      if (node.kind === Kind.FRAGMENT_SPREAD) return node;
      if (node.kind === Kind.INLINE_FRAGMENT) {
        const inner = rewrite(node.selectionSet, node.typeCondition?.name.value ?? type, graph, used);
        return { ...node, selectionSet: inner };
      }
      const definition = fieldOf(type, node.name.value);
      const inner =
        node.selectionSet && definition && rewrite(node.selectionSet, namedOf(definition.type), graph, used);
      if (!definition?.arguments?.length) return { ...node, ...(inner && { selectionSet: inner }) };
      const one = syntheticFor(type, node);
      used.push(one);
      const graphs = replaced.get(`${type}.${one.field}`) ?? new Set<string>();
      replaced.set(`${type}.${one.field}`, graphs.add(graph));
      return {
        kind: Kind.FIELD,
        name: { kind: Kind.NAME, value: one.name },
        ...(inner && { selectionSet: inner }),
      } as const;
    });
    return { ...set, selections };
  }

  for (const name of [...types.keys()]) {
    for (const field of types.get(name)?.fields ?? []) {
      const changed = joinFields(field).map((directive) => {
        const requires = textOf(directive, 'requires');
        const graph = graphOf(directive);
        if (requires === null) return [directive, directive] as const;
        const used: SyntheticField[] = [];
        const set = rewrite(fieldSet(requires), name, graph, used);
        if (used.length === 0) return [directive, directive] as const;
        required.set(`${name}.${field.name.value}@${services.get(graph) ?? graph}`, used);
        return [directive, withArgument(directive, 'requires', textOfSet(set))] as const;
      });
      const instead = new Map(changed);
      replaceField(types, name, field.name.value, (one) => ({
        ...one,
        directives: (one.directives ?? []).map((directive) => instead.get(directive) ?? directive),
      }));
    }
  }
  refreshCopies(types, byName);
  dropIdleExternals(types, replaced, (field) => byName.has(field));
  return {
    size: byName.size,
    byName: (name) => byName.get(name),
    requiredBy: (type, field, service) => required.get(`${type}.${byName.get(field)?.field ?? field}@${service}`) ?? [],
  };
}

function replaceField(
  types: Map<string, Composite>,
  type: string,
  field: string,
  change: (field: FieldDefinitionNode) => FieldDefinitionNode,
): void {
  const before = types.get(type);
  if (!before) return;
  const fields = (before.fields ?? []).map((one) => (one.name.value === field ? change(one) : one));
  types.set(type, { ...before, fields });
}

/** A field that has a copy may itself require some: what was rewritten after it was copied. */
function refreshCopies(types: Map<string, Composite>, byName: ReadonlyMap<string, SyntheticField>): void {
  for (const [name, type] of types) {
    for (const { name: copy } of type.fields ?? []) {
      const original = byName.get(copy.value)?.field;
      const definition = type.fields?.find((one) => one.name.value === original);
      if (definition)
        replaceField(types, name, copy.value, (one) => ({ ...one, directives: copiedDirectives(definition) }));
    }
  }
}

/**
 * A field that was `@external` in a subgraph only for requirements that name its copy now is not that any more; and a copy is
 * it only where its own requirement is.
 */
function dropIdleExternals(
  types: Map<string, Composite>,
  replaced: ReadonlyMap<string, ReadonlySet<string>>,
  isCopy: (field: string) => boolean,
): void {
  const all = [...types.values()];
  const directives = all.flatMap((type) => [...(type.directives ?? []), ...(type.fields ?? []).flatMap(joinFields)]);
  const isNamed = (graph: string, field: string): boolean =>
    directives.some(
      (directive) =>
        graphOf(directive) === graph &&
        ['requires', 'provides', 'key'].some((name) =>
          new RegExp(`(^|\\W)${field}(\\W|$)`).test(textOf(directive, name) ?? ''),
        ),
    );
  for (const type of all) {
    for (const { name } of type.fields ?? []) {
      const field = name.value;
      const isConcerned = (graph: string): boolean =>
        isCopy(field) || (replaced.get(`${type.name.value}.${field}`)?.has(graph) ?? false);
      const isIdle = (directive: ConstDirectiveNode): boolean =>
        directive.name.value === 'join__field' &&
        flagOf(directive, 'external') === true &&
        isConcerned(graphOf(directive)) &&
        !isNamed(graphOf(directive), field);
      replaceField(types, type.name.value, field, (one) => ({
        ...one,
        directives: (one.directives ?? []).filter((directive) => !isIdle(directive)),
      }));
    }
  }
}
