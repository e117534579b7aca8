import type { PoliceIncidentKind } from '../../core/department-record.ts';
import { cumulate } from './random.ts';

/** Against whom: husband or wife, one's own family, next door, somebody of the place, anybody, or only an authority or company. */
export type Opponent = 'spouse' | 'family' | 'neighbour' | 'local' | 'anyone' | 'none';

export interface Category {
  readonly code: string;
  readonly weight: number;
  readonly opponent: Opponent;
  /** What the police write when it comes to them; null: it does not. */
  readonly police: PoliceIncidentKind | null;
  readonly cause: string;
  readonly subject: string;
  /** Who answers for a petition about it: a county body's code, or `township`. */
  readonly responsible: string;
  readonly collective: boolean;
}

const C = 'collective';

export const categories: readonly Category[] = (
  [
    ['FAMILY', 6, 'family', 'DISPUTE', '赡养纠纷', '反映家庭赡养问题', 'township'],
    ['MARRIAGE', 9, 'spouse', 'DISPUTE', '离婚纠纷', '请求协调婚姻家庭问题', 'womens-federation'],
    ['INHERITANCE', 3, 'family', null, '继承纠纷', '反映遗产分割问题', 'justice'],
    [
      'DOMESTIC_VIOLENCE',
      2,
      'spouse',
      'DOMESTIC_VIOLENCE',
      '申请人身安全保护令',
      '请求制止家庭暴力',
      'womens-federation',
    ],
    ['NEIGHBOUR', 10, 'neighbour', 'DISPUTE', '相邻关系纠纷', '反映邻里通行、漏水问题', 'township'],
    ['HOMESTEAD', 3, 'neighbour', 'DISPUTE', '宅基地使用权纠纷', '反映宅基地界址问题', 'township'],
    ['FOREST_LAND', 1, 'local', null, '林业承包合同纠纷', '反映山林权属问题', 'natural-resources'],
    ['RURAL_LAND', 2.5, 'local', null, '土地承包经营权纠纷', '反映承包地流转问题', 'agriculture'],
    ['LAND_EXPROPRIATION', 2.5, 'none', null, '行政征收', '反映征地补偿标准问题', 'natural-resources', C],
    ['RESETTLEMENT', 1.5, 'none', null, '房屋拆迁安置补偿合同纠纷', '反映安置房逾期交付问题', 'township', C],
    ['PROPERTY_MANAGEMENT', 6, 'none', null, '物业服务合同纠纷', '反映小区物业服务问题', 'housing', C],
    ['UTILITIES', 1.5, 'none', null, '供用热力合同纠纷', '反映供暖供水问题', 'housing', C],
    ['RENOVATION', 1.2, 'none', null, '侵权责任纠纷', '反映老旧小区改造问题', 'housing', C],
    ['LABOUR', 6, 'none', null, '劳动争议', '反映劳动合同及社保问题', 'human-resources'],
    ['WAGE_ARREARS', 5, 'local', 'DISPUTE', '追索劳动报酬纠纷', '反映拖欠工资问题', 'human-resources', C],
    ['ENTERPRISE_RESTRUCTURING', 0.5, 'none', null, '企业改制纠纷', '反映企业改制安置问题', 'human-resources', C],
    ['LENDING', 12, 'anyone', 'DISPUTE', '民间借贷纠纷', '反映借款不还问题', 'finance'],
    ['FINANCE', 3, 'none', null, '金融借款合同纠纷', '反映金融机构服务问题', 'finance'],
    ['CONTRACT', 7, 'anyone', null, '买卖合同纠纷', '反映合同履行问题', 'market-regulation'],
    ['CONSTRUCTION', 2, 'anyone', null, '建设工程施工合同纠纷', '反映工程款结算问题', 'housing'],
    ['PRODUCTION', 0.8, 'local', 'DISPUTE', '承揽合同纠纷', '反映生产经营纠纷', 'market-regulation'],
    ['CONSUMER', 3, 'none', null, '产品责任纠纷', '反映商品质量问题', 'market-regulation'],
    ['PREPAID_CONSUMPTION', 2, 'none', null, '服务合同纠纷', '反映预付卡退费问题', 'market-regulation', C],
    ['MEDICAL', 1.2, 'none', null, '医疗损害责任纠纷', '反映诊疗争议', 'health'],
    ['TRAFFIC', 4, 'anyone', 'TRAFFIC', '机动车交通事故责任纠纷', '反映交通事故赔偿问题', 'transport'],
    ['DAMAGE', 3, 'local', 'FIGHT', '健康权纠纷', '反映人身损害赔偿问题', 'justice'],
    ['INTELLECTUAL_PROPERTY', 0.3, 'anyone', null, '侵害商标权纠纷', '反映商标侵权问题', 'market-regulation'],
    ['ENVIRONMENT', 1, 'none', null, '环境污染责任纠纷', '反映噪声油烟扰民问题', 'ecology', C],
    ['CAMPUS', 0.5, 'local', 'FIGHT', '教育机构责任纠纷', '反映涉校纠纷', 'education'],
    ['WELFARE', 2.5, 'none', null, '社会保险纠纷', '反映低保救助待遇问题', 'civil-affairs'],
    ['VETERANS', 0.6, 'none', null, '行政给付', '反映退役军人待遇问题', 'veterans'],
    ['VILLAGE_AFFAIRS', 2, 'none', null, '侵害集体经济组织成员权益纠纷', '反映村务财务公开问题', 'township'],
    ['INTERNET', 1, 'anyone', null, '网络侵权责任纠纷', '反映网络购物纠纷', 'market-regulation'],
    ['ADMINISTRATIVE', 1, 'none', null, '行政处罚', '不服行政处理决定', 'urban-management'],
    ['PUBLIC_ORDER', 1.5, 'local', 'PUBLIC_ORDER', '名誉权纠纷', '反映治安问题', 'justice'],
    ['OTHER', 1.5, 'anyone', 'OTHER', '不当得利纠纷', '反映其他问题', 'township'],
  ] as const
).map(([code, weight, opponent, police, cause, subject, responsible, collective]) => {
  return { code, weight, opponent, police, cause, subject, responsible, collective: collective === C };
});

export const categoryWeights = cumulate(categories.map((category) => category.weight));
