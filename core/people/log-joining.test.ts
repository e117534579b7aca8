import { afterAll, beforeAll, expect, test } from 'vitest';
import { createIndexRig, type IndexRig } from '../../test/kit/index-rig.ts';
import { citizenId, participant, record } from '../../test/kit/paper-department.ts';
import { digestOf, type Joining } from './log-joining.ts';

let rig: IndexRig;
beforeAll(async () => {
  rig = await createIndexRig(50);
});
afterAll(() => rig.drop());

test('What joins people is in the log as a digest of its rows, which anybody can make again', async () => {
  const { db, police, readIn } = rig;
  const number = citizenId(1);
  for (const key of ['p1', 'p2', 'p3'])
    police.put(record('POLICE', key, { participants: [participant('1', { citizenId: number })] }));
  await readIn.read('POLICE');
  const entries = await db.query<{ subject: string; count: number; digest: string }>(
    `select subject, (body->>'count')::int as count, body->>'digest' as digest from audit_trail where kind = 'people.joined'`,
  );
  expect(entries.length).toBeGreaterThan(0);
  for (const { subject, count, digest } of entries) {
    const rows = await db.query<Joining>(
      `select mention_id as "mentionId", from_person_id as "from", to_person_id as "to", rule, evidence
       from joining where entry = $1 order by id`,
      [subject],
    );
    expect(rows).toHaveLength(count);
    expect(digestOf(rows)).toBe(digest);
    expect(digestOf(rows.map((row) => ({ ...row, rule: 'HUMAN' })))).not.toBe(digest);
  }
});
