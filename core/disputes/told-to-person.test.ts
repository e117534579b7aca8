import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { barredFrom, type RecordAbout } from './told-to-person.ts';

const about = (recordId: string, more: Partial<RecordAbout> = {}): RecordAbout => ({
  ...{ recordId, source: 'COURTS', kind: 'COURT_CASE', category: 'LENDING', petitionPurpose: null },
  ...{ isProtected: false, isSealed: false, protectedBeside: [], besideMinor: false, roles: ['DEFENDANT'] },
  ...{ disputeId: 'dsp_1', disputeCategory: 'LENDING', disputePurpose: null },
  ...more,
});
const barred = (...records: readonly RecordAbout[]) => {
  const { records: ids, disputes } = barredFrom(records);
  return [...ids, ...disputes].sort();
};
const violence = { source: 'POLICE', kind: 'DOMESTIC_VIOLENCE', category: 'DOMESTIC_VIOLENCE' };
const accusation = { source: 'PETITIONS', kind: 'PETITION', petitionPurpose: 'ACCUSATION' };

describe('The list that a person is given leaves out', () => {
  test.each<[string, Partial<RecordAbout>]>([
    ['a protected record on which they are the other side', { isProtected: true }],
    ['a protected record that does not name them', { isProtected: true, roles: [] }],
    ['one that names somebody protected', { protectedBeside: ['rec_other'], roles: ['PLAINTIFF'] }],
    ['one that names a child', { besideMinor: true, roles: ['PLAINTIFF'] }],
    ['violence in which they are the other side', { ...violence, roles: ['SUSPECT'] }],
    ['violence in which their part is not known', { ...violence, roles: ['WITNESS'] }],
    ['violence told by a record that does not name them', { ...violence, roles: [] }],
    ['a dispute that was registered as violence', { disputeCategory: 'DOMESTIC_VIOLENCE' }],
    ['an accusation of them', { ...accusation, roles: ['RESPONDENT'] }],
    ['a dispute that was registered as an accusation of them', { disputePurpose: 'ACCUSATION' }],
  ])('%s, with its dispute', (_what, record) => {
    expect(barred(about('rec_1', record))).toEqual(['dsp_1', 'rec_1']);
    expect(barred(about('rec_1', { ...record, disputeId: null }))).toEqual(['rec_1']);
  });

  test('what stands in one dispute with it, also where another record has them claim', () => {
    expect(
      barred(about('rec_1', { ...violence, roles: ['SUSPECT'] }), about('rec_2', { roles: ['PLAINTIFF'] })),
    ).toEqual(['dsp_1', 'rec_1', 'rec_2']);
  });
});

describe('It has', () => {
  test('protected violence of which they complain: the victim is told who saw them', () => {
    expect(barred(about('rec_1', { ...violence, isProtected: true, roles: ['VICTIM'] }))).toEqual([]);
  });

  test('what is nobody’s secret, whichever side they are on', () => {
    expect(barred(about('rec_1'), about('rec_2', { roles: ['PLAINTIFF'] }))).toEqual([]);
  });

  test('violence against them and accusations that they make', () => {
    expect(barred(about('rec_1', { ...violence, roles: ['VICTIM'] }))).toEqual([]);
    expect(barred(about('rec_1', { ...accusation, roles: ['PETITIONER'] }))).toEqual([]);
  });

  test('another matter beside one that is left out', () => {
    expect(
      barred(
        about('rec_1', { besideMinor: true }),
        about('rec_2', { disputeId: 'dsp_2' }),
        about('rec_3', { disputeId: null }),
      ),
    ).toEqual(['dsp_1', 'rec_1']);
  });
});

test('One more record on which they are the other side never brings back what was left out', () => {
  const record = fc.record({
    recordId: fc.constantFrom('rec_1', 'rec_2', 'rec_3', 'rec_4'),
    source: fc.constantFrom('COURTS', 'POLICE', 'PETITIONS'),
    kind: fc.constantFrom('COURT_CASE', 'DOMESTIC_VIOLENCE', 'PETITION'),
    category: fc.constantFrom(null, 'LENDING', 'DOMESTIC_VIOLENCE'),
    petitionPurpose: fc.constantFrom(null, 'APPEAL', 'ACCUSATION'),
    isProtected: fc.boolean(),
    isSealed: fc.boolean(),
    protectedBeside: fc.subarray(['rec_1', 'rec_2', 'rec_other']),
    besideMinor: fc.boolean(),
    roles: fc.subarray(['PLAINTIFF', 'SUSPECT', 'VICTIM', 'PETITIONER', 'WITNESS']),
    disputeId: fc.constantFrom(null, 'dsp_1', 'dsp_2'),
    disputeCategory: fc.constantFrom(null, 'LENDING', 'DOMESTIC_VIOLENCE'),
    disputePurpose: fc.constantFrom(null, 'ACCUSATION'),
  });
  fc.assert(
    fc.property(fc.array(record, { maxLength: 6 }), record, (records, more) => {
      const before = barred(...records);
      expect(barred(...records, { ...more, roles: ['SUSPECT'], source: 'POLICE' })).toEqual(
        expect.arrayContaining(before),
      );
    }),
    { seed: 9 },
  );
});
