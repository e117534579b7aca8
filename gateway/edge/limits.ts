/** How much one request may ask for. Counted on the query itself, fragments unfolded, before anything is planned. */
import {
  getNamedType,
  GraphQLError,
  isListType,
  isObjectType,
  isInterfaceType,
  isNonNullType,
  isUnionType,
  Kind,
  valueFromASTUntyped,
} from 'graphql';
import type {
  ASTVisitor,
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  GraphQLField,
  GraphQLNamedType,
  GraphQLOutputType,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionSetNode,
  ValidationContext,
  ValidationRule,
} from 'graphql';
import { AppError } from '../../core/platform/errors.ts';
import type { RequestLimits } from '../../core/platform/county-config.ts';

const tooComplex = (message: string): AppError => new AppError('QUERY_TOO_COMPLEX', message);

interface Shape {
  readonly depth: number;
  readonly aliases: number;
  readonly fields: number;
}

const fragmentsIn = (document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> =>
  new Map(
    document.definitions.flatMap((d) => (d.kind === Kind.FRAGMENT_DEFINITION ? [[d.name.value, d] as const] : [])),
  );

/** Depth, aliases and fields. A fragment is measured once however often it is spread, so a bomb of them costs nothing to refuse. */
export function limitShape(limits: RequestLimits): ValidationRule {
  return (context: ValidationContext): ASTVisitor => {
    const shapeOf = createMeasure(fragmentsIn(context.getDocument()));
    return {
      OperationDefinition(operation) {
        const fault = shapeFault(operation, shapeOf(operation.selectionSet), limits);
        if (fault) context.reportError(new GraphQLError(fault.message, { originalError: fault }));
        return false;
      },
    };
  };
}

function shapeFault(operation: OperationDefinitionNode, shape: Shape, limits: RequestLimits): AppError | null {
  if (shape.depth > limits.depth) return tooComplex(`The query is more than ${limits.depth} levels deep.`);
  if (shape.aliases > limits.aliases) return tooComplex(`The query has more than ${limits.aliases} aliases.`);
  if (shape.fields > limits.tokens)
    return tooComplex(`The query has more than ${limits.tokens} fields once its fragments are unfolded.`);
  const roots = operation.selectionSet.selections.length;
  return roots > limits.rootFields
    ? tooComplex(`The query has more than ${limits.rootFields} fields at its root.`)
    : null;
}

function createMeasure(
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): (selections: SelectionSetNode) => Shape {
  const known = new Map<string, Shape>();
  const nothing: Shape = { depth: 0, aliases: 0, fields: 0 };
  const ofFragment = (name: string): Shape => {
    const measured = known.get(name);
    if (measured) return measured;
    // A cycle is another rule's to report; here it ends.
    known.set(name, nothing);
    const fragment = fragments.get(name);
    const shape = fragment ? measure(fragment.selectionSet) : nothing;
    known.set(name, shape);
    return shape;
  };
  const ofField = (field: FieldNode): Shape => {
    // Introspection has limits of its own in graphql-js, and every editor's question is deep.
    const below = field.selectionSet && !field.name.value.startsWith('__') ? measure(field.selectionSet) : nothing;
    return { depth: below.depth + 1, aliases: below.aliases + (field.alias ? 1 : 0), fields: below.fields + 1 };
  };
  const measure = ({ selections }: SelectionSetNode): Shape => {
    let { depth, aliases, fields } = nothing;
    for (const selection of selections) {
      const shape =
        selection.kind === Kind.FIELD
          ? ofField(selection)
          : selection.kind === Kind.INLINE_FRAGMENT
            ? measure(selection.selectionSet)
            : ofFragment(selection.name.value);
      depth = Math.max(depth, shape.depth);
      aliases += shape.aliases;
      fields += shape.fields;
    }
    return { depth, aliases, fields };
  };
  return measure;
}

/** Lists without `first` (parties, records) are short; this many are assumed. */
const UNPAGED_LIST = 5;
const PAGE_MAX = 100;

type Variables = Readonly<Record<string, unknown>>;

/**
 * How many objects the answer could hold at most, from the sizes of the lists asked for. `first` outside 1–100 counts as
 * the nearest allowed: the field itself refuses it by name.
 */
export function countNodes(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
): number {
  const fragments = fragmentsIn(document);
  const known = new Map<string, number>();
  const defaults = new Map(
    (operation.variableDefinitions ?? []).map(({ variable, defaultValue }) => [
      variable.name.value,
      defaultValue ? valueFromASTUntyped(defaultValue) : undefined,
    ]),
  );

  const sizeOf = (field: GraphQLField<unknown, unknown>, node: FieldNode): number | null => {
    const argument = field.args.find(({ name }) => name === 'first');
    if (!argument) return null;
    const value = node.arguments?.find(({ name }) => name.value === 'first')?.value;
    const asked =
      value?.kind === Kind.VARIABLE
        ? (variables[value.name.value] ?? defaults.get(value.name.value))
        : value && valueFromASTUntyped(value);
    const size = Number(asked ?? argument.defaultValue ?? PAGE_MAX);
    return Number.isFinite(size) ? Math.min(PAGE_MAX, Math.max(1, size)) : PAGE_MAX;
  };

  const ofField = (parent: GraphQLNamedType, node: FieldNode): number => {
    if (!node.selectionSet || node.name.value.startsWith('__')) return 0;
    const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[node.name.value] : undefined;
    if (!field) return 0;
    const below = measure(getNamedType(field.type), node.selectionSet);
    const first = sizeOf(field, node);
    if (first !== null) return first * (1 + below);
    // A connection's own `edges` and `nodes` were counted by `first`.
    return isList(field.type) && !parent.name.endsWith('Connection') ? UNPAGED_LIST * (1 + below) : below;
  };

  const measure = (type: GraphQLNamedType, { selections }: SelectionSetNode): number =>
    selections.reduce((sum, selection) => {
      if (selection.kind === Kind.FIELD) return sum + ofField(type, selection);
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        const condition = selection.typeCondition && schema.getType(selection.typeCondition.name.value);
        return sum + measure(condition ?? type, selection.selectionSet);
      }
      return sum + ofFragment(selection.name.value);
    }, 0);

  const ofFragment = (name: string): number => {
    const counted = known.get(name);
    if (counted !== undefined) return counted;
    const fragment = fragments.get(name);
    const type = fragment && schema.getType(fragment.typeCondition.name.value);
    if (!fragment || !type || isUnionType(type)) return 0;
    known.set(name, 0);
    const count = measure(type, fragment.selectionSet);
    known.set(name, count);
    return count;
  };

  const root = schema.getRootType(operation.operation);
  return root ? measure(root, operation.selectionSet) : 0;
}

const isList = (type: GraphQLOutputType): boolean => (isNonNullType(type) ? isListType(type.ofType) : isListType(type));

export function assertNodes(
  limits: RequestLimits,
  ...[schema, document, operation, variables]: Parameters<typeof countNodes>
): void {
  if (countNodes(schema, document, operation, variables) > limits.nodes) {
    throw tooComplex(
      `The lists asked for could hold more than ${limits.nodes} objects; ask for smaller pages (first).`,
    );
  }
}
