import { describe, expect, test } from 'vitest';
import { tryParse } from '../kit/parse.ts';
import { toPetition } from './map.ts';
import { petitionWire, strikeWire } from './wire.ts';

const person = {
  jlid: '0F3A',
  xh: '1',
  jsdm: '1',
  xm: '买买提·艾力',
  zjhm: '990102196808047296',
  csrq: '19680804',
  xb: '1',
  lxdh: '15471751149',
  dz: '澄枫县望桥街道桃李社区枫香苑11幢3单元1101室',
};
const row = {
  jlid: '0F3A',
  xfjbh: 'XF99012026000001',
  djsj: '2026-03-01 08:30:00',
  djjg: 'petitions',
  wgbm: 't01-c01-p1-g1-m1',
  nrfl: '0204',
  nrzy: '反映征地补偿未到位',
  xfxs: '200',
  xfmd: '2',
  blzt: '04',
  slsj: '2026-03-05 09:00:00',
  bjqx: '2026-05-04 09:00:00',
  dfsj: null,
  zrdw: 'discipline',
  sfjt: '0',
  sfbh: '0',
  sffc: '0',
  sfsm: '0',
  sczt: '0',
  xfr: JSON.stringify([person]),
  gl: JSON.stringify([{ ly: '1', bh: '（2026）枫0102民初1号' }]),
  bkg: JSON.stringify([{ dwdm: 't01-c01' }]),
};
type Row = Readonly<Record<string, unknown>>;

function read(fields: Row = {}) {
  const parsed = tryParse('PETITIONS', petitionWire, { ...row, ...fields });
  if ('fault' in parsed) throw parsed.fault;
  return toPetition(parsed.value);
}
function faultField(fields: Row): string | null {
  const parsed = tryParse('PETITIONS', petitionWire, { ...row, ...fields });
  return 'fault' in parsed ? parsed.fault.field : null;
}
const people = (...persons: readonly Row[]) => ({ xfr: JSON.stringify(persons.map((one) => ({ ...person, ...one }))) });

test('A petition is read whole', () => {
  expect(read()).toEqual({
    source: 'PETITIONS',
    kind: 'PETITION',
    key: '0F3A',
    number: 'XF99012026000001',
    at: '2026-03-01T00:30:00.000Z',
    office: 'petitions',
    place: 't01-c01-p1-g1-m1',
    participants: [
      {
        ref: '1',
        role: 'petitioner',
        name: '买买提·艾力',
        citizenId: '990102196808047296',
        birthDate: '1968-08-04',
        sex: 'MALE',
        phone: '15471751149',
        address: '澄枫县望桥街道桃李社区枫香苑11幢3单元1101室',
      },
    ],
    references: [{ source: 'COURTS', number: '（2026）枫0102民初1号' }],
    category: 'LAND_EXPROPRIATION',
    sealed: false,
    classified: false,
    protected: false,
    accused: ['t01-c01'],
    form: 'VISIT',
    purpose: 'ACCUSATION',
    subject: '反映征地补偿未到位',
    acceptedAt: '2026-03-05T01:00:00.000Z',
    dueAt: '2026-05-04T01:00:00.000Z',
    repliedAt: null,
    stage: 'IN_HANDLING',
    collective: false,
    responsible: 'discipline',
  });
});

test.each([
  '2026-03-01 08:30:00',
  '2026/03/01 08:30:00',
  '20260301083000',
  '2026年3月1日 08时30分00秒',
  '２０２６－０３－０１　０８：３０：００',
])('A time is text in any of several forms: %s', (djsj) => expect(read({ djsj }).at).toBe('2026-03-01T00:30:00.000Z'));

test.each(['NULL', '无', '不详', '/', ' ', '', null])('NULL as a word and its kin mean nothing: %j', (nothing) => {
  const petition = read({
    ...people({ zjhm: nothing, csrq: nothing, lxdh: nothing, dz: nothing, xb: nothing }),
    wgbm: nothing,
    nrfl: nothing,
    slsj: nothing,
    bjqx: nothing,
    zrdw: nothing,
  });
  expect(petition).toMatchObject({ place: null, category: null, acceptedAt: null, dueAt: null, responsible: null });
  expect(petition.participants[0]).toMatchObject({
    citizenId: null,
    birthDate: null,
    phone: null,
    address: null,
    sex: 'UNKNOWN',
  });
});

test('Full-width digits and stray blanks in numbers are folded', () => {
  const [who] = read(
    people({ zjhm: '９９０１０２１９６８０８０４７２９x ', lxdh: '１５４７１７５１１４９ ' }),
  ).participants;
  expect([who?.citizenId, who?.phone]).toEqual(['99010219680804729X', '15471751149']);
});

test('A char(1) flag is a digit or a letter, padded or never set', () => {
  const values = ['1', 'Y', 'T', 'y', '0', 'N', 'F', ' ', null];
  expect(values.map((sfjt) => read({ sfjt }).collective)).toEqual([
    ...[true, true, true, true],
    ...[false, false, false, false, false],
  ]);
  expect(read({ sfbh: '1', sffc: 'Y', sfsm: '1' })).toMatchObject({ protected: true, sealed: true, classified: true });
});

test('A row struck out says so in one flag', () => {
  const struck = (sczt: string | null) => tryParse('PETITIONS', strikeWire, { sczt });
  expect([struck('1'), struck('Y'), struck('0'), struck(null)]).toEqual(
    [true, true, false, false].map((sczt) => ({ value: { sczt } })),
  );
  expect(struck('X')).toMatchObject({ fault: { field: 'sczt' } });
});

test('Representatives of a collective petition are told from petitioners', () => {
  const petition = read({ ...people({ jsdm: '2' }, { xh: '2' }), sfjt: '1' });
  expect(petition.participants.map(({ ref, role }) => [ref, role])).toEqual([
    ['1', 'representative'],
    ['2', 'petitioner'],
  ]);
});

test('An anonymous petitioner is nobody that could be looked up; a number without a name is a fault', () => {
  expect(read(people({ xm: '无', zjhm: 'NULL' }, { xh: '2' })).participants.map(({ ref }) => ref)).toEqual(['2']);
  expect(faultField(people({ xm: ' ' }))).toBe('xfr[0].xm');
});

test('A body entered twice is accused once', () => {
  expect(read({ bkg: JSON.stringify([{ dwdm: 'a' }, { dwdm: 'b' }, { dwdm: 'a' }]) }).accused).toEqual(['a', 'b']);
});

test('A petition without people, references or accused has none', () => {
  expect(read({ xfr: null, gl: null, bkg: null })).toMatchObject({ participants: [], references: [], accused: [] });
});

test('A birth date that is no day costs the date, not the petition', () => {
  expect(read(people({ csrq: '1968年2月30日' })).participants[0]?.birthDate).toBeNull();
});

describe('What the contract does not allow names its field and is never guessed at', () => {
  test.each([
    ['xfxs', { xfxs: '600' }],
    ['xfmd', { xfmd: '无' }],
    ['blzt', { blzt: '10' }],
    ['nrfl', { nrfl: '0699' }],
    ['djsj', { djsj: '不详' }],
    ['slsj', { slsj: '下周' }],
    ['sfbh', { sfbh: '?' }],
    ['xfjbh', { xfjbh: null }],
    ['xfr', { xfr: '[{' }],
    ['xfr[0].jsdm', people({ jsdm: '9' })],
    ['xfr[0].xb', people({ xb: '男' })],
    ['gl[0].ly', { gl: JSON.stringify([{ ly: '5', bh: '1' }]) }],
    ['bkg[0].dwdm', { bkg: JSON.stringify([{ dwdm: null }]) }],
  ])('%s', (field, fields: Row) => expect(faultField(fields)).toBe(field));
});
