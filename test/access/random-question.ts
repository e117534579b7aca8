/** Random valid queries out of the API's schema: any root field, any fields below it, with values that mean something in the county. */
import {
  getNamedType,
  isCompositeType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
} from 'graphql';
import type { Random } from '../../demo/county/random.ts';

/** What arguments are drawn from, by what they name. */
export interface Pool {
  readonly ids: Readonly<Record<'person' | 'dispute' | 'referral' | 'organisation' | 'endpoint', readonly string[]>>;
  readonly codes: readonly string[];
  readonly names: readonly string[];
  readonly citizenIds: readonly string[];
}

const DEEPEST = 6;
/** Where people are: asked for more often than the rest. */
const OFTEN = new Set(['person', 'personByCitizenId', 'persons', 'dispute', 'disputes']);
/** What a record is known by. */
const TELLING = /Number$|^(nodes|node|name|citizenId|courtCases|policeIncidents|petitions|timeline)$/;

type Field = GraphQLField<unknown, unknown>;

const isOpen = ({ astNode }: Field): boolean =>
  !(astNode?.directives ?? []).some(({ name }) => name.value === 'inaccessible');

/** `inside`: which type's field, or which input, it is an argument of. */
function idFor(random: Random, pool: Pool, name: string, inside: string): string {
  const kind = (['dispute', 'referral', 'endpoint', 'person'] as const).find(
    (one) => name === one || inside.startsWith(one),
  );
  return random.pick(pool.ids[['place', 'under', 'organisation'].includes(name) ? 'organisation' : (kind ?? 'person')]);
}

function literal(random: Random, pool: Pool, type: GraphQLInputType, name: string, inside: string): string | null {
  const bare = isNonNullType(type) ? type.ofType : type;
  if (isListType(bare)) {
    const one = literal(random, pool, bare.ofType, name, inside);
    return one === null ? null : `[${one}]`;
  }
  if (isEnumType(bare)) return random.pick(bare.getValues()).name;
  if (bare.name === 'PersonFilter') return `{ name: ${JSON.stringify(random.pick(pool.names))} }`;
  if (bare.name.endsWith('Filter')) return '{}';
  if (bare.name === 'ID') return JSON.stringify(idFor(random, pool, name, inside));
  if (bare.name === 'Int') return String(name === 'first' ? random.between(1, 5) : random.between(1, 9));
  if (name === 'number') return JSON.stringify(random.pick(pool.citizenIds));
  if (name === 'code') return JSON.stringify(random.pick(pool.codes));
  return null;
}

function argumentsOf(random: Random, pool: Pool, args: readonly GraphQLArgument[], inside: string): string | null {
  const given: string[] = [];
  for (const { name, type } of args) {
    const needed = isNonNullType(type);
    // Always said how long a list may be: most lists in lists would be more than a query may ask for.
    if (!needed && name !== 'first' && (name === 'after' || random.chance(0.7))) continue;
    const value = literal(random, pool, type, name, inside);
    if (value !== null) given.push(`${name}: ${value}`);
    else if (needed) return null;
  }
  return given.length > 0 ? `(${given.join(', ')})` : '';
}

function fieldText(random: Random, pool: Pool, field: Field, depth: number): string | null {
  const args = argumentsOf(random, pool, field.args, field.name);
  if (args === null) return null;
  const type = getNamedType(field.type);
  if (isLeafType(type)) return `${field.name}${args}`;
  const below = depth > 0 ? selection(random, pool, type, depth - 1) : null;
  return below === null ? null : `${field.name}${args} ${below}`;
}

function selection(random: Random, pool: Pool, type: GraphQLNamedType, depth: number): string | null {
  if (!isObjectType(type) || !isCompositeType(type)) return null;
  const fields = Object.values(type.getFields()).filter(isOpen);
  const chosen = fields.filter(({ name, type: of }) =>
    random.chance(TELLING.test(name) ? 0.85 : isLeafType(getNamedType(of)) ? 0.5 : 0.25),
  );
  const texts = chosen.flatMap((field) => fieldText(random, pool, field, depth) ?? []);
  return `{ ${['__typename', ...texts].join(' ')} }`;
}

/** One that is valid, and mostly not empty. */
export function randomQuestion(random: Random, schema: GraphQLSchema, pool: Pool): string {
  const fields = Object.values(schema.getQueryType()?.getFields() ?? {}).filter(isOpen);
  const often = fields.filter(({ name }) => OFTEN.has(name));
  for (;;) {
    const text = fieldText(random, pool, random.pick(random.chance(0.7) ? often : fields), DEEPEST);
    if (text !== null) return `{ ${text} }`;
  }
}
