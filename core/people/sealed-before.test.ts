import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createTestDatabase } from '../../test/kit/database.ts';
import { createIndexRig } from '../../test/kit/index-rig.ts';
import { participant, record } from '../../test/kit/paper-department.ts';
import { openText } from '../disputes/dispute-text.ts';
import { createKeyring } from '../platform/keyring.ts';
import { migrate, migrationFolder, readMigrations } from '../platform/migrate.ts';
import { openMention } from './index-row.ts';

const content = { name: '王小明', citizenId: null, birthDate: null, phone: null, address: null };

test('What was sealed before there were data keys opens after the upgrade', async () => {
  const keyring = createKeyring(Buffer.alloc(32, 1));
  const folder = mkdtempSync(join(tmpdir(), 'maplebridge-before-'));
  const database = await createTestDatabase({ empty: true });
  try {
    for (const { number, name } of readMigrations()) {
      const file = `${String(number).padStart(4, '0')}_${name}.sql`;
      if (name !== 'data_key' && number < 8) copyFileSync(join(migrationFolder, file), join(folder, file));
    }
    const { db } = database;
    await migrate(db, folder);
    await db.query(
      `with p as (insert into person (id, created_at) values ('per_1', now())),
         r as (insert into record (id, source, key_hash, key_cipher, number_hash, kind, occurred_at, sealed, classified, protected, channel,
           digest, first_seen_at, changed_at)
           values ('rec_1', 'COURTS', '', '', '', 'DISPUTE', now(), false, false, false, 'OTHER', '', now(), now())),
         d as (insert into dispute (id, number, title_cipher, address_cipher, category, channels, opened_at)
           values ('dsp_1', 'D1', $2, $3, 'OTHER', '{}', now()))
       insert into mention (id, record_id, ref, role, person_id, sex, cipher, name_hash, name_tokens, matched_by, created_at, joined_at)
       values ('men_1', 'rec_1', '1', 'PARTY', 'per_1', 'UNKNOWN', $1, '', '{}', 'SINGLE', now(), now())`,
      [
        keyring.seal('index.cipher', JSON.stringify(content), 'men_1'),
        keyring.seal('index.cipher', '漏水', 'dsp_1'),
        keyring.seal('index.cipher', '三号', 'dsp_1/address'),
      ],
    );
    await migrate(db);
    const mention = await db.one<{ mentionId: string; cipher: Buffer; wrapped: Buffer | null }>(
      `select m.id as "mentionId", m.cipher, k.wrapped from mention m left join data_key k on k.id = m.id`,
    );
    expect(openMention(keyring, mention)).toEqual(content);
    const dispute = await db.one<{ id: string; wrapped: Buffer | null; title: Buffer; address: Buffer }>(
      `select d.id, k.wrapped, d.title_cipher as title, d.address_cipher as address from dispute d left join data_key k on k.id = d.id`,
    );
    expect(openText(keyring, dispute, 'title', dispute.title)).toBe('漏水');
    expect(openText(keyring, dispute, 'address', dispute.address)).toBe('三号');
  } finally {
    await database.drop();
    rmSync(folder, { recursive: true });
  }
});

interface Row {
  readonly mentionId: string;
  readonly cipher: Buffer;
  readonly wrapped: Buffer | null;
}
const ROWS = `select m.id as "mentionId", m.cipher, k.wrapped from mention m left join data_key k on k.id = m.id order by m.ref`;

test('A mention from before gets a key of its own when its record changes', async () => {
  const rig = await createIndexRig();
  try {
    const wang = participant('1');
    rig.courts.put(record('COURTS', 'c1', { participants: [wang] }));
    await rig.readIn.read('COURTS');
    const { mentionId } = await rig.db.one<Row>(ROWS);
    await rig.db.query('delete from data_key where id = $1', [mentionId]);
    await rig.db.query('update mention set cipher = $1', [
      rig.keyring.seal('index.cipher', JSON.stringify(content), mentionId),
    ]);
    expect(openMention(rig.keyring, await rig.db.one<Row>(ROWS)).name).toBe('王小明');
    rig.courts.put(record('COURTS', 'c1', { participants: [{ ...wang, name: '王小鸣' }] }));
    await rig.readIn.read('COURTS');
    const after = await rig.db.one<Row>(ROWS);
    expect(after.wrapped).not.toBeNull();
    expect(openMention(rig.keyring, after).name).toBe('王小鸣');
  } finally {
    await rig.drop();
  }
});

test('What one record says of somebody cannot be put in the place of what another says', async () => {
  const rig = await createIndexRig();
  try {
    rig.courts.put(record('COURTS', 'c1', { participants: [participant('1'), participant('2', { name: '李大山' })] }));
    await rig.readIn.read('COURTS');
    const [one, two] = await rig.db.query<Row>(ROWS);
    if (!one || !two) throw new Error('two are read in');
    expect(openMention(rig.keyring, one).name).toBe('王小明');
    // The cipher alone, the cipher with its key, the key alone.
    for (const moved of [
      { ...two, cipher: one.cipher },
      { ...two, cipher: one.cipher, wrapped: one.wrapped },
      { ...two, wrapped: one.wrapped },
      { ...two, wrapped: null },
    ])
      expect(() => openMention(rig.keyring, moved)).toThrow('cannot be opened');
  } finally {
    await rig.drop();
  }
});

test('A record that changes keeps the keys of its mentions, and all of them are told apart', async () => {
  const rig = await createIndexRig();
  try {
    const people = ['1', '2', '3'].map((ref) => participant(ref, { name: `王小${ref}` }));
    rig.courts.put(record('COURTS', 'c1', { participants: people }));
    await rig.readIn.read('COURTS');
    const keys = async (): Promise<(string | undefined)[]> =>
      (await rig.db.query<Row>(ROWS)).map(({ wrapped }) => wrapped?.toString('hex'));
    const before = await keys();
    expect(new Set(before).size).toBe(3);
    rig.courts.put(record('COURTS', 'c1', { participants: people.map((one) => ({ ...one, phone: '13800000001' })) }));
    await rig.readIn.read('COURTS');
    expect(await keys()).toEqual(before);
    expect((await rig.db.query<Row>(ROWS)).map((row) => openMention(rig.keyring, row).phone)).toEqual(
      people.map(() => '13800000001'),
    );
  } finally {
    await rig.drop();
  }
});
