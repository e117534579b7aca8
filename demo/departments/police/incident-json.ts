/** An incident in the words of the police's own system: pinyin initials, code tables, local time, many kinds of nothing. */
import type { ParticipantRow, PoliceRow } from '../../county/model.ts';
import { categoryWords, fullWidth, inShanghai, pickFrom } from '../kit/old-text.ts';
import type { RegisteredIncident } from './incident-register.ts';

/** 案件类别 */
const KINDS: Readonly<Record<PoliceRow['kind'], string>> = {
  CRIME: '0100',
  PUBLIC_ORDER: '0200',
  FIGHT: '0210',
  TRAFFIC: '0300',
  HELP: '0400',
  MISSING: '0410',
  SUICIDE_RISK: '0420',
  DISPUTE: '0500',
  DOMESTIC_VIOLENCE: '0510',
  COMPLAINT: '0600',
  OTHER: '9900',
};
/** 处理结果 */
const DISPOSITIONS: Readonly<Record<NonNullable<PoliceRow['disposition']>, string>> = {
  MEDIATED: '01',
  WARNING_LETTER: '02',
  PENALTY: '03',
  FILED: '04',
  TRANSFERRED: '05',
  NO_ACTION: '09',
};
/** 人员类型; 99 is "another", then named beside it. */
const ROLES: Readonly<Record<string, string>> = {
  reporter: '01',
  party: '02',
  victim: '03',
  suspect: '04',
  missing: '05',
};
const SYSTEMS = { COURTS: 'FY', POLICE: 'GA', PETITIONS: 'XF', CIVIL_AFFAIRS: 'MZ' } as const;
const SEXES = { MALE: '1', FEMALE: '2', UNKNOWN: '9' } as const;

type Json = Readonly<Record<string, unknown>>;

// Undefined: the field is left out.
const NOTHINGS = [null, null, '', '无', '不详', 'NULL', '/', undefined];
const optional = (value: string | null, seed: string): unknown => value ?? NOTHINGS[pickFrom(seed, NOTHINGS.length)];
/** `2026-03-01 08:30:00` in Shanghai. */
const localTime = (instant: string): string => inShanghai(instant).slice(0, 19).replace('T', ' ');

function person(row: PoliceRow, { ref, role, ...who }: ParticipantRow): Json {
  const seed = `${row.key}/${ref}/`;
  const style = pickFrom(seed, 40);
  const styled = (value: string | null, wanted: number, write: (value: string) => string): string | null =>
    value !== null && style === wanted ? write(value) : value;
  return {
    xh: ref,
    rylx: ROLES[role] ?? '99',
    ...(ROLES[role] === undefined ? { rylxmc: role } : {}),
    xm: who.name,
    zjhm: optional(
      styled(styled(who.citizenId, 0, fullWidth), 1, (id) => id.toLowerCase()),
      `${seed}zjhm`,
    ),
    csrq: optional(style < 30 ? (who.birthDate?.replaceAll('-', '') ?? null) : who.birthDate, `${seed}csrq`),
    xb: SEXES[who.sex],
    lxdh: optional(
      styled(styled(who.phone, 2, fullWidth), 3, (phone) => `+86 ${phone}`),
      `${seed}lxdh`,
    ),
    zz: optional(who.address, `${seed}zz`),
  };
}

/** The head of an incident, all that is given by key of a classified one. */
function head(row: PoliceRow): Json {
  // One record in eight came from a mobile terminal, which has ideas of its own about codes and flags.
  const mobile = pickFrom(`${row.key}/mobile`, 8) === 0;
  const flag = (value: boolean): string | boolean => (mobile ? value : value ? '1' : '0');
  return {
    jqbs: row.key,
    jjbh: row.number,
    ajlb: mobile ? Number(KINDS[row.kind]) : KINDS[row.kind],
    bjsj: localTime(row.at),
    cjdw: row.office,
    fcbz: flag(row.sealed),
    smbz: flag(row.classified),
    bhbz: flag(row.protected),
    gxsj: localTime(row.changedAt),
  };
}

/** Whom and where it concerns, as the change feed has it of every incident. */
function body(row: PoliceRow): Json {
  const seed = `${row.key}/`;
  const references = row.references.map((other) => ({ xtdm: SYSTEMS[other.source], wsbh: other.number }));
  return {
    wgdm: optional(row.place, `${seed}wgdm`),
    jflb: optional(row.category === null ? null : (categoryWords[row.category] ?? null), `${seed}jflb`),
    rylb: row.participants.map((participant) => person(row, participant)),
    gllb: references.length === 0 && pickFrom(`${seed}gllb`, 2) === 0 ? null : references,
  };
}

function content(row: PoliceRow): Json {
  const seed = `${row.key}/`;
  return {
    afdd: optional(row.scene, `${seed}afdd`),
    cljg: row.disposition === null ? optional(null, `${seed}cljg`) : DISPOSITIONS[row.disposition],
  };
}

export const incidentJson = (row: PoliceRow): Json =>
  row.classified ? head(row) : { ...head(row), ...body(row), ...content(row) };

export function changeJson({ key, row }: RegisteredIncident): Json {
  if (row === null) return { jqbs: key, czbs: 'D' };
  return { ...head(row), czbs: 'U', ...body(row), ...(row.classified ? {} : content(row)) };
}
