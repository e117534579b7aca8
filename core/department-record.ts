/** What four departments hold, in the centre's own words. An adapter makes these from its wire format; nobody else does. */

/** COURTS POLICE PETITIONS CIVIL_AFFAIRS, CENTRE for records made at the desk, and any department added later. */
export type SourceCode = string;

export type Sex = 'MALE' | 'FEMALE' | 'UNKNOWN';

/** One human being as one record names them. Empty, `无`, `不详` and the like are null here. */
export interface Participant {
  /** The department's own number of this person within the record; stable over re-reads. */
  readonly ref: string;
  /** The department's word for the part they play: plaintiff, reporter, petitioner, spouse … */
  readonly role: string;
  readonly name: string;
  /** As the department has it: upper-cased, full-width digits folded, not verified; 15-digit ones left as they are. */
  readonly citizenId: string | null;
  readonly birthDate: string | null;
  readonly sex: Sex;
  readonly phone: string | null;
  readonly address: string | null;
}

/** An explicit cross-reference: this record names another department's record by the number that is printed on it. */
export interface RecordReference {
  readonly source: SourceCode;
  readonly number: string;
}

export interface DepartmentRecord {
  readonly source: SourceCode;
  /** The department's word for what it is, as the API names it: COURT_CASE, DOMESTIC_VIOLENCE, MARRIAGE … */
  readonly kind: string;
  /** The department's own key: what it is read by. Never shown outside the department, supervisors and auditors. */
  readonly key: string;
  /** The number printed on it, by which people and other departments name it. */
  readonly number: string;
  /** When it happened or was filed. */
  readonly at: string;
  /** Code of the organisation that holds it: the court, the station, the office. */
  readonly office: string | null;
  /** Code of the organisation of the grid tree where it happened, where the department says so. */
  readonly place: string | null;
  readonly participants: readonly Participant[];
  readonly references: readonly RecordReference[];
  /** A dispute's category where the record is one; null where it is not a dispute (a marriage, a found wallet). */
  readonly category: string | null;
  /** Sealed by law (a person under 18 at the time; a public-order penalty): absent for everybody but its owner. */
  readonly sealed: boolean;
  /** Classified by its owner for other reasons: counted as withheld, never shown. */
  readonly classified: boolean;
  /** Protected (a shelter stay, a domestic-violence track): outside the owner only for those named by domain rule 7. */
  readonly protected: boolean;
  /** Codes of the organisations that an accusation is against; empty for everything else. */
  readonly accused: readonly string[];
}

export type CourtStage =
  | 'PRE_MEDIATION'
  | 'FILING_REVIEW'
  | 'FILED'
  | 'PRESERVATION'
  | 'FIRST_INSTANCE'
  | 'IN_COURT_MEDIATION'
  | 'JUDGED'
  | 'APPEAL'
  | 'RETRIAL'
  | 'ENFORCEMENT'
  | 'TERMINATED'
  | 'CLOSED';

export interface CourtCaseRecord extends DepartmentRecord {
  readonly source: 'COURTS';
  readonly kind: 'COURT_CASE';
  readonly cause: string;
  readonly procedure: string | null;
  readonly stage: CourtStage;
  readonly concludedAt: string | null;
  readonly outcome: string | null;
}

export type PoliceIncidentKind =
  | 'DISPUTE'
  | 'DOMESTIC_VIOLENCE'
  | 'FIGHT'
  | 'TRAFFIC'
  | 'CRIME'
  | 'PUBLIC_ORDER'
  | 'HELP'
  | 'MISSING'
  | 'SUICIDE_RISK'
  | 'COMPLAINT'
  | 'OTHER';
export type PoliceDisposition = 'MEDIATED' | 'WARNING_LETTER' | 'PENALTY' | 'FILED' | 'TRANSFERRED' | 'NO_ACTION';

export interface PoliceIncidentRecord extends DepartmentRecord {
  readonly source: 'POLICE';
  readonly kind: PoliceIncidentKind;
  /** Free text of where it happened. */
  readonly scene: string | null;
  readonly disposition: PoliceDisposition | null;
}

export type PetitionForm = 'ONLINE' | 'LETTER' | 'PHONE' | 'FAX' | 'VISIT';
export type PetitionPurpose = 'SUGGESTION' | 'ACCUSATION' | 'APPEAL';
export type PetitionStage =
  'REGISTERED' | 'FORWARDED' | 'NOTIFIED' | 'IN_HANDLING' | 'HEARING' | 'CONCLUDED' | 'REVIEW' | 'RE_REVIEW' | 'FINAL';

export interface PetitionRecord extends DepartmentRecord {
  readonly source: 'PETITIONS';
  readonly kind: 'PETITION';
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
}

export type CivilRecordKind =
  | 'MARRIAGE'
  | 'DIVORCE'
  | 'ADOPTION'
  | 'GUARDIANSHIP'
  | 'MINIMUM_LIVING'
  | 'DESTITUTE'
  | 'TEMPORARY_RELIEF'
  | 'DISABILITY_ALLOWANCE'
  | 'LEFT_BEHIND_CHILD'
  | 'DE_FACTO_ORPHAN'
  | 'ELDERLY_CARE'
  | 'SHELTER';

export interface CivilAffairsRecord extends DepartmentRecord {
  readonly source: 'CIVIL_AFFAIRS';
  readonly kind: CivilRecordKind;
  readonly from: string | null;
  readonly to: string | null;
  readonly status: string;
  readonly detail: string | null;
}
