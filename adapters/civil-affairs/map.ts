import type { CivilAffairsRecord } from '../../core/department-record.ts';
import type { RowWire } from './wire.ts';

export function toCivilAffairsRecord(row: RowWire): CivilAffairsRecord {
  return {
    source: 'CIVIL_AFFAIRS',
    kind: row.业务类型,
    key: row.流水号,
    number: row.证字号,
    at: row.登记时间,
    office: row.登记机关,
    place: row.网格代码,
    participants: row.人员.map((person) => ({
      ref: person.序号,
      role: person.身份,
      name: person.姓名,
      citizenId: person.证件号码,
      birthDate: person.出生日期,
      sex: person.性别,
      phone: person.电话,
      address: person.住址,
    })),
    references: row.关联.map((other) => ({ source: other.来源, number: other.编号 })),
    category: row.纠纷类别,
    sealed: row.封存,
    classified: row.涉密,
    protected: row.保护,
    // Nobody is accused at a registry.
    accused: [],
    from: row.起始日期,
    to: row.终止日期,
    status: row.状态,
    detail: row.说明,
  };
}
