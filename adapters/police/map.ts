import type { PoliceIncidentRecord } from '../../core/department-record.ts';
import type { IncidentWire, StubWire } from './wire.ts';

/** A classified incident read by key: that there is one, and nothing of what it says. */
export function toStub(wire: StubWire): PoliceIncidentRecord {
  return {
    source: 'POLICE',
    kind: wire.ajlb,
    key: wire.jqbs,
    number: wire.jjbh,
    at: wire.bjsj,
    office: wire.cjdw,
    place: null,
    participants: [],
    references: [],
    category: null,
    sealed: wire.fcbz,
    classified: wire.smbz,
    protected: wire.bhbz,
    accused: [],
    scene: null,
    disposition: null,
  };
}

/** 治安管理处罚法 136, in force from 2026: public-order penalties are sealed, whether or not an older system has marked them. */
const PENALTIES_SEALED_FROM = Date.parse('2026-01-01T00:00:00+08:00');

const isSealedPenalty = ({ cljg, bjsj }: IncidentWire): boolean =>
  cljg === 'PENALTY' && Date.parse(bjsj) >= PENALTIES_SEALED_FROM;

export function toIncident(wire: IncidentWire): PoliceIncidentRecord {
  return {
    ...toStub(wire),
    place: wire.wgdm,
    participants: wire.rylb.map((person) => ({
      ref: person.xh,
      role: person.rylx === 'other' ? (person.rylxmc ?? 'other') : person.rylx,
      name: person.xm,
      citizenId: person.zjhm,
      birthDate: person.csrq,
      sex: person.xb,
      phone: person.lxdh,
      address: person.zz,
    })),
    references: wire.gllb.map((other) => ({ source: other.xtdm, number: other.wsbh })),
    category: wire.jflb,
    sealed: wire.fcbz || isSealedPenalty(wire),
    // Of a classified incident the change feed tells whom it is about, so that it can be counted; not what happened.
    scene: wire.smbz ? null : wire.afdd,
    disposition: wire.smbz ? null : wire.cljg,
  };
}
