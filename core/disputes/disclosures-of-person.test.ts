/** What of the list of disclosures the person is told, and what only auditors see (domain rule 13). */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createIndexRig, type IndexRig } from '../../test/kit/index-rig.ts';
import { citizenId, participant, record } from '../../test/kit/paper-department.ts';
import { createDisclosureWriter } from '../audit/disclosure-writer.ts';
import type { Shown } from '../audit/disclosure.ts';
import type { DepartmentRecord } from '../department-record.ts';
import { eraseMentions, findErasable } from '../people/erase-person.ts';
import { loadDisclosuresOfPerson } from './disclosures-of-person.ts';

let rig: IndexRig;
beforeEach(async () => {
  rig = await createIndexRig();
});
afterEach(() => rig.drop());

const [P, OTHER] = [citizenId(1), citizenId(2)];
const of = (ref: string, number: string, role: string, born = '1980-01-02') =>
  participant(ref, { name: number === P ? '王强' : '李梅', citizenId: number, birthDate: born, role });

async function readIn(...records: readonly DepartmentRecord[]): Promise<void> {
  for (const one of records) (one.source === 'COURTS' ? rig.courts : rig.police).put(one);
  await rig.readIn.read('COURTS');
  await rig.readIn.read('POLICE');
}
const idOf = async (query: string): Promise<string> => (await rig.db.one<{ id: string }>(query)).id;
const recordId = (source: string): Promise<string> => idOf(`select id from record where source = '${source}'`);
const personOf = async (name: 'P' | 'OTHER'): Promise<string> => {
  const role = name === 'P' ? `m.ref = 'p'` : `m.ref = 'other'`;
  return (
    (await rig.db.query<{ id: string }>(`select distinct person_id as id from mention m where ${role}`))[0]?.id ?? ''
  );
};

/** Each was shown something, one after another, and `what` names the row. */
async function show(rows: Readonly<Record<string, Partial<Shown>>>, organisation = 'org_centre'): Promise<void> {
  const write = createDisclosureWriter(rig);
  for (const [what, row] of Object.entries(rows)) {
    rig.clock.advance(1_000);
    await write({
      at: rig.clock.wall(),
      reader: {
        ...{ subject: 'li', roles: ['centre.operator'], organisation: { id: organisation } },
        ...{ purpose: 'mediation', reason: `为了${what}`, requestId: what },
      },
      shown: [
        {
          personId: null,
          recordId: null,
          disputeId: null,
          referralId: null,
          link: 'OWN_RECORD',
          fieldGroups: [what],
          ...row,
        },
      ],
      lookedUp: [],
    });
  }
}

const list = async (person: string, toldOnly: boolean): Promise<string[]> =>
  ((await loadDisclosuresOfPerson(rig.db, rig.keyring, person, { toldOnly, lookedAtBy: null, limit: 100 })) ?? []).map(
    ({ fieldGroups }) => fieldGroups.join(),
  );

const plain = record('COURTS', '1', {
  ...{ category: 'LENDING', office: 'court' },
  participants: [of('p', P, 'DEFENDANT'), of('other', OTHER, 'PLAINTIFF')],
});

test('The list has what was shown of the person by id, by record and by dispute, newest first, in pages', async () => {
  await readIn(plain);
  const [p, other, rec] = [await personOf('P'), await personOf('OTHER'), await recordId('COURTS')];
  const dispute = await idOf('select id from dispute');
  await show({
    directly: { personId: p },
    onRecord: { personId: p, recordId: rec },
    someoneOnRecord: { recordId: rec },
    someoneInDispute: { disputeId: dispute },
    theOther: { personId: other },
    theOtherOnRecord: { personId: other, recordId: rec },
    elsewhere: { recordId: 'rec_none' },
  });
  const all = ['someoneInDispute', 'someoneOnRecord', 'onRecord', 'directly'];
  expect(await list(p, true)).toEqual(all);
  expect(await list(other, true)).toEqual(['theOtherOnRecord', 'theOther', 'someoneInDispute', 'someoneOnRecord']);
  const pages: string[] = [];
  let after: { at: Date; id: number } | undefined;
  for (;;) {
    const rows = await loadDisclosuresOfPerson(rig.db, rig.keyring, p, {
      toldOnly: true,
      lookedAtBy: null,
      limit: 3,
      ...(after && { after }),
    });
    if (!rows || rows.length === 0) break;
    pages.push(...rows.map(({ fieldGroups }) => fieldGroups.join()));
    after = rows.at(-1);
  }
  expect(pages).toEqual(all);
  expect(
    await loadDisclosuresOfPerson(rig.db, rig.keyring, 'per_none', { toldOnly: true, lookedAtBy: null, limit: 3 }),
  ).toBeNull();
});

test('A reason is for auditors', async () => {
  await readIn(plain);
  const p = await personOf('P');
  await show({ directly: { personId: p } });
  const reasons = async (toldOnly: boolean) =>
    (await loadDisclosuresOfPerson(rig.db, rig.keyring, p, { toldOnly, lookedAtBy: null, limit: 9 }))?.map(
      ({ reason }) => reason,
    );
  expect(await reasons(false)).toEqual(['为了directly']);
  expect(await reasons(true)).toEqual([null]);
});

test('A look at somebody before they were joined into another stands in the other’s list', async () => {
  await readIn(plain);
  const p = await personOf('P');
  await rig.db.query(`insert into person (id, created_at, survivor_id) values ('per_old', now(), $1)`, [p]);
  await show({ before: { personId: 'per_old' } });
  expect(await list(p, true)).toEqual(['before']);
  expect(await list('per_old', true)).toEqual(['before']);
});

test('A look through a dispute that was merged since stands in the list; one through what is not theirs is for auditors', async () => {
  await readIn(plain);
  const p = await personOf('P');
  await rig.db.query(`insert into dispute (id, number, title_cipher, category, channels, opened_at, survivor_id)
    select 'dsp_old', 'D0', '', category, channels, opened_at, id from dispute`);
  await show({ merged: { disputeId: 'dsp_old' }, foreign: { personId: p, recordId: 'rec_of_another' } });
  expect(await list(p, true)).toEqual(['merged']);
  expect(await list(p, false)).toEqual(['foreign', 'merged']);
});

describe('Of a dispute with a record of somebody else’s', () => {
  const others = record('POLICE', 'p1', {
    ...{ category: 'LENDING', office: 'station' },
    participants: [of('other', OTHER, 'PARTY')],
  });
  const mine = record('COURTS', '1', {
    ...{ category: 'LENDING', office: 'court' },
    participants: [of('p', P, 'DEFENDANT')],
  });
  const following = { ...others, references: [{ source: 'COURTS', number: 'COURTS-1' }] };
  const disputeOf = (ref: string): Promise<string> =>
    idOf(`select l.dispute_id as id from mention m join dispute_record l using (record_id)
      where m.ref = '${ref}' and l.unlinked_at is null`);

  test('whoever’s record was taken out is told who looked at it until then', async () => {
    await readIn(mine, following);
    const [other, dispute] = [await personOf('OTHER'), await disputeOf('other')];
    expect(await disputeOf('p')).toBe(dispute);
    await show({ untilThen: { disputeId: dispute } });
    rig.clock.advance(1_000);
    await rig.db.query(
      `update dispute_record set unlinked_at = $1, unlinked_by = 'op', unlink_reason = '误挂'
       where record_id = (select record_id from mention where ref = 'other')`,
      [rig.clock.wall()],
    );
    await show({ afterwards: { disputeId: dispute } });
    expect(await list(other, true)).toEqual(['untilThen']);
  });

  test('whoever’s dispute was merged into it is told who looked at theirs before', async () => {
    await readIn(mine, others);
    const [other, own] = [await personOf('OTHER'), await disputeOf('other')];
    expect(await disputeOf('p')).not.toBe(own);
    await show({ beforeTheMerge: { disputeId: own }, atAnothers: { disputeId: await disputeOf('p') } });
    rig.clock.advance(60_000);
    await readIn(following);
    const merged = await disputeOf('p');
    expect(await disputeOf('other')).toBe(merged);
    await show({ afterTheMerge: { disputeId: merged } });
    for (const toldOnly of [true, false])
      expect(await list(other, toldOnly)).toEqual(['afterTheMerge', 'beforeTheMerge']);
  });
});

test('What a record that is gone showed of somebody stands in their list', async () => {
  await readIn(plain);
  const [p, rec] = [await personOf('P'), await recordId('COURTS')];
  await show({ someone: { recordId: rec } });
  rig.courts.remove('1');
  await rig.readIn.read('COURTS');
  expect(await rig.db.one('select gone_at is not null as gone from record')).toEqual({ gone: true });
  expect(await list(p, true)).toEqual(['someone']);
});

test('A list is read by its indexes, whatever is stored of others', async () => {
  await readIn(plain);
  const p = await personOf('P');
  await show({ directly: { personId: p } });
  await rig.db.query(`
    insert into disclosure (at, request_id, subject, organisation_id, person_id, record_id, dispute_id, referral_id, field_groups)
    select (select at from disclosure), 'req', 'li', 'org_centre', case when n % 2 = 0 then 'per_' || n end, 'rec_' || n, 'dsp_' || n,
      'ref_' || n, '{identity}' from generate_series(1, 40000) n;
    insert into person (id, created_at) select 'per_' || n, now() from generate_series(1, 4000) n;
    insert into record select (jsonb_populate_record(r, jsonb_build_object('id', 'rec_' || n, 'key_hash', '\\x' || lpad(n::text, 6, '0')))).*
      from record r cross join generate_series(1, 4000) n;
    insert into mention (id, record_id, ref, role, person_id, sex, cipher, name_hash, name_tokens, matched_by, created_at, joined_at, gone_at)
    select 'men_' || n, 'rec_' || n, 'x', 'WITNESS', 'per_' || n, 'MALE', '', '', '{}', 'SINGLE', now(), now(),
      case when n % 2 = 0 then now() end from generate_series(1, 4000) n;
    analyze`);
  const before = await scans();
  expect(await list(p, true)).toEqual(['directly']);
  expect(await scans()).toEqual(before);
});

/** Times that a table of people's data was read from one end to the other. */
async function scans(): Promise<unknown> {
  await rig.db.query('select pg_stat_force_next_flush()', []);
  return rig.db.query(
    `select relname, seq_scan from pg_stat_user_tables where relname like 'disclosure%' or relname = 'mention' order by 1`,
  );
}

const at = (office: string) => ({ category: 'NEIGHBOUR', office });
const withOther = (born?: string) => [of('p', P, 'PARTY'), of('other', OTHER, 'VICTIM', born)];

describe('Never told to an abuser or an accused is what came about through a record', () => {
  /** Looks through the record, its dispute, and directly because of a dispute by somebody who handles it. */
  async function looks(): Promise<string> {
    const p = await personOf('P');
    const rec =
      (await rig.db.query<{ id: string }>(`select record_id as id from mention where ref = 'p'`))[0]?.id ?? '';
    const [dispute] = await rig.db.query<{ id: string }>('select id from dispute');
    await show({
      theirOwn: { personId: p },
      onRecord: { personId: p, recordId: rec },
      someone: { recordId: rec },
      ...(dispute && {
        inDispute: { personId: p, disputeId: dispute.id },
        someoneInDispute: { disputeId: dispute.id },
        becauseOfIt: { personId: p, link: 'DISPUTE' },
      }),
    });
    return p;
  }
  const visibleTo = (organisation: string) =>
    rig.db
      .query(`insert into visible (organisation_id, dispute_id, opened_at) select '${organisation}', id, opened_at from dispute
      on conflict do nothing`);

  test.each([
    ['of a child', { participants: [of('p', P, 'PARTY'), of('other', OTHER, 'VICTIM', '2012-05-05')] }],
    // By the child’s seal, where nobody knows when they were born.
    [
      'that is sealed',
      {
        sealed: true,
        participants: [of('p', P, 'SUSPECT'), participant('other', { name: '小明', role: 'VICTIM' })],
      },
    ],
    ['that is protected', { protected: true, participants: [of('p', P, 'PARTY'), of('other', OTHER, 'VICTIM')] }],
    [
      'of domestic violence where they are the other side',
      { kind: 'DOMESTIC_VIOLENCE', participants: [of('p', P, 'SUSPECT'), of('other', OTHER, 'VICTIM')] },
    ],
  ])('%s', async (_what, fields) => {
    await readIn(record('POLICE', 'p1', { category: 'NEIGHBOUR', office: 'station', ...fields }));
    await visibleTo('org_centre');
    const p = await looks();
    expect(await list(p, true)).toEqual(['theirOwn']);
    // Auditors see all of it.
    expect(await list(p, false)).toHaveLength(6);
  });

  test('that names somebody who is protected by another record', async () => {
    await readIn(
      plain,
      record('POLICE', 'p1', { protected: true, office: 'station', participants: [of('shelter', OTHER, 'VICTIM')] }),
    );
    await visibleTo('org_centre');
    expect(await list(await looks(), true)).toEqual(['theirOwn']);
  });

  test('nor what another record of the same dispute bars', async () => {
    await readIn(
      plain,
      record('POLICE', 'p1', {
        ...{ category: 'DOMESTIC_VIOLENCE', kind: 'DOMESTIC_VIOLENCE', office: 'station' },
        participants: [of('victim', OTHER, 'VICTIM')],
        references: [{ source: 'COURTS', number: 'COURTS-1' }],
      }),
    );
    await visibleTo('org_centre');
    expect(await list(await looks(), true)).toEqual(['theirOwn']);
  });

  const violence = record('POLICE', 'p1', {
    ...{ category: 'DOMESTIC_VIOLENCE', kind: 'DOMESTIC_VIOLENCE', office: 'station', protected: true },
    participants: [of('p', P, 'SUSPECT'), of('other', OTHER, 'VICTIM')],
  });

  test('nor that its holder looked at them, who has nothing else of them', async () => {
    await readIn(violence);
    const p = await personOf('P');
    await show({ byItsHolder: { personId: p } }, 'org_station');
    expect(await list(p, true)).toEqual([]);
    expect(await list(p, false)).toEqual(['byItsHolder']);
  });

  test('nor who handled its dispute then and does not any more', async () => {
    await readIn(violence);
    const p = await personOf('P');
    await visibleTo('org_place');
    await show({ becauseOfHer: { personId: p, link: 'DISPUTE' } }, 'org_place');
    await rig.db
      .query(`insert into referral (id, number, dispute_id, root_id, kind, status, version, from_id, lead_id, responsible_id, urgency,
        playbook_id, playbook_version, legal_basis, summary_cipher, state, light, opened_at)
      select 'ref_1', 'R1', id, 'ref_1', 'TRANSFER', 'ACCEPTED', 1, 'org_centre', 'org_court', 'org_court', 'ROUTINE', 'M01', '1', '', '',
        '{}', 'GREEN', now() from dispute`);
    await rig.db.query(
      `insert into referral_party (referral_id, organisation_id, role) values ('ref_1', 'org_place', 'FORMER_LEAD')`,
    );
    await rig.db.query(`delete from visible where organisation_id = 'org_place'`);
    expect(await list(p, true)).toEqual([]);
  });

  test.each([
    ['a child', [record('POLICE', 'p1', { ...at('station'), participants: withOther('2012-05-05') })]],
    [
      'somebody who is protected by another record',
      [
        record('POLICE', 'p1', { ...at('station'), participants: withOther() }),
        record('POLICE', 'p2', { ...at('station'), protected: true, participants: [of('shelter', OTHER, 'VICTIM')] }),
      ],
    ],
  ])('nor, once %s is erased, who looked at the record that named both', async (_what, records) => {
    await readIn(...records);
    const [p, other] = [await personOf('P'), await personOf('OTHER')];
    const joint = await idOf(`select record_id as id from mention where ref = 'p'`);
    await show({ onTheJointRecord: { recordId: joint } }, 'org_station');
    expect(await list(p, true)).toEqual([]);
    await rig.db.tx(async (tx) => eraseMentions(tx, await findErasable(tx, other)));
    expect(await list(p, true)).toEqual([]);
  });

  test('but to the one who claims it is: the victim sees who saw them', async () => {
    await readIn(
      record('POLICE', 'p1', {
        ...{ category: 'DOMESTIC_VIOLENCE', kind: 'DOMESTIC_VIOLENCE', office: 'station' },
        participants: [of('p', P, 'VICTIM'), of('other', OTHER, 'SUSPECT')],
      }),
    );
    await visibleTo('org_centre');
    expect(await list(await looks(), true)).toHaveLength(6);
  });

  test('and a look because of another dispute, by somebody who does not handle the barred one, is told', async () => {
    await readIn(
      record('POLICE', 'p1', {
        ...{ category: 'DOMESTIC_VIOLENCE', kind: 'DOMESTIC_VIOLENCE', office: 'station' },
        participants: [of('p', P, 'SUSPECT'), of('other', OTHER, 'VICTIM')],
      }),
    );
    const p = await personOf('P');
    await rig.db.query(`delete from visible where organisation_id = 'org_place'`);
    await show({ elsewhere: { personId: p, link: 'DISPUTE' } }, 'org_place');
    expect(await list(p, true)).toEqual(['elsewhere']);
  });
});
