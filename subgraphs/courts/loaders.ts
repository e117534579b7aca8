import type { CourtCaseRecord } from '../../core/department-record.ts';
import type { PartContext, PartDeps, Shown } from '../kit/department-part.ts';

export type CourtsDeps = PartDeps<CourtCaseRecord>;
export type CourtsContext = PartContext<CourtCaseRecord>;
export type ShownCourtCase = Shown<CourtCaseRecord>;
