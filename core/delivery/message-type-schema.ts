/** The messages' JSON Schemas, as they lie in schema/events for whoever makes classes of them. */
import { z } from 'zod';
import { INBOUND_TYPES, inboundSchema } from './message-type-inbound.ts';
import { messageSchema } from './message-type-data.ts';
import { MESSAGE_TYPES } from './message-type.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

const toJsonSchema = (schema: z.ZodType, isOpen: boolean): JsonSchema =>
  z.toJSONSchema(schema, {
    // Draft 7 is what code generators and AsyncAPI read.
    target: 'draft-7',
    // As it is written, not as it is after parsing.
    io: 'input',
    override: ({ jsonSchema }) => {
      // A receiver must not break when a later version adds a field.
      if (isOpen) delete jsonSchema.additionalProperties;
      // The format says it; the pattern that goes with it is a line of noise.
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
    },
  });

export interface EventSchemas {
  readonly out: ReadonlyMap<string, JsonSchema>;
  readonly in: ReadonlyMap<string, JsonSchema>;
}

export function eventSchemas(): EventSchemas {
  return {
    out: new Map(MESSAGE_TYPES.map((type) => [type, toJsonSchema(messageSchema(type), true)])),
    in: new Map(INBOUND_TYPES.map((type) => [type, toJsonSchema(inboundSchema(type), false)])),
  };
}

/** As Prettier writes JSON: a list of words stands in one line where it fits. */
const write = (value: JsonSchema): string =>
  `${JSON.stringify(value, null, 2)}\n`.replace(
    /^( *"\w+": )\[([^[\]{}]*)\](,?)$/gm,
    (whole: string, key: string, words: string, comma: string) => {
      const line = `${key}[${words.trim().split(/\n\s*/).join(' ')}]${comma}`;
      return line.length <= 120 ? line : whole;
    },
  );

/** File name below schema/events to text: `referral.accepted.json` goes out, `in/referral.accept.json` comes in. */
export function renderEventSchemas(): ReadonlyMap<string, string> {
  const schemas = eventSchemas();
  const file = (folder: string, direction: string, [type, schema]: readonly [string, JsonSchema]): [string, string] => {
    const { $schema, ...rest } = schema;
    return [`${folder}${type}.json`, write({ $schema, title: `${type} (${direction})`, ...rest })];
  };
  return new Map([
    ...[...schemas.out].map((entry) => file('', 'gateway to department', entry)),
    ...[...schemas.in].map((entry) => file('in/', 'department to gateway', entry)),
  ]);
}
