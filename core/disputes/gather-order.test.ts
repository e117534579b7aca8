/** Whatever comes first, the same records make the same disputes; also where an accusation must stay apart from the accused. */
import { afterEach, expect, test } from 'vitest';
import { createRandom, type Random } from '../../demo/county/random.ts';
import { createIndexRig, type IndexRig } from '../../test/kit/index-rig.ts';
import { record } from '../../test/kit/paper-department.ts';
import type { DepartmentRecord } from '../department-record.ts';

let rigs: IndexRig[] = [];
afterEach(async () => {
  for (const rig of rigs) await rig.drop();
  rigs = [];
});

interface Spec {
  readonly source: 'COURTS' | 'POLICE' | 'PETITIONS';
  readonly key: string;
  readonly fields: object;
}
const SPECS: readonly Spec[] = [
  { source: 'COURTS', key: 'c1', fields: { office: 'court', category: 'NEIGHBOUR' } },
  { source: 'COURTS', key: 'c2', fields: { office: 'court', category: 'NEIGHBOUR' } },
  { source: 'POLICE', key: 'p1', fields: { office: 'station', category: 'NEIGHBOUR' } },
  { source: 'POLICE', key: 'p2', fields: { office: 'station', category: null } },
  ...['x1', 'x2'].map((key, index): Spec => ({
    ...{ source: 'PETITIONS', key },
    fields: {
      ...{ office: 'centre', category: 'NEIGHBOUR', form: 'VISIT', collective: false },
      ...{ purpose: 'ACCUSATION', accused: [index === 0 ? 'station' : 'court'] },
    },
  })),
];

function shuffle<T>(random: Random, list: readonly T[]): T[] {
  const left = [...list];
  return list.map(() => left.splice(random.int(left.length), 1)[0] as T);
}

const FOLLOWER = 'p2';

/** Each record with its time and whom it names; more often than not everything hangs together. What only follows names one. */
function drawCase(random: Random): DepartmentRecord[] {
  const days = shuffle(
    random,
    SPECS.map((_, index) => index + 1),
  );
  return SPECS.map(({ source, key, fields }, index) => {
    const others = SPECS.filter((other) => other.key !== key && other.key !== FOLLOWER);
    const named = key === FOLLOWER ? [random.pick(others)] : others.filter(() => random.chance(0.25));
    return record(source, key, {
      ...fields,
      at: `2026-03-0${days[index]}T00:00:00.000Z`,
      references: named.map((other) => ({ source: other.source, number: `${other.source}-${other.key}` })),
    });
  });
}

async function readOneByOne(records: readonly DepartmentRecord[]): Promise<{ disputes: string[]; mixed: number }> {
  const rig = await createIndexRig();
  rigs.push(rig);
  const papers = { COURTS: rig.courts, POLICE: rig.police, PETITIONS: rig.petitions };
  for (const one of records) {
    papers[one.source as keyof typeof papers].put(one);
    await rig.readIn.read(one.source);
  }
  const { mixed } = await rig.db.one<{ mixed: number }>(
    `select count(*) as mixed from dispute_record a join record p on p.id = a.record_id
     join dispute_record b on b.dispute_id = a.dispute_id and b.unlinked_at is null
     join record held on held.id = b.record_id and held.id <> p.id
     where a.unlinked_at is null and held.office_id = any (p.accused_ids)`,
    [],
  );
  return { disputes: await rig.disputes(), mixed };
}

test.each([1, 5, 6, 8])('however they arrive (%i)', async (seed) => {
  const random = createRandom(seed);
  const records = drawCase(random);
  const first = await readOneByOne(records);
  expect(first.mixed).toBe(0);
  for (let order = 0; order < 2; order++) expect(await readOneByOne(shuffle(random, records))).toEqual(first);
});
