import { mkdtemp, readdir, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { birthDateOf, isValidCitizenId, sexOf, upgradeCitizenId } from '../../core/platform/citizen-id.ts';
import { NOISE } from './clerk.ts';
import { loadRows, readCounty, readOrganisations, readRows, readTruth } from './county-files.ts';
import { departmentNames, sourceOf } from './model.ts';
import type { CountySummary, DepartmentName, DepartmentRow, TrueDispute, TrueMention, TruePerson } from './model.ts';
import { STAR_OPPONENT, STAR_PERSON, STAR_SPOUSE } from './star.ts';
import { ensureCounty, findOrWriteCounty, writeCounty } from './write-county.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'county-'));
});
afterAll(() => rm(root, { recursive: true }));

const all = async <T>(rows: AsyncIterable<T>): Promise<T[]> => {
  const list: T[] = [];
  for await (const row of rows) list.push(row);
  return list;
};

describe('The same people and seed', () => {
  test('give the same bytes, and another seed others', async () => {
    const [a, b, c] = [join(root, 'a'), join(root, 'b'), join(root, 'c')];
    const [first, second, third] = [
      await writeCounty({ people: 600, seed: 7, dir: a }),
      await writeCounty({ people: 600, seed: 7, dir: b }),
      await writeCounty({ people: 600, seed: 8, dir: c }),
    ];
    expect(second).toEqual(first);
    expect(third.digest).not.toBe(first.digest);
    const files = ['county.json', 'organisations.json', 'truth/persons.ndjson', 'truth/mentions.ndjson'];
    for (const file of [...files, ...departmentNames.map((name) => `${name}.ndjson`)])
      expect((await readFile(join(a, file))).equals(await readFile(join(b, file))), file).toBe(true);
  });

  test('are written once by several at once, and whoever came later finds what was written first', async () => {
    const dir = join(root, 'at-once');
    const [first, second] = await Promise.all([
      findOrWriteCounty({ people: 600, seed: 7, dir }),
      findOrWriteCounty({ people: 700, seed: 8, dir }),
    ]);
    expect(second).toEqual(first);
    expect(await readCounty(dir)).toEqual(first);
    expect(await findOrWriteCounty({ people: 700, seed: 8, dir })).toEqual(first);
  });

  test('give these bytes on every version of Node', async () => {
    const { digest } = await writeCounty({ people: 300, seed: 1, dir: join(root, 'fixed') });
    expect(digest).toBe('b91ef440781c1a0b11cededa37858b4ec3fb8f08ce802dd7bd32a116e1d9c329');
  });

  test('A whole county is kept, a half-written one is written again, and of a crash nothing is left over', async () => {
    const dir = join(root, 'kept');
    const written = await ensureCounty({ people: 100, seed: 3, dir });
    const steps: number[] = [];
    const onProgress = (done: number): void => void steps.push(done);
    expect(await ensureCounty({ people: 100, seed: 3, dir, onProgress })).toEqual(written);
    expect(steps).toEqual([]);
    await unlink(join(dir, 'county.json'));
    await writeFile(join(dir, 'courts-3.ndjson.part'), 'half a row');
    expect(await readCounty(dir)).toBeNull();
    expect(await ensureCounty({ people: 100, seed: 3, dir, onProgress })).toEqual(written);
    expect(steps.length).toBeGreaterThan(0);
    expect((await readdir(dir)).filter((file) => file.endsWith('.part'))).toEqual([]);
  });

  test('Very small counties and senseless wishes', async () => {
    expect((await writeCounty({ people: 1, seed: 1, dir: join(root, 'one') })).people).toBe(1);
    for (const people of [0, 1.5, 6_000_000])
      await expect(writeCounty({ people, seed: 1, dir: join(root, 'none') })).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
      });
  });
});

describe('A county of 20,000', () => {
  let dir: string;
  let county: CountySummary;
  let persons: TruePerson[];
  let mentions: TrueMention[];
  let disputes: TrueDispute[];
  const rows = new Map<string, DepartmentRow>();
  beforeAll(async () => {
    dir = join(root, 'large');
    county = await writeCounty({ people: 20_000, seed: 1, dir });
    persons = await all(readTruth(dir, 'persons'));
    mentions = await all(readTruth(dir, 'mentions'));
    disputes = await all(readTruth(dir, 'disputes'));
    for (const name of departmentNames)
      for await (const row of readRows(dir, name)) rows.set(`${sourceOf[name]} ${row.key}`, row);
  });
  const of = (name: DepartmentName): TrueMention[] => mentions.filter(({ source }) => source === sourceOf[name]);
  const share = (list: readonly TrueMention[], noise: string): number =>
    list.filter((mention) => mention.noise.includes(noise)).length / list.length;

  test('Everybody has a valid number of their own in an area code not in use, with their birth date and sex', () => {
    expect(persons).toHaveLength(20_000);
    expect(new Set(persons.map(({ citizenId }) => citizenId)).size).toBe(20_000);
    const wrong = persons.filter(
      ({ citizenId, birthDate, sex }) =>
        !isValidCitizenId(citizenId) ||
        !citizenId.startsWith('99') ||
        birthDateOf(citizenId) !== birthDate ||
        sexOf(citizenId) !== sex,
    );
    expect(wrong).toEqual([]);
  });

  test('Namesakes, twins and names with a middle dot occur', () => {
    expect(persons.filter(({ name }) => name === '张伟').length).toBeGreaterThan(10);
    const twins = persons.filter(({ twin }) => twin !== null);
    expect(twins.length / persons.length).toBeGreaterThan(0.003);
    expect(twins.length / persons.length).toBeLessThan(0.01);
    for (const { id, birthDate, household, twin } of twins)
      expect(persons[twin ?? -1]).toMatchObject({ birthDate, household, twin: id });
    expect(persons.filter(({ name }) => name.includes('·')).length).toBeGreaterThan(100);
  });

  test('The truth names every participant of every row exactly once', () => {
    const truth = new Set(mentions.map(({ source, key, ref }) => `${source} ${key} ${ref}`));
    const written = [...rows].flatMap(([id, row]) => row.participants.map(({ ref }) => `${id} ${ref}`));
    expect(truth.size).toBe(mentions.length);
    expect(written).toHaveLength(mentions.length);
    expect(written.filter((mention) => !truth.has(mention))).toEqual([]);
    expect(mentions.length).toBe(Object.values(county.mentions).reduce((sum, count) => sum + count, 0));
  });

  test('About 2.4 mentions a person: none or one for most, many for a few', () => {
    expect(mentions.length / persons.length).toBeGreaterThan(2.2);
    expect(mentions.length / persons.length).toBeLessThan(2.6);
    const counts = new Map<number, number>();
    for (const { person } of mentions) counts.set(person, (counts.get(person) ?? 0) + 1);
    const several = [...counts.values()].filter((count) => count > 1).length;
    expect(several / persons.length).toBeLessThan(0.43);
    expect(Math.max(...counts.values())).toBeGreaterThan(20);
  });

  test('Clerks slip as often as the design fixes', () => {
    for (const name of departmentNames) {
      const list = of(name);
      const near = (noise: string, expected: number): void => {
        const tolerance = 0.002 + 4 * Math.sqrt((expected * (1 - expected)) / list.length);
        expect(Math.abs(share(list, noise) - expected), `${name} ${noise}`).toBeLessThan(tolerance);
      };
      near('id-missing', NOISE.idMissing[name]);
      near('id-mistyped', 0.015);
      near('id-15', 0.005);
      near('id-other', 0.004);
      near('name-variant', 0.02);
      near('name-traditional', 0.005);
      near('name-alias', 0.01);
      near('birth-swapped', 0.005);
      near('birth-lunar', 0.005);
      near('phone-missing', 0.25);
      near('phone-shared', 0.2);
      near('phone-changed', 0.15);
      near('address-old', 0.2);
      near('address-style', 0.6);
    }
  });

  test('What is written differs from the truth exactly where the truth says so', () => {
    const wrong = mentions.filter(({ source, key, ref, person, noise }) => {
      const written = rows.get(`${source} ${key}`)?.participants.find((participant) => participant.ref === ref);
      const really = persons[person];
      if (written === undefined || really === undefined) return true;
      const has = (prefix: string): boolean => noise.some((name) => name.startsWith(prefix));
      const id = written.citizenId ?? '';
      return (
        (written.citizenId !== really.citizenId) !== has('id-') ||
        (written.name !== really.name) !== has('name-') ||
        (written.birthDate !== really.birthDate) !== has('birth-') ||
        (written.phone === null) !== has('phone-missing') ||
        (has('id-mistyped') && isValidCitizenId(id)) ||
        (has('id-other') && !isValidCitizenId(id)) ||
        (has('id-15') && upgradeCitizenId(id) !== really.citizenId)
      );
    });
    expect(wrong).toEqual([]);
  });

  test('Disputes are known to one to four departments; six of ten links are written down', () => {
    const reach = (count: number): number =>
      disputes.filter(({ records }) => new Set(records.map(({ source }) => source)).size === count).length /
      disputes.length;
    expect(reach(1)).toBeCloseTo(0.65, 1);
    expect(reach(2)).toBeCloseTo(0.25, 1);
    expect(Math.abs(reach(3) - 0.08)).toBeLessThan(0.01);
    expect(Math.abs(reach(4) - 0.02)).toBeLessThan(0.005);
    const between = disputes.flatMap(({ links }) => links).filter(({ from, to }) => from.source !== to.source);
    expect(Math.abs(between.filter(({ explicit }) => explicit).length / between.length - 0.6)).toBeLessThan(0.03);
  });

  test('Explicit links are references in the later row, and there are no other references', () => {
    const id = ({ source, key }: { source: string; key: string }): string => `${source} ${key}`;
    const expected = new Map<string, Set<string>>();
    const add = (from: DepartmentRow | undefined, source: string, to: string): void =>
      void expected.set(to, (expected.get(to) ?? new Set()).add(`${source} ${from?.number}`));
    for (const { links } of disputes)
      for (const { from, to, explicit } of links) if (explicit) add(rows.get(id(from)), from.source, id(to));
    // The star's court case names the incident as well as the petition.
    const star = disputes.find((dispute) => dispute.id === 1)?.records ?? [];
    if (star[0] && star[2]) add(rows.get(id(star[0])), star[0].source, id(star[2]));
    const wrong = [...rows].filter(([key, row]) => {
      const written = row.references.map(({ source, number }) => `${source} ${number}`).toSorted();
      return written.join() !== [...(expected.get(key) ?? [])].toSorted().join();
    });
    expect(wrong).toEqual([]);
  });

  test('A dispute goes through its departments in the order of time, and every row that is one belongs to exactly one', () => {
    const seen = disputes.flatMap(({ records }) => records.map(({ source, key }) => `${source} ${key}`));
    expect(new Set(seen).size).toBe(seen.length);
    expect(new Set(seen)).toEqual(new Set([...rows].filter(([, row]) => row.category !== null).map(([key]) => key)));
    const wrong = disputes.filter(({ records, category }) => {
      const ofDispute = records.map(({ source, key }) => rows.get(`${source} ${key}`));
      const times = ofDispute.map((row) => row?.at ?? '');
      return times.join() !== times.toSorted().join() || ofDispute.some((row) => row?.category !== category);
    });
    expect(wrong).toEqual([]);
  });

  test('Rows lie in the order of their last change, keys and numbers are unique, nothing is later than the county’s now', async () => {
    for (const name of departmentNames) {
      const list = await loadRows(dir, name);
      expect(list).toHaveLength(county.rows[name]);
      expect(new Set(list.map(({ key }) => key)).size).toBe(list.length);
      expect(new Set(list.map(({ number }) => number)).size).toBe(list.length);
      const late = list.filter(
        (row, index) =>
          row.changedAt <= (list[index - 1]?.changedAt ?? '') ||
          row.at > row.changedAt ||
          row.changedAt >= county.until,
      );
      expect(late).toEqual([]);
    }
  });

  test('Sealed are records of minors and penalties since 2026; shelter and domestic violence are protected', async () => {
    const person = new Map(
      mentions.map(({ source, key, ref, person }) => [`${source} ${key} ${ref}`, persons[person]]),
    );
    const wrong = (await loadRows(dir, 'police')).filter((row) => {
      const day = new Date(Date.parse(row.at) + 8 * 3_600_000).toISOString().slice(0, 10);
      const birthdays = row.participants.map(({ ref }) => person.get(`POLICE ${row.key} ${ref}`)?.birthDate ?? '');
      const minor = birthdays.some((date) => `${Number(date.slice(0, 4)) + 18}${date.slice(4)}` > day);
      const sealed = minor || (row.disposition === 'PENALTY' && day >= '2026-01-01');
      return row.sealed !== sealed || row.protected !== (row.kind === 'DOMESTIC_VIOLENCE');
    });
    expect(wrong).toEqual([]);
    const civil = await loadRows(dir, 'civil-affairs');
    expect(civil.filter((row) => row.kind === 'SHELTER' && !row.protected)).toEqual([]);
    const classified = (await loadRows(dir, 'police')).filter((row) => row.classified).length / county.rows.police;
    expect(Math.abs(classified - 0.01)).toBeLessThan(0.006);
  });

  test('Accusations are against organisations of the tree and held outside the subtree accused', async () => {
    const parents = new Map((await readOrganisations(dir)).map(({ code, parent }) => [code, parent]));
    const isUnder = (code: string | null, above: string): boolean =>
      code !== null && (code === above || isUnder(parents.get(code) ?? null, above));
    const petitions = await loadRows(dir, 'petitions');
    const accusations = petitions.filter(({ purpose }) => purpose === 'ACCUSATION');
    expect(accusations.length).toBeGreaterThan(20);
    for (const { office, responsible, accused } of accusations) {
      expect(accused.length).toBeGreaterThan(0);
      for (const code of accused) {
        expect(parents.has(code)).toBe(true);
        expect(isUnder(office, code) || isUnder(responsible, code)).toBe(false);
      }
    }
    expect(petitions.filter(({ purpose, accused }) => purpose !== 'ACCUSATION' && accused.length > 0)).toEqual([]);
    expect(Math.max(...petitions.map(({ participants }) => participants.length))).toBe(83);
  });

  test('Every office and place is in the tree, which has one root and parents before children', async () => {
    const organisations = await readOrganisations(dir);
    const codes = new Set<string>();
    for (const { code, parent } of organisations) {
      expect(codes.has(code)).toBe(false);
      if (code === 'county') expect(parent).toBeNull();
      else expect(codes.has(parent ?? '')).toBe(true);
      codes.add(code);
    }
    expect(organisations.filter(({ level, kind }) => level === 'TOWNSHIP' && kind === 'GOVERNMENT')).toHaveLength(16);
    expect(organisations.filter(({ kind }) => kind === 'TRIBUNAL')).toHaveLength(5);
    const lost = [...rows.values()].filter(
      ({ office, place }) => !codes.has(office) || (place !== null && !codes.has(place)),
    );
    expect(lost).toEqual([]);
    const microGrids = organisations.filter(({ level }) => level === 'MICRO_GRID').length;
    expect(county.households / microGrids).toBeGreaterThan(25);
    expect(county.households / microGrids).toBeLessThan(31);
    const holders = new Map(organisations.map(({ code, sources }) => [code, sources]));
    const elsewhere = [...rows].filter(
      ([id, row]) => !holders.get(row.office)?.some((source) => id.startsWith(source)),
    );
    expect(elsewhere).toEqual([]);
  });

  test('A page of fifty people with disputes needs few enough police incidents for one call by key', () => {
    const ofDispute = new Set(disputes.flatMap(({ records }) => records.map(({ source, key }) => `${source} ${key}`)));
    const people = new Set(
      mentions.filter(({ source, key }) => ofDispute.has(`${source} ${key}`)).map(({ person }) => person),
    );
    const incidents = of('police').filter(({ person }) => people.has(person)).length;
    expect(incidents / people.size).toBeLessThan(0.8);
  });
});

test.each([1, 99])('The star of a county with seed %i is known to all four departments, cleanly', async (seed) => {
  const dir = join(root, `star-${seed}`);
  await writeCounty({ people: 2000, seed, dir });
  expect(isValidCitizenId(STAR_PERSON.citizenId)).toBe(true);
  const numbers = new Map<string, string>();
  for (const name of departmentNames) {
    const known = (await loadRows(dir, name)).filter(({ participants }) =>
      participants.some(({ citizenId }) => citizenId === STAR_PERSON.citizenId),
    );
    expect(known, name).toHaveLength(1);
    const [row] = known;
    expect(row).toMatchObject({ sealed: false, classified: false, protected: false });
    expect(row?.participants.find(({ citizenId }) => citizenId === STAR_PERSON.citizenId)).toMatchObject(STAR_PERSON);
    numbers.set(name, row?.number ?? '');
  }
  const court = (await loadRows(dir, 'courts')).find(({ number }) => number === numbers.get('courts'));
  expect(court?.references).toEqual([
    { source: 'POLICE', number: numbers.get('police') },
    { source: 'PETITIONS', number: numbers.get('petitions') },
  ]);
  expect(court?.participants).toMatchObject([STAR_PERSON, STAR_SPOUSE, STAR_OPPONENT]);
  const petitions = await loadRows(dir, 'petitions');
  expect(petitions.find(({ number }) => number === numbers.get('petitions'))?.purpose).toBe('APPEAL');
  expect(petitions.some(({ collective, participants }) => collective && participants.length === 83)).toBe(true);
});
