/** Random valid queries out of a schema: other names, arguments, variables, fragments with and without names, conditions. */
import {
  astFromValue,
  GraphQLNonNull,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  parse,
  print,
  validate,
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
} from 'graphql';
import { createRandom, type Random } from '../../../demo/county/random.ts';
import type { Args } from './world.ts';

/** What arguments are drawn from. */
export interface Pool {
  readonly strings: readonly string[];
  readonly numbers: readonly number[];
}

export interface RandomQuery {
  readonly query: string;
  readonly variables: Args;
}

const DEEPEST = 6;
const MOST_FIELDS = 40;

/** The `index`th of a seed. What comes out is drawn again until it is valid: names may collide in fragments. */
export function randomQuery(seed: number, index: number, schema: GraphQLSchema, pool: Pool): RandomQuery {
  const random = createRandom(seed, index);
  for (;;) {
    const drawn = createDraw(random, schema, pool).query();
    if (validate(schema, parse(drawn.query)).length === 0) return drawn;
  }
}

/** Response names of one selection set with what they stand for, so that most queries are valid at once. */
type Scope = Map<string, string>;

function createDraw(random: Random, schema: GraphQLSchema, pool: Pool) {
  const declared = new Map<string, { readonly text: string; readonly type: string }>();
  const variables: Record<string, unknown> = {};
  const fragments: { readonly name: string; readonly type: GraphQLCompositeType; text: string }[] = [];
  const composites = Object.values(schema.getTypeMap()).filter(
    (type): type is GraphQLCompositeType => isCompositeType(type) && !type.name.startsWith('__'),
  );
  let left = MOST_FIELDS;

  const value = (type: GraphQLInputType, depth = 2): unknown => {
    if (isNonNullType(type)) return value(type.ofType, depth) ?? value(type.ofType, depth);
    if (isListType(type)) return Array.from({ length: random.between(0, 2) }, () => value(type.ofType, depth));
    if (isEnumType(type)) return random.pick(type.getValues()).name;
    if (isInputObjectType(type))
      return Object.fromEntries(
        Object.values(type.getFields()).flatMap((field) =>
          isNonNullType(field.type) || (depth > 0 && random.chance(0.4))
            ? [[field.name, value(field.type, depth - 1)]]
            : [],
        ),
      );
    if (type.name === 'Int' || type.name === 'Float') return random.pick(pool.numbers);
    return type.name === 'Boolean' ? random.chance(0.5) : random.pick(pool.strings);
  };

  const variable = (type: GraphQLInputType): string => {
    const known = [...declared].find(([, one]) => one.type === String(type));
    if (known && random.chance(0.3)) return `$${known[0]}`;
    const name = `v${declared.size}`;
    const preset = random.chance(0.4) ? literal(value(type), type) : null;
    declared.set(name, {
      type: String(type),
      text: `$${name}: ${String(type)}${preset === null ? '' : ` = ${preset}`}`,
    });
    if (isNonNullType(type) ? preset === null || random.chance(0.5) : random.chance(0.7)) variables[name] = value(type);
    return `$${name}`;
  };

  const argumentsOf = (args: readonly GraphQLArgument[]): string => {
    const given = args.flatMap(({ name, type, defaultValue }) => {
      if (!(isNonNullType(type) && defaultValue === undefined) && random.chance(0.4)) return [];
      return [`${name}: ${random.chance(0.3) ? variable(type) : literal(value(type), type)}`];
    });
    return given.length > 0 ? `(${given.join(', ')})` : '';
  };

  const condition = (): string => {
    if (!random.chance(0.12)) return '';
    const type = schema.getType('Boolean') as GraphQLInputType;
    const holds = random.chance(0.5) ? variable(nonNull(type)) : String(random.chance(0.5));
    return ` @${random.pick(['skip', 'include'])}(if: ${holds})`;
  };

  /** An alias where the name stands for something else already, and sometimes for no reason. */
  const named = (scope: Scope, what: string): string => {
    const bare = what.replace(/\(.*/s, '');
    const wanted = random.chance(0.15) ? random.pick(['a', 'b', 'id', 'name', `${bare}2`]) : bare;
    const known = scope.get(wanted);
    const name = known === undefined || known === what || random.chance(0.03) ? wanted : `${bare}${scope.size}`;
    scope.set(name, what);
    return name === bare ? what : `${name}: ${what}`;
  };

  const field = (one: GraphQLField<unknown, unknown>, depth: number, scope: Scope): string => {
    left -= 1;
    const text = named(scope, `${one.name}${argumentsOf(one.args)}`) + condition();
    const type = getNamedType(one.type);
    return isCompositeType(type) ? `${text} ${selection(type, depth - 1, new Map())}` : text;
  };

  /** Types that something of this type may have as well. */
  const overlapping = (type: GraphQLCompositeType): readonly GraphQLCompositeType[] => {
    const possible = membersOf(schema, type);
    return composites.filter((other) => membersOf(schema, other).some((one) => possible.includes(one)));
  };

  const fragment = (type: GraphQLCompositeType, depth: number, scope: Scope): string => {
    const others = overlapping(type);
    const spread = fragments.filter((one) => one.text !== '' && others.includes(one.type));
    if (spread.length > 0 && random.chance(0.2)) return `...${random.pick(spread).name}${condition()}`;
    const on = random.chance(0.15) ? type : random.pick(others);
    if (random.chance(0.25)) {
      const made = { name: `F${fragments.length}`, type: on, text: '' };
      fragments.push(made);
      made.text = `fragment ${made.name} on ${on.name} ${selection(on, depth, scope)}`;
      return `...${made.name}${condition()}`;
    }
    const bare = on === type && random.chance(0.3);
    return `...${bare ? '' : ` on ${on.name}`}${condition()} ${selection(on, depth, scope)}`;
  };

  const selection = (type: GraphQLCompositeType, depth: number, scope: Scope): string => {
    const all = isUnionType(type) ? [] : Object.values(type.getFields());
    const reachable = depth > 0 && left > 0 ? all : all.filter((one) => isLeafType(getNamedType(one.type)));
    const parts = Array.from({ length: random.between(1, 4) }, () => {
      if (reachable.length === 0 || random.chance(0.06)) return named(scope, '__typename');
      if (depth > 0 && left > 0 && random.chance(isAbstractType(type) ? 0.5 : 0.12))
        return fragment(type, depth - 1, scope);
      return field(random.pick(reachable), depth, scope);
    });
    // A union's members are all that can be asked of it.
    if (isUnionType(type) && depth > 0 && left > 0) parts.push(fragment(type, depth - 1, scope));
    return `{ ${parts.join(' ')} }`;
  };

  return {
    query(): RandomQuery {
      const root = schema.getQueryType() as GraphQLCompositeType;
      const body = selection(root, DEEPEST, new Map());
      const head = declared.size > 0 ? ` (${[...declared.values()].map(({ text }) => text).join(', ')})` : '';
      return { query: [`query${head} ${body}`, ...fragments.map(({ text }) => text)].join('\n'), variables };
    },
  };
}

const nonNull = (type: GraphQLInputType): GraphQLInputType => new GraphQLNonNull(type);

const literal = (value: unknown, type: GraphQLInputType): string => {
  const ast = astFromValue(value, type);
  if (!ast) throw new Error(`no literal of ${String(type)}`);
  return print(ast);
};

const membersOf = (schema: GraphQLSchema, type: GraphQLCompositeType): readonly string[] =>
  isObjectType(type) ? [type.name] : schema.getPossibleTypes(type).map(({ name }) => name);
