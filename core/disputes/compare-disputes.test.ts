import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createIndexRig, type IndexRig } from '../../test/kit/index-rig.ts';
import { citizenId, participant, record } from '../../test/kit/paper-department.ts';

const [WANG, HE, LI] = [citizenId(1), citizenId(2), citizenId(3)];
const NAMES: Readonly<Record<string, string>> = { [WANG]: '王小明', [HE]: '何守田', [LI]: '李建国' };
let rig: IndexRig;
beforeEach(async () => {
  rig = await createIndexRig(20);
});
afterEach(() => rig.drop());

const who = (named: Readonly<Record<string, string>>) =>
  Object.entries(named).map(([number, role], index) =>
    participant(String(index + 1), { role, name: NAMES[number] ?? '', citizenId: number }),
  );
const DAY = (day: number): string => new Date(Date.parse('2026-03-01T02:00:00Z') + day * 86_400_000).toISOString();
type Fields = Parameters<typeof record>[2];
const petition = (key: string, named: Readonly<Record<string, string>>, more: Fields = {}) =>
  rig.petitions.put({
    ...record('PETITIONS', key, {
      ...{
        kind: 'PETITION',
        category: 'LENDING',
        office: 'centre',
        place: 'place',
        at: DAY(0),
        participants: who(named),
      },
      ...more,
    }),
    ...{ form: 'VISIT', purpose: 'APPEAL', collective: false },
  });
const incident = (key: string, named: Readonly<Record<string, string>>, more: Fields = {}) =>
  rig.police.put(
    record('POLICE', key, {
      ...{ category: 'LENDING', office: 'station', place: 'place', at: DAY(0), participants: who(named) },
      ...more,
    }),
  );
const filed = (key: string, named: Readonly<Record<string, string>>, more: Fields = {}) =>
  rig.courts.put(
    record('COURTS', key, {
      ...{
        kind: 'COURT_CASE',
        category: 'LENDING',
        office: 'court',
        place: 'place',
        at: DAY(3),
        participants: who(named),
      },
      ...more,
    }),
  );
async function read(): Promise<void> {
  for (const source of rig.readIn.sources) await rig.readIn.read(source);
}
const compared = async (): Promise<void> => {
  await read();
  await rig.comparing.compare();
  rig.clock.advance(1_000);
};

/** `status record beside`, by the departments' keys. */
async function proposals(): Promise<string[]> {
  const keys = new Map<string, string>();
  for (const row of await rig.db.query<{ id: string; source: string; cipher: Buffer }>(
    'select id, source, key_cipher as cipher from record',
  ))
    keys.set(row.id, rig.keyring.open('index.cipher', row.cipher, row.id).toString());
  const rows = await rig.db.query<{ status: string; record: string; beside: string }>(
    'select status, record_id as record, beside_id as beside from dispute_link_proposal',
  );
  return rows.map(({ status, record: one, beside }) => `${status} ${keys.get(one)} ${keys.get(beside)}`).sort();
}

test('A first load leaves nothing waiting, and is compared once when it is over', async () => {
  petition('x1', { [WANG]: 'petitioner' });
  filed('c1', { [WANG]: 'plaintiff', [HE]: 'defendant' });
  await read();
  expect(await rig.db.query('select * from dispute_link_waiting')).toEqual([]);
  expect(await proposals()).toEqual([]);
  expect(await rig.comparing.mustCompare()).toBe(true);
  await rig.comparing.compare();
  expect(await proposals()).toEqual(['OPEN c1 x1']);
  expect(await rig.comparing.mustCompare()).toBe(false);
  expect(await rig.disputes()).toEqual(['COURTS/c1', 'PETITIONS/x1']);
});

describe('After the first loads', () => {
  beforeEach(compared);

  test('what comes is proposed; what changes so that it compares no longer, or goes, is proposed no more', async () => {
    petition('x1', { [WANG]: 'petitioner' });
    filed('c1', { [WANG]: 'plaintiff', [HE]: 'defendant' });
    await compared();
    expect(await proposals()).toEqual(['OPEN c1 x1']);
    filed('c1', { [WANG]: 'plaintiff', [HE]: 'defendant' }, { category: 'MEDICAL' });
    await compared();
    expect(await proposals()).toEqual([]);
    filed('c1', { [WANG]: 'plaintiff', [HE]: 'defendant' });
    await compared();
    expect(await proposals()).toEqual(['OPEN c1 x1']);
    rig.petitions.remove('x1');
    await compared();
    expect(await proposals()).toEqual([]);
  });

  test('whoever is joined later is proposed then, and whoever is parted no longer', async () => {
    petition('x1', { [WANG]: 'petitioner' });
    filed('c1', { [LI]: 'plaintiff' });
    await compared();
    expect(await proposals()).toEqual([]);
    filed('c1', { [WANG]: 'plaintiff' });
    await compared();
    expect(await proposals()).toEqual(['OPEN c1 x1']);
    petition('x1', { [LI]: 'petitioner' });
    await compared();
    expect(await proposals()).toEqual([]);
  });

  test('a cross-reference that comes later settles the question', async () => {
    petition('x1', { [WANG]: 'petitioner' });
    filed('c1', { [WANG]: 'plaintiff' });
    await compared();
    filed('c1', { [WANG]: 'plaintiff' }, { references: [{ source: 'PETITIONS', number: 'PETITIONS-x1' }] });
    await compared();
    expect(await proposals()).toEqual([]);
    expect(await rig.disputes()).toEqual(['COURTS/c1 PETITIONS/x1']);
  });

  test('between two disputes there is one question, however many records they have', async () => {
    petition('x1', { [WANG]: 'petitioner' });
    petition(
      'x2',
      { [WANG]: 'petitioner' },
      { references: [{ source: 'PETITIONS', number: 'PETITIONS-x1' }], at: DAY(1) },
    );
    filed('c1', { [WANG]: 'plaintiff' });
    await compared();
    expect(await proposals()).toHaveLength(1);
  });

  test.each([
    ['sealed', { sealed: true }],
    ['classified', { classified: true }],
    ['protected', { protected: true }],
    ['of violence at home', { category: 'DOMESTIC_VIOLENCE' }],
  ])('what is %s is not compared: whoever decides may not see it', async (_, more) => {
    petition('x1', { [WANG]: 'petitioner' }, more);
    filed('c1', { [WANG]: 'plaintiff' }, 'category' in more ? more : {});
    await compared();
    expect(await proposals()).toEqual([]);
  });

  test('whoever stands on very many records links none of them', async () => {
    for (let count = 0; count < 40; count += 1) {
      petition(`x${count}`, { [WANG]: 'petitioner' }, { at: DAY(0) });
      filed(`c${count}`, { [WANG]: 'plaintiff', [citizenId(100 + count)]: 'defendant' });
    }
    await compared();
    expect(await proposals()).toEqual([]);
  });

  test('a pair that somebody has said no to is not proposed again, nor by another record of the same disputes', async () => {
    petition('x1', { [WANG]: 'petitioner' });
    filed('c1', { [WANG]: 'plaintiff' });
    await compared();
    await rig.db.query(`update dispute_link_proposal set status = 'REJECTED', decided_at = now(), decided_by = '{}'`);
    filed('c1', { [WANG]: 'plaintiff' }, { at: DAY(4) });
    petition(
      'x2',
      { [WANG]: 'petitioner' },
      { references: [{ source: 'PETITIONS', number: 'PETITIONS-x1' }], at: DAY(5) },
    );
    await compared();
    expect(await proposals()).toEqual(['REJECTED c1 x1']);
  });
});

describe('By themselves', () => {
  beforeEach(compared);
  const both = () => {
    incident('p1', { [WANG]: 'reporter', [HE]: 'party' });
    filed('c1', { [WANG]: 'plaintiff', [HE]: 'defendant' });
  };

  test('a police incident and the case that both sides brought to court join, with rule, entry and message', async () => {
    await rig.db.query(
      `insert into webhook_endpoint (id, organisation_id, url_cipher, types, signing, created_at, rate_per_second, free_at)
       values ('whe_1', 'org_court', '', '{dispute.linked}', 'V1', now(), 50, now())`,
    );
    both();
    await compared();
    expect(await rig.disputes()).toEqual(['COURTS/c1 POLICE/p1']);
    expect(await proposals()).toEqual(['ACCEPTED c1 p1']);
    expect(
      await rig.db.query(
        `select rule, linked_by as by from dispute_record where unlinked_at is null and rule = 'COMPARED'`,
      ),
    ).toEqual([{ rule: 'COMPARED', by: 'rule:compared/1' }]);
    const entries = await rig.db.query<{ kind: string; actor: string | null }>(
      `select kind, actor_subject as actor from audit_entry where kind = 'record.linked'`,
    );
    expect(entries).toEqual([{ kind: 'record.linked', actor: null }]);
    expect(await rig.db.query(`select type, body->>'source' as source from outbox`)).toEqual([
      { type: 'dispute.linked', source: 'COURTS' },
    ]);
    expect(await rig.comparing.mustCompare()).toBe(false);
  });

  test('which of two cases it is, is for a human to say', async () => {
    both();
    filed('c2', { [WANG]: 'plaintiff', [HE]: 'defendant' }, { at: DAY(9) });
    await compared();
    expect(await rig.disputes()).toEqual(['COURTS/c1', 'COURTS/c2', 'POLICE/p1']);
    expect(await proposals()).toEqual(['OPEN c1 p1', 'OPEN c2 p1']);
  });

  test('nothing that a human has in hand is joined over their head', async () => {
    incident('p1', { [WANG]: 'reporter', [HE]: 'party' });
    await compared();
    await rig.db.query('update dispute set version = 2');
    filed('c1', { [WANG]: 'plaintiff', [HE]: 'defendant' });
    await compared();
    expect(await rig.disputes()).toEqual(['COURTS/c1', 'POLICE/p1']);
    expect(await proposals()).toEqual(['OPEN c1 p1']);
  });
});
