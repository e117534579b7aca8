import { afterEach, beforeEach, expect, test } from 'vitest';
import { createIndexRig, type IndexRig } from '../../test/kit/index-rig.ts';
import { openDispute } from '../disputes/open-dispute.ts';
import { openText } from '../disputes/dispute-text.ts';
import { openMention } from '../people/index-row.ts';
import { emptyForgotten, endedMatters, forgetWords } from './closed-words.ts';

let rig: IndexRig;
beforeEach(async () => {
  rig = await createIndexRig();
});
afterEach(() => rig.drop());

const opened = (title: string): Promise<string> =>
  rig.db.tx(async (tx) => {
    const desk = { keyring: rig.keyring, now: rig.clock.wall(), organisationId: 'org_centre', subject: 'op-1' };
    const result = await openDispute(
      tx,
      desk,
      {
        title,
        description: '水漏到楼下',
        category: 'NEIGHBOUR',
        channel: 'WALK_IN',
        urgency: 'ROUTINE',
        placeId: 'org_place',
        address: '三号',
        allowDuplicate: true,
        parties: [{ name: '王小明', role: 'APPLICANT' }],
      },
      async () => new Map(),
    );
    if (result.status !== 'OPENED') throw new Error('not opened');
    return result.disputeId;
  });

interface Row {
  readonly id: string;
  readonly wrapped: Buffer | null;
  readonly title: Buffer;
  readonly description: Buffer;
  readonly address: Buffer | null;
}

const texts = async (id: string): Promise<(string | null)[]> => {
  const row = await rig.db.one<Row>(
    `select d.id, k.wrapped, d.title_cipher as title, d.description_cipher as description, d.address_cipher as address
     from dispute d left join data_key k on k.id = d.id where d.id = $1`,
    [id],
  );
  const { title, description, address } = row;
  return [
    openText(rig.keyring, row, 'title', title),
    openText(rig.keyring, row, 'description', description),
    address && openText(rig.keyring, row, 'address', address),
  ];
};

const close = (id: string, at: string): Promise<unknown> =>
  rig.db.query(`update dispute set stage = 'CLOSED', resolved_at = $2 where id = $1`, [id, at]);

test('Words of disputes closed before the day go, those of later and open ones stay, and so do their parties', async () => {
  const [early, late, open] = [await opened('早'), await opened('晚'), await opened('未结')];
  await close(early, '2020-01-01T00:00:00Z');
  await close(late, '2025-01-01T00:00:00Z');
  const cutoff = new Date('2021-01-01T00:00:00Z');
  expect(await endedMatters(rig.db, cutoff)).toEqual({ count: 1, oldest: new Date('2020-01-01T00:00:00Z') });
  expect(await rig.db.tx((tx) => forgetWords(tx, cutoff))).toBe(1);
  expect(await rig.db.tx((tx) => forgetWords(tx, cutoff))).toBe(0);
  expect(await texts(early)).toEqual([null, null, null]);
  expect(await texts(late)).toEqual(['晚', '水漏到楼下', '三号']);
  expect(await texts(open)).toEqual(['未结', '水漏到楼下', '三号']);
  const named = await rig.db.query<{ mentionId: string; cipher: Buffer; wrapped: Buffer | null }>(
    'select m.id as "mentionId", m.cipher, k.wrapped from mention m join data_key k on k.id = m.id',
  );
  expect(named.map((mention) => openMention(rig.keyring, mention).name)).toEqual(['王小明', '王小明', '王小明']);
});

test('Words from before there were keys, back with an old backup, are emptied again', async () => {
  const [early, open] = [await opened('早'), await opened('未结')];
  await close(early, '2020-01-01T00:00:00Z');
  await rig.db.tx((tx) => forgetWords(tx, new Date('2021-01-01T00:00:00Z')));
  await rig.db.query(
    `update dispute set title_cipher = 'old', description_cipher = 'old', address_cipher = 'old' where id = $1`,
    [early],
  );
  await emptyForgotten(rig.db);
  const stored = await rig.db.one<object>(
    'select title_cipher as title, description_cipher as description, address_cipher as address from dispute where id = $1',
    [early],
  );
  expect(stored).toEqual({ title: Buffer.alloc(0), description: Buffer.alloc(0), address: null });
  expect(await texts(open)).toEqual(['未结', '水漏到楼下', '三号']);
});

test('A referral that was over long before its matter has its words for as long as that, not less', async () => {
  const dispute = await opened('早');
  await close(dispute, '2026-03-01T00:00:00Z');
  await rig.db.query(
    `insert into referral (id, number, dispute_id, root_id, kind, status, version, from_id, lead_id, urgency, playbook_id, playbook_version,
       legal_basis, summary_cipher, state, light, opened_at, closed_at)
     values ('ref_1', '1', $1, 'ref_1', 'ASSIGN', 'CLOSED', 1, 'org_centre', 'org_court', 'ROUTINE', 'p', '1',
       '', '\\x01', '{}', 'GREEN', '2019-01-01', '2019-06-01')`,
    [dispute],
  );
  expect(await endedMatters(rig.db, new Date('2026-03-01T00:00:00Z'))).toMatchObject({ count: 0 });
  expect(await endedMatters(rig.db, new Date('2026-03-01T00:00:01Z'))).toMatchObject({ count: 2 });
});
