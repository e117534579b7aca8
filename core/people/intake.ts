/** What a dispute will take over from a department's record, and only some departments' records say. */
import type { DepartmentRecord, PetitionRecord } from '../department-record.ts';

const isPetition = (record: DepartmentRecord): record is PetitionRecord => record.source === 'PETITIONS';

export interface Intake {
  /** A code of the API's IntakeChannel. A petition's form is one as it stands: 走访 is VISIT in both lists. */
  readonly channel: string;
  readonly petitionPurpose: string | null;
  readonly collective: boolean;
}

export function intakeOf(record: DepartmentRecord): Intake {
  if (isPetition(record))
    return { channel: record.form, petitionPurpose: record.purpose, collective: record.collective };
  const channel = { COURTS: 'COURT_PLATFORM', POLICE: 'POLICE_110' }[record.source] ?? 'DEPARTMENT';
  return { channel, petitionPurpose: null, collective: false };
}
