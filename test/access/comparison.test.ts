/** Streets are compared by what is counted of them: for whoever answers for the county, with nobody in it, and the same whoever asks. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { storeAgreements } from '../../core/access/agreement.ts';
import { PURPOSES, type Caller } from '../../core/access/caller.ts';
import { citizenId, participant, record } from '../kit/paper-department.ts';
import { openOffice, type Office } from './office.ts';

let office: Office;
let analyst: Caller;
beforeEach(async () => {
  office = await openOffice();
  await office.db.query(`insert into organisation (id, code, name, level, kind, path, parent_id) values
    ('org_east', 'east', '东街', 'TOWNSHIP', 'GOVERNMENT', 'county/east/', 'org_county'),
    ('org_company', 'company', '物业公司', 'COUNTY', 'COMPANY', 'county/company/', 'org_county')`);
  analyst = await office.who('centre', 'analyst', { purpose: null });
});
afterEach(() => office.drop());

const REPORT = `query ($from: Date!, $to: Date!, $category: DisputeCategory) {
  comparisonReport(from: $from, to: $to, category: $category) {
    from to previousFrom previousTo category leftOut incomplete
    county { ...C } countyBefore { ...C } unknownPlace { ...C }
    streets { street { code } counts { ...C } before { ...C } timesTheRest z standing } } }
  fragment C on ComparedCounts { hotline police reported filings suitsPerReport }`;
const FEBRUARY = { from: '2026-02-01', to: '2026-02-28' };

interface Counts {
  readonly hotline: number | null;
  readonly police: number | null;
  readonly reported: number | null;
  readonly filings: number | null;
}
interface Reported {
  readonly comparisonReport: {
    readonly leftOut: readonly string[];
    readonly incomplete: readonly string[];
    readonly county: Counts;
    readonly streets: readonly { readonly street: { readonly code: string }; readonly counts: Counts }[];
  };
}
const report = async (who: Caller, asked: object = FEBRUARY) =>
  (await office.must<Reported>(who, REPORT, asked)).comparisonReport;
const refusal = async (who: Caller, asked: object = FEBRUARY) => {
  const [error] = (await office.ask(who, REPORT, asked)).errors;
  return [error?.code, error?.details['field']];
};

let serial = 0;
type Fields = Parameters<typeof record>[2];
/** So many in a street, of people who have nothing to do with each other. */
function put(source: 'POLICE' | 'COURTS' | 'PETITIONS', count: number, place: string, more: Fields = {}): string[] {
  return Array.from({ length: count }, () => {
    serial += 1;
    const one = record(source, `k${serial}`, {
      ...{ kind: 'DISPUTE', category: 'NEIGHBOUR', at: '2026-02-10T02:00:00.000Z', place },
      participants: [participant('1', { citizenId: citizenId(serial) })],
      ...more,
    });
    if (source === 'POLICE') office.police.put(one);
    else if (source === 'COURTS') office.courts.put(one);
    else office.petitions.put({ ...one, ...{ form: 'PHONE', purpose: 'APPEAL', collective: false } });
    return one.key;
  });
}
async function read(): Promise<void> {
  for (const source of office.readIn.sources) await office.readIn.read(source);
}
async function county(): Promise<void> {
  for (const place of ['street', 'east']) {
    put('POLICE', 8, place);
    put('PETITIONS', 6, place);
    put('COURTS', 7, place);
  }
  await read();
}

describe('The comparison of streets', () => {
  test('is told to whoever answers for the county, without a purpose, and the same to each', async () => {
    await county();
    const told = await report(analyst);
    expect(told.county).toEqual({ hotline: 12, police: 16, reported: 28, filings: 14, suitsPerReport: 0.5 });
    expect(told.streets.map(({ street, counts }) => [street.code, counts.filings])).toEqual([
      ['east', 7],
      ['street', 7],
    ]);
    expect(told).toMatchObject({ previousFrom: '2026-01-01', previousTo: '2026-01-31', leftOut: [], incomplete: [] });
    for (const [code, role] of [
      ['centre', 'centre.operator'],
      ['centre', 'centre.supervisor'],
      ['county', 'department.head'],
      ['court', 'department.head'],
      ['petitions', 'analyst'],
    ] as const)
      expect(await report(await office.who(code, role))).toEqual(told);
  });

  test('is nobody else’s: no handler’s, auditor’s or program’s, no street’s, no company’s', async () => {
    for (const [code, role] of [
      ['court', 'department.handler'],
      ['centre', 'auditor'],
      ['centre', 'department.system'],
      ['court', 'centre.supervisor'],
      ['street', 'department.head'],
      ['street-centre', 'centre.supervisor'],
      ['community', 'analyst'],
      ['company', 'department.head'],
      ['company', 'analyst'],
    ] as const)
      expect(await refusal(await office.who(code, role))).toEqual(['FORBIDDEN', undefined]);
  });

  test('is of a calendar period that is over, and never of violence at home', async () => {
    for (const [asked, field] of [
      [{ from: '2026-02-28', to: '2026-02-01' }, 'from'],
      [{ from: '2026-02-01', to: '2026-02-27' }, 'to'],
      [{ from: '2024-01-01', to: '2025-12-31' }, 'to'],
      [{ from: '2026-03-01', to: '2026-03-31' }, 'to'],
      [{ ...FEBRUARY, category: 'DOMESTIC_VIOLENCE' }, 'category'],
    ] as const)
      expect(await refusal(analyst, asked)).toEqual(['BAD_USER_INPUT', field]);
  });

  test('leaves out and names a department without an agreement in force, and names one that is not read in so far', async () => {
    await county();
    const agreed = (source: string, expires: string) => ({
      ...{ source, purposes: [...PURPOSES], fieldGroups: ['index'], expires },
    });
    await storeAgreements(
      office.db,
      [agreed('COURTS', '2026-03-09'), agreed('POLICE', '2026-03-10')],
      office.clock.wall(),
    );
    await office.db.query(`update source_feed set last_success_at = '2026-02-28T15:59:00Z' where source = 'POLICE'`);
    const told = await report(analyst);
    expect(told.leftOut).toEqual(['PETITIONS', 'COURTS']);
    expect(told.incomplete).toEqual(['POLICE']);
    expect(told.county).toEqual({ hotline: null, police: 16, reported: null, filings: null, suitsPerReport: null });
  });

  test('is the same with and without what is hidden from anybody, for those from whom it is hidden and for its holder', async () => {
    await county();
    const asked = [analyst, await office.who('court', 'department.head'), await office.who('petitions', 'analyst')];
    const before = await Promise.all(asked.map((who) => report(who)));
    put('POLICE', 6, 'east', { sealed: true });
    put('POLICE', 6, 'east', { classified: true });
    put('COURTS', 6, 'east', { protected: true });
    put('POLICE', 6, 'east', { category: 'DOMESTIC_VIOLENCE' });
    office.petitions.put({
      ...record('PETITIONS', 'accusing', { category: 'NEIGHBOUR', place: 'east', accused: ['court'] }),
      ...{ form: 'PHONE', purpose: 'ACCUSATION', collective: false, at: '2026-02-10T02:00:00.000Z' },
    });
    await read();
    expect(await Promise.all(asked.map((who) => report(who)))).toEqual(before);
  });

  test('tells no group under 5, nor both the other street and the county’s sum, which would lead to it', async () => {
    await county();
    put('COURTS', 4, 'east', { category: 'LENDING' });
    put('COURTS', 9, 'street', { category: 'LENDING' });
    await read();
    const told = await report(analyst, { ...FEBRUARY, category: 'LENDING' });
    expect([told.county, ...told.streets.map(({ counts }) => counts)].map(({ filings }) => filings)).toEqual([
      null,
      null,
      9,
    ]);
  });
});
