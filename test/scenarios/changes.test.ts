/** What departments change, and what they send broken, while it runs: read in by the worker, nothing lost. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { recordId } from '../../core/people/index-row.ts';
import { openInstallation, until, type Installation } from '../kit/installation.ts';
import { isPlain, knownPeople, OPERATOR, type KnownPerson } from './county.ts';

/** The demo looks at the petitions every half minute, at the others every ten seconds. */
const NEXT_SCAN_MS = 60_000;

let installation: Installation;
let people: readonly KnownPerson[];
beforeAll(async () => {
  const { dataFolder, url } = inject('installation');
  installation = await openInstallation(dataFolder, url);
  people = await knownPeople(installation.countyFolder);
});
afterAll(() => installation.close());

interface IndexRow {
  readonly collective: boolean;
  readonly gone: boolean;
  readonly changedAt: Date;
}
const indexRow = (source: string, key: string): Promise<IndexRow> =>
  installation.db.one<IndexRow>(
    'select collective, gone_at is not null as gone, changed_at as "changedAt" from record where id = $1',
    [recordId(installation.keyring, source, key)],
  );

test.concurrent(
  'A petition row changed and another one deleted, with no date touched, are noticed within the next scan',
  async () => {
    const petitions = installation.department('petitions');
    const plain = people
      .flatMap(({ records }) => records)
      .filter((record) => record.source === 'PETITIONS' && isPlain(record))
      .map(({ row }) => row as typeof row & { readonly collective: boolean })
      .filter(
        ({ collective, references, participants }) =>
          !collective && references.length === 0 && participants.length === 1,
      );
    const [changed, deleted] = [plain[0], plain.find(({ key }) => key !== plain[0]?.key)];
    if (changed === undefined || deleted === undefined) throw new Error('there are no two plain petitions');
    expect(await indexRow('PETITIONS', changed.key)).toMatchObject({ collective: false, gone: false });

    await petitions.change({ key: changed.key, set: { collective: true } });
    await petitions.change({ key: deleted.key, delete: 'hard' });

    await until(
      'the change is noticed',
      async () => (await indexRow('PETITIONS', changed.key)).collective,
      NEXT_SCAN_MS,
    );
    await until('the deletion is noticed', async () => (await indexRow('PETITIONS', deleted.key)).gone, NEXT_SCAN_MS);
  },
  150_000,
);

interface Delivered {
  readonly day: string;
}

test.concurrent(
  'A night’s files with bad rows, half-written at first: nothing of half a file, then the good rows, and the bad ones named',
  async () => {
    const bureau = installation.department('civil-affairs');
    const marriages = people
      .flatMap(({ records }) => records)
      .filter(
        ({ source, row }) => source === 'CIVIL_AFFAIRS' && row.key.startsWith('HY') && row.participants.length === 2,
      )
      .map(({ row }) => row.key);
    const [good = '', torn = '', unreadable = ''] = [...new Set(marriages)];
    const before = await indexRow('CIVIL_AFFAIRS', good);
    const quarantined = (): Promise<{ place: string; field: string; reason: string }[]> =>
      installation.db.query(`select place, field, reason from quarantined where source = 'CIVIL_AFFAIRS'`);
    expect(await quarantined()).toEqual([]);

    const { day } = (await bureau.change({
      deliver: 'delta',
      half: 'half-file',
      changes: [
        { key: good, set: { at: '2026-01-05T02:00:00.000Z' } },
        // Bytes that are no GB18030, and a row torn in its columns.
        { key: unreadable, flaw: 'bytes' },
        { key: torn, flaw: 'columns' },
      ],
    })) as Delivered;
    // A stray that no manifest names, cut off in the middle of a character, in a day's folder of its own.
    const drop = join(installation.dataFolder, 'demo', 'departments', 'civil-affairs', 'drop');
    writeFileSync(join(drop, day.replaceAll('-', ''), 'MZ_HY_stray.csv.part'), Buffer.from([0xcb, 0xce, 0xb7]));

    await until(
      'the half-written delivery is noticed',
      async () =>
        (await installation.db.query(`select from drop_delivery where day = $1 and status = 'WAITING'`, [day])).length >
        0,
    );
    expect((await indexRow('CIVIL_AFFAIRS', good)).changedAt).toEqual(before.changedAt);

    await bureau.change({ finish: day });
    await until(
      'the good row is read in',
      async () => (await indexRow('CIVIL_AFFAIRS', good)).changedAt > before.changedAt,
    );
    const faults = await until('the bad rows are quarantined', async () => {
      const rows = await quarantined();
      return rows.length >= 2 ? rows : null;
    });
    // Where they stand and what is wrong, and nothing of what stood there.
    for (const { place, field, reason } of faults) {
      expect(place).toContain(day.replaceAll('-', ''));
      expect(`${field} ${reason}`).not.toMatch(/\d{15}/);
    }
    // What was known of the bad rows stays known.
    expect((await indexRow('CIVIL_AFFAIRS', torn)).gone).toBe(false);
    expect((await indexRow('CIVIL_AFFAIRS', unreadable)).gone).toBe(false);
    const { data } = await installation.ask<{ sources: { code: string; status: string }[] }>(
      OPERATOR,
      '{ sources { code status } }',
    );
    expect(data.sources.find(({ code }) => code === 'CIVIL_AFFAIRS')).toBeDefined();
  },
  120_000,
);
