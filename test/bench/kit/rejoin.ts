/** How long it takes until one changed record is stored and its people are compared anew, after a first load. */
import type { DepartmentRecord } from '../../../core/department-record.ts';
import { gatherDisputes } from '../../../core/disputes/gather-disputes.ts';
import { indexRecords, preparePage } from '../../../core/people/index-records.ts';
import { loadRows } from '../../../demo/county/county-files.ts';
import type { Random } from '../../../demo/county/random.ts';
import type { CountyRig } from './county-rig.ts';

/** Statements are planned by then. */
const BEFORE = 20;

/** Milliseconds each: cases whose first party has another telephone, one after another. */
export async function measureRejoining(rig: CountyRig, random: Random, count: number): Promise<readonly number[]> {
  const rows = await loadRows(rig.countyDir, 'courts');
  const { keyring } = rig;
  const took: number[] = [];
  for (let at = 0; at < BEFORE + count; at++) {
    const { participants, ...row } = random.pick(rows);
    const phone = `139${String(random.int(100_000_000)).padStart(8, '0')}`;
    const record: DepartmentRecord = {
      ...{ ...row, source: 'COURTS', kind: 'COURT_CASE', accused: [] },
      participants: participants.map((one, index) => (index === 0 ? { ...one, phone } : one)),
    };
    const began = performance.now();
    const page = await preparePage(rig.db(), { keyring }, 'COURTS', [{ type: 'upsert', record }]);
    await rig.db().tx(async (tx) => {
      const context = { keyring, now: new Date() };
      await gatherDisputes(tx, context, await indexRecords(tx, context, page));
    });
    if (at >= BEFORE) took.push(performance.now() - began);
  }
  return took;
}
