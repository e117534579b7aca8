import { expect, test } from 'vitest';
import { tryParse } from '../kit/parse.ts';
import { toIncident, toStub } from './map.ts';
import { changesWire, changeWire, incidentsWire, incidentWire, stubWire } from './wire.ts';

const person = {
  xh: '1',
  rylx: '01',
  xm: '买买提·艾力',
  zjhm: '990102196808047296',
  csrq: '19680804',
  xb: '1',
  lxdh: '15471751149',
  zz: '澄枫县望桥街道桃李社区枫香苑11幢3单元1101室',
};
const head = {
  jqbs: '66f1c0de000000000000002a',
  jjbh: 'J990101202603010001',
  ajlb: '0500',
  bjsj: '2026-03-01 08:30:00',
  cjdw: 'station-t01',
  fcbz: '0',
  smbz: '0',
  bhbz: '0',
};
const incident = {
  ...head,
  wgdm: 't01-c01-p1-g1-m1',
  afdd: '枫香苑11幢',
  cljg: '01',
  jflb: '邻里',
  rylb: [person],
  gllb: [{ xtdm: 'FY', wsbh: '（2026）枫0102民初1号' }],
  gxsj: '2026-03-02 09:00:00',
};
type Incident = Record<string, unknown>;

function read(item: Incident) {
  const parsed = tryParse('POLICE', incidentWire, item);
  if ('fault' in parsed) throw parsed.fault;
  return toIncident(parsed.value);
}
function faultField(item: Incident): string | null {
  const parsed = tryParse('POLICE', incidentWire, item);
  return 'fault' in parsed ? parsed.fault.field : null;
}
const withPerson = (fields: Incident): Incident => ({ ...incident, rylb: [{ ...person, ...fields }] });

test('An incident is read whole', () => {
  expect(read(incident)).toEqual({
    source: 'POLICE',
    kind: 'DISPUTE',
    key: '66f1c0de000000000000002a',
    number: 'J990101202603010001',
    at: '2026-03-01T00:30:00.000Z',
    office: 'station-t01',
    place: 't01-c01-p1-g1-m1',
    participants: [
      {
        ref: '1',
        role: 'reporter',
        name: '买买提·艾力',
        citizenId: '990102196808047296',
        birthDate: '1968-08-04',
        sex: 'MALE',
        phone: '15471751149',
        address: '澄枫县望桥街道桃李社区枫香苑11幢3单元1101室',
      },
    ],
    references: [{ source: 'COURTS', number: '（2026）枫0102民初1号' }],
    category: 'NEIGHBOUR',
    sealed: false,
    classified: false,
    protected: false,
    accused: [],
    scene: '枫香苑11幢',
    disposition: 'MEDIATED',
  });
});

test('Local times are times in Shanghai: an hour after midnight is the day before in UTC', () => {
  expect(read({ ...incident, bjsj: '2026-03-01 01:00:05' }).at).toBe('2026-02-28T17:00:05.000Z');
});

test('What the system writes for nothing is null, and so is a field that it leaves out', () => {
  for (const nothing of [null, '', ' ', '无', '不详', 'NULL', '/', undefined]) {
    const record = read({
      ...incident,
      wgdm: nothing,
      afdd: nothing,
      cljg: nothing,
      jflb: nothing,
      rylb: [{ ...person, zjhm: nothing, csrq: nothing, lxdh: nothing, zz: nothing }],
    });
    expect(record).toMatchObject({ place: null, scene: null, disposition: null, category: null });
    expect(record.participants[0]).toMatchObject({ citizenId: null, birthDate: null, phone: null, address: null });
  }
  const { wgdm: _, ...without } = incident;
  expect(read(without).place).toBeNull();
});

test('Full-width digits, a small x and a country code are folded', () => {
  const record = read(withPerson({ zjhm: '９９０１０２１９６８０８０４７２９x', lxdh: '+86 １５４７１７５１１４９' }));
  expect(record.participants[0]).toMatchObject({ citizenId: '99010219680804729X', phone: '15471751149' });
});

test('A birth date that is no day costs the date and not the record', () => {
  expect(read(withPerson({ csrq: '19680230' })).participants[0]?.birthDate).toBeNull();
  expect(read(withPerson({ csrq: '1968-08-04' })).participants[0]?.birthDate).toBe('1968-08-04');
});

test('Codes that a mobile terminal wrote as numbers have their leading zeros back', () => {
  expect(read({ ...incident, ajlb: 510, cljg: 2 })).toMatchObject({
    kind: 'DOMESTIC_VIOLENCE',
    disposition: 'WARNING_LETTER',
  });
  expect(read(withPerson({ rylx: 4, xb: 2 })).participants[0]).toMatchObject({ role: 'suspect', sex: 'FEMALE' });
});

test('Sex is 1, 2 or not said', () => {
  for (const [xb, sex] of [
    ['1', 'MALE'],
    ['2', 'FEMALE'],
    ['9', 'UNKNOWN'],
    ['0', 'UNKNOWN'],
  ]) {
    expect(read(withPerson({ xb })).participants[0]?.sex).toBe(sex);
  }
});

test('Flags are 1 and 0, Y and N, or true and false', () => {
  for (const yes of ['1', 1, 'Y', true])
    expect(read({ ...incident, fcbz: yes, bhbz: yes })).toMatchObject({ sealed: true, protected: true });
  for (const no of ['0', 0, 'N', false])
    expect(read({ ...incident, fcbz: no, bhbz: no })).toMatchObject({ sealed: false, protected: false });
});

test('A part that has no code of its own comes with its word', () => {
  expect(read(withPerson({ rylx: '99', rylxmc: '证人' })).participants[0]?.role).toBe('证人');
  expect(read(withPerson({ rylx: '99' })).participants[0]?.role).toBe('other');
});

test('Not yet disposed of is null', () => {
  expect(read({ ...incident, cljg: '00' }).disposition).toBeNull();
});

test('No references are null or an empty list; no people too', () => {
  expect(read({ ...incident, gllb: null, rylb: [] })).toMatchObject({ references: [], participants: [] });
});

test('An unknown code does not parse, and the fault names the field and not the value', () => {
  const cases: readonly (readonly [Incident, string])[] = [
    [{ ...incident, ajlb: '0777' }, 'ajlb'],
    [{ ...incident, cljg: '77' }, 'cljg'],
    [{ ...incident, jflb: '星际' }, 'jflb'],
    [withPerson({ rylx: '77' }), 'rylb[0].rylx'],
    [withPerson({ xb: '7' }), 'rylb[0].xb'],
    [{ ...incident, gllb: [{ xtdm: 'ZZ', wsbh: '1' }] }, 'gllb[0].xtdm'],
    [{ ...incident, bjsj: '2026-02-30 08:00:00' }, 'bjsj'],
    [{ ...incident, jqbs: '王小明' }, 'jqbs'],
    [withPerson({ xm: '不详' }), 'rylb[0].xm'],
  ];
  for (const [item, field] of cases) {
    const parsed = tryParse('POLICE', incidentWire, item);
    expect('fault' in parsed && parsed.fault.field).toBe(field);
    expect('fault' in parsed && parsed.fault.message).not.toMatch(/77|星际|王小明|02-30/);
  }
});

test('Nothing is taken for open or for empty because the system forgot to say so', () => {
  for (const name of ['fcbz', 'smbz', 'bhbz', 'rylb', 'gllb'] as const) {
    const { [name]: _, ...without } = incident;
    expect(faultField(without)).toBe(name);
  }
  expect(tryParse('POLICE', incidentsWire, {})).toHaveProperty('fault.field', 'jqlb');
  expect(tryParse('POLICE', changesWire, { zs: 1, sfhy: '0', yb: 'x' })).toHaveProperty('fault.field', 'jqlb');
});

test('Of a classified incident the feed tells whom it is about and not what happened', () => {
  expect(read({ ...incident, smbz: '1' })).toMatchObject({
    classified: true,
    category: 'NEIGHBOUR',
    participants: [{ name: '买买提·艾力' }],
    scene: null,
    disposition: null,
  });
});

test('A stub has its head and nothing else, even if more was sent', () => {
  const parsed = tryParse('POLICE', stubWire, { ...incident, smbz: '1', fcbz: '1' });
  expect('value' in parsed && toStub(parsed.value)).toMatchObject({
    number: 'J990101202603010001',
    classified: true,
    sealed: true,
    participants: [],
    references: [],
    place: null,
    category: null,
    scene: null,
    disposition: null,
  });
});

test('A tombstone is a key and its mark', () => {
  expect(tryParse('POLICE', changeWire, { jqbs: head.jqbs, czbs: 'D' })).toEqual({
    value: { jqbs: head.jqbs, czbs: 'delete' },
  });
});
