import type { PoliceIncidentRecord } from '../../core/department-record.ts';
import type { PartContext, PartDeps, Shown } from '../kit/department-part.ts';

export type PoliceDeps = PartDeps<PoliceIncidentRecord>;
export type PoliceContext = PartContext<PoliceIncidentRecord>;
export type ShownPoliceIncident = Shown<PoliceIncidentRecord>;
