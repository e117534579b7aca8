/** Unions of which subgraphs know other members, and members that are asked otherwise under one name. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openFederation, type Federation } from './kit/federation.ts';
import { createWorld, type Args } from './kit/world.ts';

/** What happens in a matter: everybody knows visits, beside them each only its own. */
const office = (root: string, own: string, field: string) => `
  type Query { ${root}: [Matter!]! }
  type Matter @key(fields: "id") { id: ID! course: Course @shareable }
  type Course @shareable { steps: [Step!]! after(days: Int): [Step!]! }
  union Step = Visit | ${own}
  type Visit @shareable { note: String place: Place }
  type ${own} { ${field}: String place: Place }
  type Place @key(fields: "name") { name: ID! }
`;

const PLACES = `
  type Query { places: [Place!]! }
  type Place @key(fields: "name") { name: ID! distance(unit: String): Int households: Int }
`;

let federation: Federation;
beforeAll(async () => {
  federation = await openFederation({
    subgraphs: [
      { name: 'court', typeDefs: office('heard', 'Hearing', 'room') },
      { name: 'police', typeDefs: office('patrolled', 'Patrol', 'street') },
      { name: 'map', typeDefs: PLACES },
    ],
    world() {
      const place = (name: string, metres: number) => ({
        ...{ __typename: 'Place', name, households: metres / 10 },
        distance: ({ unit }: Args) => (unit === 'li' ? metres / 500 : metres),
      });
      const places = [place('bridge', 500), place('market', 1_500)];
      const visit = { __typename: 'Visit', note: 'tea', place: places[0] };
      const matter = (id: string, own: Readonly<Record<string, unknown>>) => {
        const steps = [visit, { ...own, place: places[1] }];
        return { __typename: 'Matter', id, course: { __typename: 'Course', steps, after: steps } };
      };
      const heard = [matter('m1', { __typename: 'Hearing', room: '3' })];
      const patrolled = [matter('m2', { __typename: 'Patrol', street: 'Maple' })];
      return createWorld({ things: [...places, ...heard, ...patrolled], query: { heard, patrolled, places } });
    },
  });
});
afterAll(() => federation.close());

const STEPS = '__typename ... on Visit { note } ... on Hearing { room } ... on Patrol { street }';

test.each([
  ['of whom one never stands here', `{ heard { course { steps { ${STEPS} } } } }`],
  ['… and elsewhere the other', `{ patrolled { id course { steps { ${STEPS} } } } }`],
  ['in both at once', `{ heard { course { steps { ${STEPS} } } } patrolled { course { steps { ${STEPS} } } } }`],
  ['only the one that never stands here', '{ heard { course { steps { ... on Patrol { street } } } } }'],
  [
    'by a fragment that stands in two places',
    `{ heard { course { ...C } } patrolled { course { ...C } } } fragment C on Course { steps { ...S } } fragment S on Step { ${STEPS} }`,
  ],
  ['twice under two names', `{ heard { course { a: steps { ${STEPS} } b: after(days: 3) { ${STEPS} } } } }`],
  [
    'and of them what others hold',
    '{ heard { course { steps { ... on Visit { note place { households } } ... on Hearing { room place { distance } } ... on Patrol { street place { name } } } } } }',
  ],
])('members, %s', async (_title, query) => {
  const { errors } = await federation.sameAsReference(query);
  expect(errors).toBeUndefined();
});

test.each([
  ['with other arguments', 'place { d: distance }', 'place { d: distance(unit: "li") }'],
  ['another field', 'place { d: distance }', 'place { d: households }'],
])('what one member is asked under a name is not told of another: %s', async (_title, visit, hearing) => {
  const { errors } = await federation.sameAsReference(
    `{ heard { course { steps { ... on Visit { ${visit} } ... on Hearing { ${hearing} } } } } }`,
  );
  expect(errors).toBeUndefined();
});

test('nobody is asked about what stands under a member that is not there', async () => {
  const before = federation.service('map').asked.length;
  const { errors } = await federation.sameAsReference(
    '{ heard { course { steps { ... on Patrol { place { households } } ... on Hearing { place { name } } } } } }',
  );
  expect(errors).toBeUndefined();
  expect(federation.service('map').asked).toHaveLength(before);
});
