import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectRoot } from '../platform/project-root.ts';
import { eventSchemas, renderEventSchemas, type JsonSchema } from './message-type-schema.ts';

type Data = { properties: { data: { additionalProperties?: boolean } } };

const folder = join(projectRoot, 'schema', 'events');
const committed = (): Map<string, string> =>
  new Map(
    ['', 'in/'].flatMap((below) =>
      existsSync(join(folder, below))
        ? readdirSync(join(folder, below))
            .filter((name) => name.endsWith('.json'))
            .map((name) => [below + name, readFileSync(join(folder, below, name), 'utf8')] as const)
        : [],
    ),
  );

it('the committed schemas are those of the code', () => {
  const fresh = renderEventSchemas();
  if (process.env['UPDATE']) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(join(folder, 'in'), { recursive: true });
    for (const [name, text] of fresh) writeFileSync(join(folder, name), text);
  }
  expect(
    Object.fromEntries(committed()),
    'schema/events is stale: UPDATE=1 npx vitest run core/delivery/message-type-schema.test.ts',
  ).toEqual(Object.fromEntries(fresh));
});

it('what goes out may grow, what comes in may not', () => {
  const schemas = eventSchemas();
  const openness = (all: ReadonlyMap<string, JsonSchema>) =>
    new Set([...all.values()].map((schema) => (schema as Data).properties.data.additionalProperties));
  expect(openness(schemas.out)).toEqual(new Set([undefined]));
  expect(openness(schemas.in)).toEqual(new Set([false]));
});
