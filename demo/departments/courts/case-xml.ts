/** A case in the words of the court's own system: pinyin initials, code tables, Chinese dates, many kinds of nothing. */
import type { CourtRow, ParticipantRow } from '../../county/model.ts';
import { categoryWords, chineseDay, fullWidth, inShanghai, pickFrom, sourceWords } from '../kit/old-text.ts';
import type { RegisteredCase } from './case-register.ts';

/** 案件状态 */
const STAGES: Readonly<Record<CourtRow['stage'], string>> = {
  PRE_MEDIATION: '01',
  FILING_REVIEW: '02',
  FILED: '03',
  PRESERVATION: '04',
  FIRST_INSTANCE: '05',
  IN_COURT_MEDIATION: '06',
  JUDGED: '07',
  APPEAL: '08',
  RETRIAL: '09',
  ENFORCEMENT: '10',
  TERMINATED: '11',
  CLOSED: '12',
};
/** 审理程序 */
const PROCEDURES: Readonly<Record<string, string>> = {
  简易程序: '1',
  普通程序: '2',
  小额诉讼程序: '3',
  特别程序: '4',
  执行程序: '5',
  诉前调解: '6',
};
/** 诉讼地位 */
const ROLES: Readonly<Record<string, string>> = {
  plaintiff: '10',
  defendant: '20',
  'third-party': '30',
  applicant: '40',
  respondent: '50',
};
const SEXES = { MALE: '1', FEMALE: '2', UNKNOWN: '9' } as const;

const escape = (text: string): string => text.replace(/[<>&"]/g, (character) => `&#${character.charCodeAt(0)};`);
const element = (name: string, text: string): string => `<fy:${name}>${escape(text)}</fy:${name}>`;

const NIL = null;
const NOTHINGS = [NIL, NIL, '', '无', '不详', 'NULL', '/'];
const optional = (name: string, text: string | null, seed: string): string => {
  const written = text ?? NOTHINGS[pickFrom(seed + name, NOTHINGS.length)] ?? NIL;
  return written === NIL ? `<fy:${name} xsi:nil="true"/>` : element(name, written);
};

/** 案件类型, from the letters of the case number. */
function caseType(number: string): string {
  if (number.includes('刑')) return '1';
  if (number.includes('行')) return '3';
  if (number.includes('执')) return '4';
  return '2';
}

function party(row: CourtRow, person: ParticipantRow): string {
  const seed = `${row.key}/${person.ref}/`;
  const style = pickFrom(seed, 40);
  const birth = person.birthDate;
  return (
    '<fy:DSR>' +
    element('XH', person.ref) +
    element('SSDW', ROLES[person.role] ?? '90') +
    (ROLES[person.role] === undefined ? element('SSDWMC', person.role) : '') +
    element('XM', person.name) +
    optional('ZJHM', person.citizenId !== null && style === 0 ? fullWidth(person.citizenId) : person.citizenId, seed) +
    optional('CSRQ', birth === null ? null : style < 30 ? chineseDay(birth) : birth.replaceAll('-', ''), seed) +
    element('XB', SEXES[person.sex]) +
    optional('LXDH', person.phone !== null && style === 1 ? fullWidth(person.phone) : person.phone, seed) +
    optional('DZ', person.address, seed) +
    '</fy:DSR>'
  );
}

export function caseXml({ number, change, row }: RegisteredCase): string {
  const head = `<fy:AnJian>${element('JLH', String(number))}${element('BGH', String(change))}`;
  if (row === null) return `${head}${element('SC', '1')}</fy:AnJian>`;
  const seed = `${row.key}/`;
  const procedure = row.procedure === null ? null : (PROCEDURES[row.procedure] ?? '9');
  const category = row.category === null ? null : (categoryWords[row.category] ?? null);
  return (
    head +
    element('SC', '0') +
    element('AH', row.number) +
    element('AJLX', caseType(row.number)) +
    element('AY', row.cause) +
    optional('JFLB', category, seed) +
    optional('SLCX', procedure, seed) +
    (procedure === '9' ? element('SLCXMC', row.procedure ?? '') : '') +
    element('AJZT', STAGES[row.stage]) +
    element('LARQ', chineseDay(inShanghai(row.at))) +
    optional('JARQ', row.concludedAt === null ? null : chineseDay(inShanghai(row.concludedAt)), seed) +
    optional('JAFS', row.outcome, seed) +
    element('FYDM', row.office) +
    optional('WGDM', row.place, seed) +
    element('SFFC', row.sealed ? '是' : '否') +
    element('RSBH', row.protected ? '是' : '否') +
    `<fy:DSRLB>${row.participants.map((person) => party(row, person)).join('')}</fy:DSRLB>` +
    `<fy:GLLB>${row.references
      .map((other) => `<fy:GL>${element('LY', sourceWords[other.source] ?? '')}${element('BH', other.number)}</fy:GL>`)
      .join('')}</fy:GLLB>` +
    element('ZHXGSJ', inShanghai(row.changedAt).replace('T', ' ')) +
    '</fy:AnJian>'
  );
}
