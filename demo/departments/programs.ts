/** The stand-ins there are. A department's programs are loaded only when they are started. */
import type { DepartmentName } from '../county/model.ts';
import type { StandIn } from './kit/stand-in.ts';

export const standIns: Readonly<Partial<Record<DepartmentName, () => Promise<StandIn>>>> = {
  courts: async () => (await import('./courts/stand-in.ts')).courtsStandIn,
  police: async () => (await import('./police/stand-in.ts')).policeStandIn,
  petitions: async () => (await import('./petitions/stand-in.ts')).petitionsStandIn,
  'civil-affairs': async () => (await import('./civil-affairs/stand-in.ts')).civilAffairsStandIn,
};
