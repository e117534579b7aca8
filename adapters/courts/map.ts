import type { CourtCaseRecord } from '../../core/department-record.ts';
import { disputeCategories } from '../kit/dispute-category.ts';
import type { CaseWire } from './wire.ts';

export function toCourtCase(wire: CaseWire): CourtCaseRecord {
  return {
    source: 'COURTS',
    kind: 'COURT_CASE',
    key: wire.JLH,
    number: wire.AH,
    at: wire.LARQ,
    office: wire.FYDM,
    place: wire.WGDM,
    participants: wire.DSRLB.map((party) => ({
      ref: party.XH,
      role: party.SSDW === 'other' ? (party.SSDWMC ?? 'other') : party.SSDW,
      name: party.XM,
      citizenId: party.ZJHM,
      birthDate: party.CSRQ,
      sex: party.XB,
      phone: party.LXDH,
      address: party.DZ,
    })),
    references: wire.GLLB.map((other) => ({ source: other.LY, number: other.BH })),
    // A word that the county's list does not have is still a dispute.
    category: wire.JFLB === null ? null : (disputeCategories[wire.JFLB] ?? 'OTHER'),
    sealed: wire.SFFC,
    // The court's system knows no classification besides sealing.
    classified: false,
    protected: wire.RSBH,
    accused: [],
    cause: wire.AY,
    procedure: wire.SLCX === '其他程序' ? (wire.SLCXMC ?? wire.SLCX) : wire.SLCX,
    stage: wire.AJZT,
    concludedAt: wire.JARQ,
    outcome: wire.JAFS,
  };
}
