import { afterEach, expect, test } from 'vitest';
import { createRandom } from '../../demo/county/random.ts';
import { createIndexRig, type IndexRig } from '../../test/kit/index-rig.ts';
import { citizenId, participant, record } from '../../test/kit/paper-department.ts';
import type { DepartmentRecord, Participant } from '../department-record.ts';

const rigs: IndexRig[] = [];
const open = async (pageSize = 3): Promise<IndexRig> => {
  const rig = await createIndexRig(pageSize);
  rigs.push(rig);
  return rig;
};
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.drop();
});

const HOME = '枫林一里3幢2单元501室';

/** A few people of two households, as tired clerks write them down. */
function crowd(random: ReturnType<typeof createRandom>, count: number): DepartmentRecord[] {
  const said = (): Partial<Participant> => {
    const who = random.int(4);
    return {
      name: random.pick(
        [
          ['魏霞丹', '魏霞丹', '魏霞单', '小丹'],
          ['魏霞萍', '魏霞萍', '魏霞平', '霞萍'],
          ['欧阳国强', '欧阳国强', '歐陽國強', '欧阳国'],
          ['魏霞丹', '魏霞丹', '魏霞丹', '魏夏丹'],
        ][who] ?? [],
      ),
      citizenId: random.pick([citizenId(who + 1), citizenId(who + 1), null, null, citizenId(3)]),
      // As their numbers have it: the second of January, and so on.
      birthDate: random.pick([`1940-01-0${who + 2}`, `1940-01-0${who + 2}`, `1940-0${who + 2}-01`, null]),
      phone: random.pick(['13800000001', `1380000001${who}`, null]),
      address: random.pick([HOME, '枫林一里1幢1单元101室', null]),
      sex: random.pick(['FEMALE', 'UNKNOWN'] as const),
    };
  };
  return Array.from({ length: count }, (_, index) =>
    record(index % 2 === 0 ? 'COURTS' : 'POLICE', `k${index}`, { participants: [participant('1', said())] }),
  );
}

const ORDERS = process.env['FULL'] ? 20 : 4;

test('The same records in any order and in any lots end in the same persons and the same questions', async () => {
  const records = crowd(createRandom(7, 40), 40);
  const outcomes: unknown[] = [];
  for (let order = 0; order < ORDERS; order++) {
    const random = createRandom(order, 1);
    const rig = await open(1 + random.int(9));
    const shuffled = [...records].sort(() => random.next() - 0.5);
    // Some come with the first load, the others as changes of later days, in lots of any size.
    for (let at = 0; at < shuffled.length;) {
      const size = order === 0 ? shuffled.length : 1 + random.int(15);
      for (const one of shuffled.slice(at, at + size)) (one.source === 'COURTS' ? rig.courts : rig.police).put(one);
      at += size;
      rig.clock.advance(60_000);
      await rig.readIn.read('COURTS');
      await rig.readIn.read('POLICE');
    }
    const questions = await rig.db.query<{ score: number }>('select score from identity_review order by score');
    outcomes.push({ people: await rig.people(), questions });
  }
  for (const outcome of outcomes) expect(outcome).toEqual(outcomes[0]);
});

test('A first load joins by numbers; then everybody is compared, also when it was interrupted', async () => {
  const rig = await open();
  const own = { name: '魏霞丹', citizenId: citizenId(1), birthDate: '1940-01-02', phone: '13800000001' };
  rig.courts.put(
    record('COURTS', 'c1', { participants: [participant('1', own)] }),
    record('COURTS', 'c2', { participants: [participant('1', { ...own, citizenId: null, name: '魏霞单' })] }),
  );
  await rig.reader(rig.db).read('COURTS');
  expect(await rig.people()).toEqual(['COURTS/c1/1 COURTS/c2/1']);
  expect(await rig.db.query('select * from match_waiting', [])).toEqual([]);
  const [joining] = await rig.db.query('select rule, decided_by, evidence from joining');
  expect(joining).toMatchObject({
    rule: 'SCORE',
    decided_by: 'score:county/1',
    evidence: { fields: [{ field: 'citizenId' }, { field: 'name', agreement: 'SOUND' }, {}, {}, {}, {}] },
  });

  // As an upgrade, or new weights, leave them.
  await rig.db.query(`update mention set name_day = null, born_first = null, born_last = null, name_phone = null`, []);
  await rig.db.query('insert into match_waiting (person_id) select id from person', []);
  const stop = new AbortController();
  stop.abort();
  expect(await rig.readIn.compare({ signal: stop.signal })).toBe(0);
  expect(await rig.readIn.mustCompare()).toBe(true);
  expect(await rig.readIn.compare()).toBe(2);
  expect(await rig.people()).toEqual(['COURTS/c1/1 COURTS/c2/1']);
  expect(await rig.db.query('select id from mention where name_day is null', [])).toEqual([]);
});
