import { describe, expect, it } from 'vitest';
import { renderAsyncApi } from './asyncapi.ts';
import { INBOUND_TYPES } from './message-type-inbound.ts';
import { MESSAGE_TYPES } from './message-type.ts';

type Node = Record<string, unknown>;
const document = JSON.parse(
  JSON.stringify(renderAsyncApi({ version: '1.0.0', origin: 'https://gateway.example.cn' })),
) as Node;

const resolve = (pointer: string): unknown =>
  pointer
    .replace(/^#\//, '')
    .split('/')
    .reduce<unknown>(
      (node, key) => (node as Node | undefined)?.[key.replaceAll('~1', '/').replaceAll('~0', '~')],
      document,
    );

const referencesIn = (node: unknown): string[] => {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) =>
    key === '$ref' && typeof value === 'string' ? [value] : referencesIn(value),
  );
};

describe('the AsyncAPI document', () => {
  it('refers to nothing that is not in it', () => {
    const references = referencesIn(document);
    expect(references.length).toBeGreaterThan(100);
    for (const reference of references) {
      expect(reference).toMatch(/^#\//);
      expect(resolve(reference), reference).toBeTypeOf('object');
    }
  });

  it('offers every message of both directions, once, with payload and headers', () => {
    const operations = document['operations'] as Record<
      string,
      { action: string; channel: Node; messages: { $ref: string }[] }
    >;
    const typesOf = (action: string) =>
      Object.values(operations)
        .filter((operation) => operation.action === action)
        .flatMap(({ channel, messages }) =>
          messages.map(({ $ref }) => {
            // An operation's messages are its channel's, and these are the components'.
            expect($ref.startsWith(`${String(channel['$ref'])}/messages/`)).toBe(true);
            const message = resolve((resolve($ref) as { $ref: string }).$ref) as Node;
            const payload = resolve((message['payload'] as { $ref: string }).$ref) as { properties: { type: Node } };
            expect(payload.properties.type['const']).toBe(message['name']);
            expect(resolve((message['headers'] as { $ref: string }).$ref)).toHaveProperty('required');
            return message['name'];
          }),
        );
    expect(typesOf('send')).toEqual(MESSAGE_TYPES);
    expect(typesOf('receive')).toEqual(INBOUND_TYPES);
  });

  it('has what AsyncAPI 3 asks for, and names that it allows', () => {
    expect(document).toMatchObject({ asyncapi: '3.0.0', info: { title: expect.any(String), version: '1.0.0' } });
    const components = document['components'] as Record<string, Node>;
    for (const group of Object.values(components)) {
      for (const name of Object.keys(group)) expect(name).toMatch(/^[\w.-]+$/);
    }
    const { inbox } = document['channels'] as Record<string, { address: string; parameters: Node }>;
    const named = [...(inbox?.address ?? '').matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    expect(named).toEqual(Object.keys(inbox?.parameters ?? {}));
    expect(JSON.stringify(document)).not.toContain('$schema');
  });

  it('does without servers when nobody knows the address', () => {
    const bare = renderAsyncApi({ version: '1.0.0', origin: null });
    expect(bare).not.toHaveProperty('servers');
    expect(referencesIn(bare).filter((reference) => reference.includes('servers'))).toEqual([]);
  });
});
