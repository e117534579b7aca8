/** Domain rule 10: who somebody is can turn out otherwise, and who saw them through a join that is no more sees them no longer. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Caller } from '../../core/access/caller.ts';
import { citizenId, participant, record } from '../kit/paper-department.ts';
import { openOffice, type Office } from './office.ts';

const [LI, MISTAKEN] = [citizenId(1), citizenId(2)];
/** Its last character is not what the others make it. */
const MISTYPED = LI.replace(/.$/, (last) => (last === '0' ? '1' : '0'));

let office: Office;
let court: Caller;
beforeEach(async () => {
  office = await openOffice();
  court = await office.who('court', 'department.handler', { purpose: 'litigation', reason: '送达' });
  // The court knows her by a case; the station has her number on somebody else's incident, by mistake.
  office.courts.put(
    record('COURTS', 'c1', {
      ...{ office: 'court', category: 'LENDING', at: '2026-03-01T02:00:00.000Z' },
      participants: [participant('1', { role: 'plaintiff', name: '李梅', citizenId: LI })],
    }),
  );
  await incident(LI);
  await office.readIn.read('COURTS');
});
afterEach(() => office.drop());

async function incident(number: string): Promise<void> {
  office.police.put(
    ...['p1', 'p2'].map((key, index) =>
      record('POLICE', key, {
        ...{ office: 'station', category: 'NEIGHBOUR', place: 'place', at: `2026-03-0${index + 2}T02:00:00.000Z` },
        participants: [participant('1', { name: '李梅', citizenId: number, phone: '13700000001' })],
      }),
    ),
  );
  await office.readIn.read('POLICE');
}

interface Seen {
  readonly id: string;
  readonly phones: readonly string[];
  readonly records: readonly { readonly source: string; readonly matchedBy: string }[];
  readonly disputes: { readonly totalCount: number };
  readonly timeline: {
    readonly totalCount: number;
    readonly nodes: readonly { readonly source: string }[];
    readonly pageInfo: { readonly endCursor: string };
  };
}
const PERSON = `{ id phones records { source matchedBy } disputes { totalCount }
  timeline(first: 1) { totalCount nodes { source } pageInfo { endCursor } } }`;
const byNumber = async (number: string): Promise<Seen | null> =>
  (
    await office.must<{ personByCitizenId: Seen | null }>(
      court,
      `query ($number: String!) { personByCitizenId(number: $number) ${PERSON} }`,
      { number },
    )
  ).personByCitizenId;
const byId = async (id: string): Promise<Seen | null> =>
  (await office.must<{ person: Seen | null }>(court, `query ($id: ID!) { person(id: $id) ${PERSON} }`, { id })).person;
const found = async (filter: object): Promise<readonly string[]> =>
  (
    await office.must<{ persons: { nodes: { id: string }[] } }>(
      court,
      'query ($filter: PersonFilter!) { persons(filter: $filter) { nodes { id } } }',
      { filter },
    )
  ).persons.nodes.map(({ id }) => id);

test('A number that is put right takes its records out of every way to the person, at once', async () => {
  const joined = await byNumber(LI);
  expect(joined?.records.map(({ source }) => source).sort()).toEqual(['COURTS', 'POLICE', 'POLICE']);
  expect(joined).toMatchObject({ phones: ['13700000001'], timeline: { nodes: [{ source: 'POLICE' }] } });
  const { id = '', timeline } = joined ?? {};

  await incident(MISTAKEN);

  const apart = await byNumber(LI);
  expect(apart).toMatchObject({ phones: [], records: [{ source: 'COURTS' }], disputes: { totalCount: 1 } });
  expect(apart?.timeline.nodes).toEqual([{ source: 'COURTS' }]);
  // The id from before is one of the two; by it, too, the court is shown nothing but its own.
  expect((await byId(id))?.records ?? []).not.toContainEqual(expect.objectContaining({ source: 'POLICE' }));
  // By the other number, the telephone, the name: the court has nothing of that person.
  expect(await byNumber(MISTAKEN)).toBeNull();
  expect(await found({ phone: '13700000001' })).toEqual([]);
  expect(await found({ name: '李梅' })).toEqual([apart?.id]);
  // And a cursor from before goes on nowhere.
  const ON = 'query ($id: ID!, $after: String) { person(id: $id) { timeline(after: $after) { nodes { source } } } }';
  const after = timeline?.pageInfo.endCursor;
  expect(await office.must(court, ON, { id, after })).toEqual({ person: null });
  expect((await office.ask(court, ON, { id: apart?.id, after })).errors).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
});

test('A join says by what it was made', async () => {
  const joined = await byNumber(LI);
  expect(joined?.records.map(({ matchedBy }) => matchedBy)).toEqual(['CITIZEN_ID', 'CITIZEN_ID', 'CITIZEN_ID']);
});

test('A number that fails its check digit joins nobody', async () => {
  await incident(MISTYPED);
  expect((await byNumber(LI))?.records).toEqual([{ source: 'COURTS', matchedBy: 'SINGLE' }]);
  expect(await found({ phone: '13700000001' })).toEqual([]);
});
