/**
 * Our own subgraphs with every value drawn from the id it belongs to: the same answer whichever gateway asks, by whatever plan. Nothing
 * stands behind them, so what is measured is the gateway.
 */
import { buildSubgraphSchema } from '@apollo/subgraph';
import { Kind, visit } from 'graphql';
import type { DocumentNode, FieldDefinitionNode, TypeNode } from 'graphql';
import type { Subgraph } from '../../../core/subgraph.ts';
import { loadTypeDefs, SUBGRAPHS, type SubgraphName } from '../../../subgraphs/kit/type-defs.ts';
import { draw, madeUpGrant, madeUpLeaf } from './made-up-values.ts';

/** Where an object of the made-up world comes from; what has been drawn of it is kept, as a loader would keep it. */
interface Origin {
  readonly __typename: string;
  readonly key: string;
  /** Of a connection: how many were asked for. */
  readonly size: number;
  /** Of fields with arguments, what they were and what was drawn. */
  readonly values: Map<string, unknown>;
}

const ORIGIN = Symbol('origin');

/**
 * Fields without arguments are properties of it, its own once they have been drawn: in a gateway's own process it counts what a subgraph
 * takes, and no resolver is called where nothing is to be resolved.
 */
interface Thing {
  readonly __typename: string;
  readonly [ORIGIN]: Origin;
}

interface World {
  readonly entities: ReadonlySet<string>;
  readonly enums: ReadonlyMap<string, readonly string[]>;
  /** By type. */
  readonly things: Map<string, Map<string, Thing>>;
  readonly prototypes: Map<string, object>;
}

type Args = Readonly<Record<string, unknown>>;

const LIST_SIZE = 3;
const PAGE_SIZE = 10;
/** One in so many values that may be null is. */
const NULL_EVERY = 9;
/** Few offices and few people come up again and again in one file; everything else is its own. */
const POOLS: Readonly<Record<string, number>> = { Organisation: 40, Person: 300 };
/** Of a timeline's entry exactly one is filled. */
const LINKS = ['courtCase', 'policeIncident', 'petition', 'referral', 'dispute'];

const objectTypesOf = ({ definitions }: DocumentNode) =>
  definitions.filter(
    (definition) => definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.OBJECT_TYPE_EXTENSION,
  );

function survey(documents: readonly DocumentNode[]): World {
  const entities = new Set<string>();
  const enums = new Map<string, readonly string[]>();
  for (const document of documents)
    visit(document, {
      ObjectTypeDefinition({ name, directives }) {
        if (directives?.some((directive) => directive.name.value === 'key')) entities.add(name.value);
      },
      EnumTypeDefinition: ({ name, values }) =>
        void enums.set(
          name.value,
          (values ?? []).map((value) => value.name.value),
        ),
    });
  return { entities, enums, things: new Map(), prototypes: new Map() };
}

function prototypeOf({ prototypes }: World, type: string): object {
  let prototype = prototypes.get(type);
  if (!prototype) prototypes.set(type, (prototype = {}));
  return prototype;
}

function thing(world: World, __typename: string, key: string, size: number): Thing {
  let alike = world.things.get(__typename);
  if (!alike) world.things.set(__typename, (alike = new Map<string, Thing>()));
  const name = size === PAGE_SIZE ? key : `${key} ${size}`;
  let known = alike.get(name);
  if (!known) {
    const own = { __typename, [ORIGIN]: { __typename, key, size, values: new Map() } };
    known = Object.assign(Object.create(prototypeOf(world, __typename)) as object, own);
    alike.set(name, known);
  }
  return known;
}

/** An office is known by its code as well: from either its id follows. */
const idOf = ({ id, code }: { readonly id?: string; readonly code?: string }): string =>
  id ?? (code ?? '').replace('code-', '');

const sizeOf = (args: Args): number => (typeof args['first'] === 'number' ? args['first'] : PAGE_SIZE);

/** Page size apart: the first three of ten are the first three of twenty. */
const placeOf = (field: string, { first: _first, ...args }: Args): string =>
  Object.keys(args).length === 0 ? field : `${field}(${JSON.stringify(args)})`;

function makeUp(world: World, type: TypeNode, owner: Origin, place: string, args: Args): unknown {
  if (type.kind === Kind.NON_NULL_TYPE) return makeUp(world, type.type, owner, place, args);
  if (type.kind === Kind.LIST_TYPE) {
    const isPage = place === 'nodes' || place === 'edges';
    return Array.from({ length: isPage ? owner.size : LIST_SIZE }, (_, at) =>
      makeUp(world, type.type, owner, `${place}/${at}`, {}),
    );
  }
  const name = type.name.value;
  const seed = `${owner.__typename} ${owner.key}/${place}`;
  if (world.entities.has(name)) {
    if (typeof args['id'] === 'string') return thing(world, name, args['id'], PAGE_SIZE);
    const pool = POOLS[name];
    const drawn = draw(seed);
    return thing(world, name, `${name.toLowerCase()}-${pool === undefined ? drawn : drawn % pool}`, PAGE_SIZE);
  }
  return madeUpLeaf(name, world.enums.get(name), seed) ?? thing(world, name, `${owner.key}/${place}`, sizeOf(args));
}

const isGrant = (field: string): boolean => /grant$/i.test(field);

function isNull({ type, name }: FieldDefinitionNode, owner: Origin): boolean {
  const field = name.value;
  if (owner.__typename === 'TimelineEntry' && LINKS.includes(field))
    return LINKS[draw(owner.key) % LINKS.length] !== field;
  // What others are found by, and what a page or a list is, is there.
  if (type.kind !== Kind.NAMED_TYPE || owner.__typename === 'Query') return false;
  if (type.name.value.endsWith('Connection')) return false;
  return draw(`${owner.__typename} ${owner.key}?${field}`) % NULL_EVERY === 0;
}

const hasArguments = (definition: FieldDefinitionNode): boolean => (definition.arguments?.length ?? 0) > 0;

function readerOf(world: World, definition: FieldDefinitionNode): (owner: Origin, args: Args) => unknown {
  const field = definition.name.value;
  const draws = (owner: Origin, place: string, args: Args): unknown => {
    if (isGrant(field)) return madeUpGrant(`${owner.__typename} ${owner.key}/${field}`);
    if (field === 'code' && owner.__typename === 'Organisation') return `code-${owner.key}`;
    return isNull(definition, owner) ? null : makeUp(world, definition.type, owner, place, args);
  };
  const recall = (owner: Origin, name: string, place: string, args: Args): unknown => {
    let value = owner.values.get(name);
    if (value === undefined) owner.values.set(name, (value = draws(owner, place, args)));
    return value;
  };
  if (field === 'id') return ({ key }) => key;
  if (!hasArguments(definition)) return (owner) => draws(owner, field, {});
  return (owner, args) => {
    const place = placeOf(field, args);
    return recall(owner, `${place} ${sizeOf(args)}`, place, args);
  };
}

/** What is not a property, by type and field; properties are added to the prototypes. */
function resolversOf(world: World, document: DocumentNode) {
  const root = thing(world, 'Query', '', PAGE_SIZE)[ORIGIN];
  return Object.fromEntries(
    objectTypesOf(document).map(({ name: { value: name }, fields = [] }) => {
      const prototype = prototypeOf(world, name);
      const resolvers = fields.flatMap((field) => {
        const read = readerOf(world, field);
        if (name === 'Query') return [[field.name.value, (_: unknown, args: Args) => read(root, args)] as const];
        if (hasArguments(field))
          return [[field.name.value, (owner: Thing, args: Args) => read(owner[ORIGIN], args)] as const];
        const get = function (this: Thing): unknown {
          const value = read(this[ORIGIN], {});
          Object.defineProperty(this, field.name.value, { value });
          return value;
        };
        Object.defineProperty(prototype, field.name.value, { get, configurable: true });
        return [];
      });
      const refer = (reference: { id?: string; code?: string }): Thing =>
        thing(world, name, idOf(reference), PAGE_SIZE);
      return [
        name,
        { ...Object.fromEntries(resolvers), ...(world.entities.has(name) && { __resolveReference: refer }) },
      ];
    }),
  );
}

/** `rewrite`: their schemas in other words; the data is the same. */
export function createMadeUpSubgraphs(
  rewrite: (name: SubgraphName, document: DocumentNode) => DocumentNode = (_, document) => document,
): readonly Subgraph[] {
  const documents = SUBGRAPHS.map((name) => [name, loadTypeDefs(name)] as const);
  const world = survey(documents.map(([, document]) => document));
  return documents.map(([name, document]) => {
    const typeDefs = rewrite(name, document);
    const schema = buildSubgraphSchema({ typeDefs, resolvers: resolversOf(world, typeDefs) });
    return { name, schema, createContext: () => ({}) };
  });
}
