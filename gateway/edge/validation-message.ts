import { isEnumType, isInputObjectType, isInterfaceType, isObjectType } from 'graphql';
import type { GraphQLSchema } from 'graphql';

/** Validation messages in which only names of the schema are quoted; a name the schema does not have becomes `…`. */
const VALIDATION: readonly (readonly [
  RegExp,
  (quote: (name: string | undefined) => string, found: RegExpExecArray) => string,
])[] = [
  [
    /^Cannot query field ".*" on type "(\w+)"\.(?: Did you mean (.*)\?)?$/s,
    (q, m) => `${q(m[1])} has no such field.${meant(q, m[2])}`,
  ],
  [
    /^Field "(\w+)" of type "([\w[\]!]+)" must have a selection of subfields/,
    (q, m) => `The field ${q(m[1])} needs a selection of subfields.`,
  ],
  [/^Field "(\w+)" must not have a selection/, (q, m) => `The field ${q(m[1])} has no subfields.`],
  [
    /^Field "(\w+)" argument "(\w+)" of type .* is required/,
    (q, m) => `The field ${q(m[1])} needs the argument ${q(m[2])}.`,
  ],
  [
    /^Unknown argument ".*" on field "(?:\w+\.)?(\w+)"\.(?: Did you mean (.*)\?)?$/s,
    (q, m) => `The field ${q(m[1])} has no such argument.${meant(q, m[2])}`,
  ],
  [
    /^Field "(\w+)\.(\w+)" of required type .* was not provided/,
    (q, m) => `The input ${q(m[1])} needs the field ${q(m[2])}.`,
  ],
  [
    /^Field ".*" is not defined by type "(\w+)"\.(?: Did you mean (.*)\?)?$/s,
    (q, m) => `The input ${q(m[1])} has no such field.${meant(q, m[2])}`,
  ],
  [
    /^Value ".*" does not exist in "(\w+)" enum\.(?: Did you mean (.*)\?)?$/s,
    (q, m) => `The enum ${q(m[1])} has no such value.${meant(q, m[2])}`,
  ],
  [/^Unknown type/, () => 'There is no such type.'],
  [/^Unknown fragment/, () => 'There is no such fragment in the query.'],
  [/^Unknown directive/, () => 'There is no such directive.'],
  [/^Cannot spread fragment .* within itself/, () => 'A fragment must not contain itself.'],
  [/^Variable ".*" is not defined/, () => 'A variable is used that the operation does not declare.'],
  [/^Variable ".*" is never used/, () => 'A variable is declared that the operation does not use.'],
  [
    /^Variable ".*" of type ".*" used in position expecting type "([\w[\]!]+)"/,
    (_q, m) => `A variable is used where ${m[1]} is expected.`,
  ],
  [/^Expected value of type "([\w[\]!]+)"/, (_q, m) => `A value does not fit the type ${m[1]}.`],
  [/^(Int|Float|String|Boolean|ID) cannot represent/, (_q, m) => `A value does not fit the type ${m[1]}.`],
  [/^Fields ".*" conflict/, () => 'Two fields of one name ask for different things; give one of them an alias.'],
];

/** A validation error in our words, with a hint where the schema gives one. */
export function explainValidation(message: string, schema: GraphQLSchema | null): string {
  const names = schema ? namesOf(schema) : new Set<string>();
  const quote = (name: string | undefined): string => (name !== undefined && names.has(name) ? `\`${name}\`` : '…');
  for (const [pattern, say] of VALIDATION) {
    const found = pattern.exec(message);
    if (found) return say(quote, found);
  }
  return 'The query does not fit the schema at this place.';
}

/** graphql-js suggests only names that the schema has; others (`…`) are left out all the same. */
const meant = (quote: (name: string | undefined) => string, suggestions: string | undefined): string => {
  const names = [...(suggestions ?? '').matchAll(/"(\w+)"/g)]
    .map((match) => quote(match[1]))
    .filter((name) => name !== '…');
  return names.length > 0 ? ` Did you mean ${names.join(' or ')}?` : '';
};

const namesBySchema = new WeakMap<GraphQLSchema, ReadonlySet<string>>();

function namesOf(schema: GraphQLSchema): ReadonlySet<string> {
  const known = namesBySchema.get(schema);
  if (known) return known;
  const names = new Set<string>();
  for (const type of Object.values(schema.getTypeMap())) {
    names.add(type.name);
    if (isEnumType(type)) for (const { name } of type.getValues()) names.add(name);
    if (isInputObjectType(type)) for (const field of Object.values(type.getFields())) names.add(field.name);
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      names.add(field.name);
      for (const { name } of field.args) names.add(name);
    }
  }
  namesBySchema.set(schema, names);
  return names;
}
