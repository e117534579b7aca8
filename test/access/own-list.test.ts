/** Domain rule 13: the list of who was shown a person is for auditors and for the person, by no way for anybody else. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Caller } from '../../core/access/caller.ts';
import { createDisclosureWriter } from '../../core/audit/disclosure-writer.ts';
import { createPersonKeys } from '../../core/audit/person-keys.ts';
import { citizenId, participant, record } from '../kit/paper-department.ts';
import { actOn } from './act.ts';
import { openOffice, referredBy, type Office } from './office.ts';

const [FATHER, MOTHER] = [citizenId(1), citizenId(2)];
let office: Office;
let father: string;
let mother: string;
/** Why the station looked. */
const NOTED = '核实家暴报案';

beforeAll(async () => {
  office = await openOffice();
  office.police.put(
    record('POLICE', 'p1', {
      ...{ office: 'station', category: 'DOMESTIC_VIOLENCE', kind: 'DOMESTIC_VIOLENCE', place: 'place' },
      participants: [
        participant('him', { role: 'SUSPECT', name: '王强', citizenId: FATHER }),
        participant('her', { role: 'VICTIM', name: '李梅', citizenId: MOTHER }),
      ],
    }),
  );
  // Each is known by something else as well: of violence at home a supervisor finds nobody.
  office.courts.put(
    record('COURTS', 'c1', {
      ...{ office: 'court', category: 'LENDING' },
      participants: [participant('1', { role: 'DEFENDANT', name: '王强', citizenId: FATHER })],
    }),
    record('COURTS', 'c2', {
      ...{ office: 'court', category: 'LABOUR' },
      participants: [participant('1', { role: 'PLAINTIFF', name: '李梅', citizenId: MOTHER })],
    }),
  );
  await office.readIn.read('POLICE');
  await office.readIn.read('COURTS');
  const personOf = async (ref: string): Promise<string> =>
    (await office.db.one<{ id: string }>('select person_id as id from mention where ref = $1', [ref])).id;
  [father, mother] = [await personOf('him'), await personOf('her')];
  const { id: recordId } = await office.db.one<{ id: string }>(`select id from record where source = 'POLICE'`);
  const write = createDisclosureWriter({ ...office, keys: createPersonKeys(office) });
  const shown = { disputeId: null, referralId: null, link: 'OWN_RECORD' as const, fieldGroups: ['identity'] };
  // Both were looked at through what he did to her, and each by themselves: by the station, which has nothing else of them, and by the
  // court, for what each has there.
  for (const [personId, of, by] of [
    [father, recordId, 'org_station'],
    [mother, recordId, 'org_station'],
    [father, null, 'org_station'],
    [mother, null, 'org_station'],
    [father, null, 'org_court'],
    [mother, null, 'org_court'],
  ] as const) {
    office.clock.advance(1_000);
    await write({
      at: office.clock.wall(),
      reader: {
        ...{ subject: 'li.juan', roles: ['department.handler'], organisation: { id: by } },
        ...{ purpose: 'policing', reason: NOTED, requestId: `req_${personId}_${of}_${by}` },
      },
      shown: [{ ...shown, personId, recordId: of }],
      lookedUp: [],
    });
  }
});
afterAll(() => office.drop());

interface Page {
  readonly nodes: readonly {
    readonly subject: string | null;
    readonly reason: string | null;
    readonly record: string | null;
    readonly organisation: { readonly id: string };
  }[];
  readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
}
const LIST = `query ($person: ID!, $first: Int, $after: String) { disclosures(person: $person, first: $first, after: $after) {
  nodes { subject reason record organisation { id } } pageInfo { endCursor hasNextPage } } }`;
const ask = (who: Caller, person: string, more: object = {}) =>
  office.ask<{ disclosures: Page | null }>(who, LIST, { person, ...more });
const supervisor = (): Promise<Caller> =>
  office.who('centre', 'centre.supervisor', { purpose: 'supervision', reason: '本人申请查阅' });

describe('Whoever is neither an auditor nor the centre’s supervisor', () => {
  test.each([
    ['station', 'department.handler'],
    ['station', 'department.head'],
    ['station', 'department.system'],
    ['court', 'department.head'],
    ['housing', 'department.handler'],
    ['centre', 'centre.operator'],
    ['street-centre', 'centre.supervisor'],
  ] as const)('(%s, %s) is told the same of somebody who is there and of nobody', async (code, role) => {
    const who = await office.who(code, role, { reason: '核对' });
    const there = await ask(who, father);
    expect(there).toEqual({ ...(await ask(who, 'per_none')) });
    expect(there.data.disclosures).toEqual({ nodes: [], pageInfo: { endCursor: null, hasNextPage: false } });
  });

  test('has nothing of a page that an auditor began', async () => {
    const first = await ask(await office.who('centre', 'auditor'), father, { first: 1 });
    const after = first.data.disclosures?.pageInfo.endCursor;
    expect(after).toEqual(expect.any(String));
    const stolen = await ask(await office.who('station', 'department.head'), father, { after });
    expect(stolen.data.disclosures?.nodes ?? []).toEqual([]);
  });

  test('writes nothing into the log by asking', async () => {
    const reads = async (): Promise<number> =>
      (
        await office.db.one<{ count: number }>(
          `select count(*) as count from audit_trail where kind = 'disclosures.read'`,
          [],
        )
      ).count;
    const before = await reads();
    await ask(await office.who('station', 'department.head'), father);
    expect(await reads()).toBe(before);
  });
});

test('For him a supervisor is told of the look that has nothing to do with her, without the official’s name or words', async () => {
  const { data, errors } = await ask(await supervisor(), father);
  expect(errors).toEqual([]);
  expect(data.disclosures?.nodes).toEqual([
    { subject: null, reason: null, record: null, organisation: { id: 'org_court' } },
  ]);
});

test('For her it is all of it', async () => {
  const { data } = await ask(await supervisor(), mother);
  expect(data.disclosures?.nodes).toHaveLength(3);
  expect(JSON.stringify(data)).not.toContain('li.juan');
  expect(JSON.stringify(data)).not.toContain(NOTED);
});

test('An auditor has all of both', async () => {
  const auditor = await office.who('centre', 'auditor');
  for (const person of [father, mother])
    expect((await ask(auditor, person)).data.disclosures?.nodes.map(({ reason }) => reason)).toEqual([
      NOTED,
      NOTED,
      NOTED,
    ]);
});

test('The place where a page of her list ended is no place in his', async () => {
  const after = (await ask(await supervisor(), mother, { first: 1 })).data.disclosures?.pageInfo.endCursor;
  const { data, errors } = await ask(await supervisor(), father, { after });
  expect(data).toBeNull();
  expect(errors).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
  expect(JSON.stringify(errors)).not.toContain(mother);
});

test('He is not told either of who looked at him for her, once the case has gone on to another', async () => {
  const { id: dispute } = await office.db.one<{ id: string }>(
    `select id from dispute where category = 'DOMESTIC_VIOLENCE'`,
  );
  const station = await office.who('station', 'department.head');
  const referral = await referredBy(office, station, { dispute, lead: 'org_womens-federation' });
  const federation = await office.who('womens-federation', 'department.head');
  await createDisclosureWriter({ ...office, keys: createPersonKeys(office) })({
    ...{ reader: federation, at: office.clock.wall(), lookedUp: [] },
    shown: [father, mother].map((personId) => ({
      ...{ personId, recordId: null, disputeId: null, referralId: null },
      ...{ link: 'DISPUTE' as const, fieldGroups: ['identity'] },
    })),
  });
  const readers = async (person: string): Promise<string[]> => {
    const { data } = await ask(await supervisor(), person);
    return data.disclosures?.nodes.map(({ organisation }) => organisation.id) ?? [];
  };
  expect(await readers(father)).toEqual(['org_court']);
  await actOn(office, federation, 'returnReferral', referral, { note: '不属于本单位' });
  await actOn(office, station, 'decideReturn', referral, { agree: true, note: '同意' });
  await actOn(office, station, 'redirectReferral', referral, { to: 'org_community', reason: '改派' });
  expect(await readers(father)).toEqual(['org_court']);
  expect(await readers(mother)).toContain('org_womens-federation');
});
