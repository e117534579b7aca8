/** AsyncAPI 3 of the webhooks in both directions, served at /asyncapi.json. Built from the same schemas as schema/events. */
import { eventSchemas, type JsonSchema } from './message-type-schema.ts';

export interface AsyncApiOptions {
  readonly version: string;
  /** `https://gateway.example.cn`, where departments send to; null when it is not known. */
  readonly origin: string | null;
}

type Json = Readonly<Record<string, unknown>>;

const HEADERS: JsonSchema = {
  type: 'object',
  required: ['webhook-id', 'webhook-timestamp', 'webhook-signature'],
  properties: {
    'webhook-id': { type: 'string', description: 'The same on every retry: remember it, and act once.' },
    'webhook-timestamp': { type: 'string', pattern: '^[1-9][0-9]*$', description: 'Unix seconds of this attempt.' },
    'webhook-signature': {
      type: 'string',
      description: 'Over {id}.{timestamp}.{raw body}: v1, v1a or v1sm3, a comma, base64; several separated by spaces.',
    },
  },
};

const HTTP_POST = { http: { method: 'POST', bindingVersion: '0.3.0' } };

const withoutDialect = ({ $schema: _, ...rest }: JsonSchema): JsonSchema => rest;

/** One direction's part of the document. Names of the two do not meet: some types exist in both. */
function direction(prefix: 'out' | 'in', channel: string, schemas: ReadonlyMap<string, JsonSchema>) {
  const keys = [...schemas.keys()].map((type) => [type, `${prefix}.${type}`] as const);
  const messages = keys.map(([type, key]): [string, Json] => [
    key,
    {
      name: type,
      title: type,
      contentType: 'application/json',
      headers: { $ref: '#/components/schemas/headers' },
      payload: { $ref: `#/components/schemas/${key}` },
    },
  ]);
  return {
    messages,
    schemas: [...schemas].map(([type, schema]): [string, Json] => [`${prefix}.${type}`, withoutDialect(schema)]),
    offered: Object.fromEntries(keys.map(([, key]) => [key, { $ref: `#/components/messages/${key}` }])),
    used: keys.map(([, key]) => ({ $ref: `#/channels/${channel}/messages/${key}` })),
  };
}

export function renderAsyncApi({ version, origin }: AsyncApiOptions): Json {
  const schemas = eventSchemas();
  const out = direction('out', 'endpoint', schemas.out);
  const back = direction('in', 'inbox', schemas.in);
  const server = origin === null ? null : new URL(origin);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Maplebridge webhooks (枫桥)',
      version,
      description: 'Signed as Standard Webhooks says. No personal data goes out; docs/webhooks.md tells the rest.',
    },
    defaultContentType: 'application/json',
    ...(server === null
      ? {}
      : { servers: { gateway: { host: server.host, protocol: server.protocol.replace(':', '') } } }),
    channels: {
      endpoint: {
        address: null,
        title: 'A department’s endpoint',
        description: 'Its address is the one that was registered (registerWebhookEndpoint).',
        messages: out.offered,
      },
      inbox: {
        address: '/webhooks/in/{organisation}',
        title: 'The gateway’s inbox',
        description: 'Signed with the secret of issueInboundSecret.',
        parameters: { organisation: { description: 'Code of the organisation that sends.' } },
        ...(server === null ? {} : { servers: [{ $ref: '#/servers/gateway' }] }),
        messages: back.offered,
      },
    },
    operations: {
      tellDepartment: {
        action: 'send',
        summary: 'The gateway tells a department.',
        channel: { $ref: '#/channels/endpoint' },
        messages: out.used,
        bindings: HTTP_POST,
      },
      hearDepartment: {
        action: 'receive',
        summary: 'A department’s system acts, reports, or says that a record has changed.',
        channel: { $ref: '#/channels/inbox' },
        messages: back.used,
        bindings: HTTP_POST,
      },
    },
    components: {
      messages: Object.fromEntries([...out.messages, ...back.messages]),
      schemas: Object.fromEntries([['headers', HEADERS], ...out.schemas, ...back.schemas]),
    },
  };
}
