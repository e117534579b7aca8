/**
 * What the made-up county is made of. A row is what one department's own system holds, as that office wrote it down (after
 * noise); the stand-ins put it into their own wire words. Codes here are the public API's enums. Instants are RFC 3339 in
 * UTC with milliseconds (as `Date.toISOString()`), dates YYYY-MM-DD.
 */
import type {
  CivilRecordKind,
  CourtStage,
  PetitionForm,
  PetitionPurpose,
  PetitionStage,
  PoliceDisposition,
  PoliceIncidentKind,
  Sex,
} from '../../core/department-record.ts';

/** Also the name of the department's file: `courts.ndjson` … */
export type DepartmentName = 'courts' | 'police' | 'petitions' | 'civil-affairs';

export type DepartmentSource = 'COURTS' | 'POLICE' | 'PETITIONS' | 'CIVIL_AFFAIRS';

export const departmentNames: readonly DepartmentName[] = ['courts', 'police', 'petitions', 'civil-affairs'];

export const sourceOf: Readonly<Record<DepartmentName, DepartmentSource>> = {
  courts: 'COURTS',
  police: 'POLICE',
  petitions: 'PETITIONS',
  'civil-affairs': 'CIVIL_AFFAIRS',
};

export interface ParticipantRow {
  /** Unique within the row, stable: '1', '2', … */
  readonly ref: string;
  /** plaintiff defendant third-party applicant respondent / reporter party victim suspect missing / petitioner representative / spouse holder member child guardian. */
  readonly role: string;
  readonly name: string;
  /** 18 or (rarely) 15 characters; may be mistyped or another's. null: not written down; the stand-in writes its own kind of nothing. */
  readonly citizenId: string | null;
  readonly birthDate: string | null;
  readonly sex: Sex;
  readonly phone: string | null;
  readonly address: string | null;
}

export interface ReferenceRow {
  readonly source: DepartmentSource;
  readonly number: string;
}

/** What every department's row has. Within a department's file rows are in the order of `changedAt`, which is unique there. */
export interface DepartmentRow {
  /**
   * The system's own internal key, unique in its department. ASCII:
   * courts '10000017' (a record number, counts up) · police '66f1c0de000000000000002a' (24 hex digits) ·
   * petitions '0F3A…' (32 upper-case hex digits) · civil affairs 'HY2600000123' (12 characters).
   */
  readonly key: string;
  /** The printed number, unique in its department; other departments name the record by it. */
  readonly number: string;
  /** When it happened or was filed. */
  readonly at: string;
  /** When the system last wrote the row; never before `at`. */
  readonly changedAt: string;
  /** Code of the organisation that holds it. */
  readonly office: string;
  /** Code of a micro-grid, grid, compound, community or township; null where the office did not note one. */
  readonly place: string | null;
  readonly participants: readonly ParticipantRow[];
  readonly references: readonly ReferenceRow[];
  /** Dispute category of the API; null where the record is not a dispute. */
  readonly category: string | null;
  /** Courts and police only (false elsewhere). */
  readonly sealed: boolean;
  /** Police only (false elsewhere). */
  readonly classified: boolean;
  /** Domestic violence in any department, shelter stays. */
  readonly protected: boolean;
}

export interface CourtRow extends DepartmentRow {
  /** Chinese cause of action: 民间借贷纠纷 … */
  readonly cause: string;
  /** Chinese: 简易程序 普通程序 小额诉讼程序 特别程序 执行程序 诉前调解. */
  readonly procedure: string | null;
  readonly stage: CourtStage;
  readonly concludedAt: string | null;
  /** Chinese, free: 判决 调解 撤诉 准予执行 … */
  readonly outcome: string | null;
}

export interface PoliceRow extends DepartmentRow {
  readonly kind: PoliceIncidentKind;
  readonly scene: string | null;
  readonly disposition: PoliceDisposition | null;
}

export interface PetitionRow extends DepartmentRow {
  readonly form: PetitionForm;
  readonly purpose: PetitionPurpose;
  readonly subject: string;
  readonly acceptedAt: string | null;
  readonly dueAt: string | null;
  readonly repliedAt: string | null;
  readonly stage: PetitionStage;
  readonly collective: boolean;
  /** Code of the organisation that answers for it. */
  readonly responsible: string | null;
  /** Codes of the organisations accused; filled exactly when purpose is ACCUSATION. */
  readonly accused: readonly string[];
}

export interface CivilAffairsRow extends DepartmentRow {
  readonly kind: CivilRecordKind;
  readonly from: string | null;
  readonly to: string | null;
  /** Chinese, free: 有效 已注销 停发 … */
  readonly status: string;
  readonly detail: string | null;
}

export interface DepartmentRows {
  readonly courts: CourtRow;
  readonly police: PoliceRow;
  readonly petitions: PetitionRow;
  readonly 'civil-affairs': CivilAffairsRow;
}

export type OrganisationLevel = 'COUNTY' | 'TOWNSHIP' | 'COMMUNITY' | 'COMPOUND' | 'GRID' | 'MICRO_GRID' | 'BUILDING';

export type OrganisationKind =
  | 'CENTRE'
  | 'COURT'
  | 'TRIBUNAL'
  | 'PROCURATORATE'
  | 'POLICE'
  | 'STATION'
  | 'JUSTICE_OFFICE'
  | 'PETITION_BUREAU'
  | 'CIVIL_AFFAIRS'
  | 'DISCIPLINE'
  | 'ARBITRATION'
  | 'MEDIATION_BODY'
  | 'ENFORCEMENT'
  | 'MASS_ORGANISATION'
  | 'COMPANY'
  | 'COMMITTEE'
  | 'SOCIAL_ORGANISATION'
  | 'GOVERNMENT';

/** Parents come before their children in `organisations.json`; the subtree of an organisation is its subordinates. */
export interface OrganisationRow {
  readonly code: string;
  readonly name: string;
  readonly level: OrganisationLevel;
  readonly kind: OrganisationKind;
  readonly parent: string | null;
  /** Whose records it holds as its own. */
  readonly sources: readonly DepartmentSource[];
}

/** `truth/persons.ndjson` */
export interface TruePerson {
  readonly id: number;
  readonly name: string;
  readonly sex: Sex;
  readonly birthDate: string;
  readonly citizenId: string;
  readonly phone: string | null;
  readonly address: string;
  readonly household: number;
  readonly place: string;
  /** The id of the other twin. */
  readonly twin: number | null;
}

/** `truth/mentions.ndjson`: every participant of every row exactly once. */
export interface TrueMention {
  readonly source: DepartmentSource;
  readonly key: string;
  readonly ref: string;
  readonly person: number;
  /** What was done to it: id-missing id-mistyped id-15 id-other name-variant name-traditional name-dot name-alias birth-swapped birth-lunar phone-missing phone-shared phone-changed address-old address-style. */
  readonly noise: readonly string[];
}

export interface TrueRecord {
  readonly source: DepartmentSource;
  readonly key: string;
}

/** `truth/disputes.ndjson`: every row with a category belongs to exactly one. */
export interface TrueDispute {
  readonly id: number;
  readonly category: string;
  readonly records: readonly TrueRecord[];
  /** Between consecutive records; explicit ones are also in the later row's `references`. */
  readonly links: readonly { readonly from: TrueRecord; readonly to: TrueRecord; readonly explicit: boolean }[];
}

export interface CountySummary {
  readonly format: number;
  readonly people: number;
  readonly seed: number;
  /** The county's now: everything in it happened before. */
  readonly until: string;
  readonly households: number;
  readonly organisations: number;
  readonly disputes: number;
  readonly rows: Readonly<Record<DepartmentName, number>>;
  readonly mentions: Readonly<Record<DepartmentName, number>>;
  readonly star: { readonly name: string; readonly citizenId: string; readonly birthDate: string };
  /** SHA-256 over all other files, in hexadecimal. */
  readonly digest: string;
}
