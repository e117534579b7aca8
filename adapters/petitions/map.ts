import type { PetitionRecord } from '../../core/department-record.ts';
import type { PetitionWire } from './wire.ts';

export function toPetition(wire: PetitionWire): PetitionRecord {
  return {
    source: 'PETITIONS',
    kind: 'PETITION',
    key: wire.jlid,
    number: wire.xfjbh,
    at: wire.djsj,
    office: wire.djjg,
    place: wire.wgbm,
    participants: wire.xfr.flatMap(({ xm: name, ...person }) =>
      // An anonymous petitioner is nobody that could be looked up.
      name === null
        ? []
        : {
            ref: person.xh,
            role: person.jsdm,
            name,
            citizenId: person.zjhm,
            birthDate: person.csrq,
            sex: person.xb ?? 'UNKNOWN',
            phone: person.lxdh,
            address: person.dz,
          },
    ),
    references: wire.gl.map((other) => ({ source: other.ly, number: other.bh })),
    category: wire.nrfl,
    sealed: wire.sffc,
    classified: wire.sfsm,
    protected: wire.sfbh,
    // The bureau's clerks enter a body twice; it is accused once.
    accused: [...new Set(wire.bkg.map(({ dwdm }) => dwdm))],
    form: wire.xfxs,
    purpose: wire.xfmd,
    subject: wire.nrzy,
    acceptedAt: wire.slsj,
    dueAt: wire.bjqx,
    repliedAt: wire.dfsj,
    stage: wire.blzt,
    collective: wire.sfjt,
    responsible: wire.zrdw,
  };
}
