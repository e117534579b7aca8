import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRandom } from '../../demo/county/random.ts';
import { createIndexRig, type IndexRig } from '../../test/kit/index-rig.ts';
import { citizenId, participant, record } from '../../test/kit/paper-department.ts';
import { learnFromIndex, listWeights, putBack, putInForce } from './learn-weights.ts';
import { loadMatcher, shippedWeights } from './matcher.ts';

let rig: IndexRig;
beforeEach(async () => {
  rig = await createIndexRig(500);
});
afterEach(() => rig.drop());

const NAMES = ['魏霞丹', '欧阳国强', '何守田', '李子轩', '王小明', '赵大海', '周正言', '陈秀英'];

/** A village whose clerks forget the telephone often, and never err in a birth date. */
async function readVillage(people: number): Promise<void> {
  const random = createRandom(3, 1);
  for (let serial = 0; serial < people; serial++) {
    const number = citizenId(serial * 7);
    const born = `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`;
    const name = random.pick(NAMES);
    for (let copy = 0; copy < 3; copy++)
      rig.courts.put(
        record('COURTS', `${serial}/${copy}`, {
          participants: [
            participant('1', {
              ...{ name, citizenId: number, birthDate: born, sex: serial % 2 ? 'MALE' : 'FEMALE' },
              phone: copy === 0 ? `138${String(serial).padStart(8, '0')}` : null,
            }),
          ],
        }),
      );
  }
  await rig.readIn.read('COURTS');
}

test('Weights are learned from the index, put in force with an entry in the log, and taken back', async () => {
  await readVillage(300);
  const weights = await learnFromIndex(rig.db, rig.keyring);
  // What never happens there keeps what it weighed.
  expect(weights.bits.name.SOUND).toBe(shippedWeights().bits.name.SOUND);
  // No two records of one person both say a telephone: that says nothing of what an equal one weighs.
  const { EQUAL, AT_HOME } = shippedWeights().bits.phone;
  expect(weights.bits.phone).toMatchObject({ EQUAL, AT_HOME });
  expect(weights.bits.birthDate.EQUAL).toBeGreaterThan(5);
  expect(weights.bits.citizenId.EQUAL).toBeGreaterThan(15);
  expect(weights.join).toBe(shippedWeights().join);

  const version = await rig.db.tx((tx) => putInForce(tx, weights, rig.clock.wall()));
  expect(version).toBe('county/2');
  expect((await loadMatcher(rig.db, rig.keyring)).weights).toEqual({ ...weights, version });
  const before = await rig.people();
  expect(await rig.readIn.mustCompare()).toBe(true);
  await rig.readIn.compare();
  expect(await rig.people()).toEqual(before);
  const entries = await rig.db.query(
    `select subject, actor_role as role from audit_entry where kind = 'identity.weights'`,
  );
  expect(entries).toEqual([{ subject: version, role: 'system' }]);

  expect(await putBack(rig.db, 1, rig.clock.wall())).toBe('county/3');
  expect((await loadMatcher(rig.db, rig.keyring)).weights).toEqual({ ...shippedWeights(), version: 'county/3' });
  expect((await listWeights(rig.db)).map(({ version: one, inForce }) => `${one} ${inForce}`)).toEqual([
    'county/1 false',
    'county/2 false',
    'county/3 true',
  ]);
  await expect(putBack(rig.db, 9, rig.clock.wall())).rejects.toThrow('no weights of this number');
});

test('Of too few records nothing is learned', async () => {
  await readVillage(20);
  await expect(learnFromIndex(rig.db, rig.keyring)).rejects.toThrow('too few records');
  expect((await listWeights(rig.db)).map(({ version }) => version)).toEqual(['county/1']);
});
