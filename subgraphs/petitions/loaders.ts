import type { PetitionRecord } from '../../core/department-record.ts';
import type { PartContext, PartDeps, Shown } from '../kit/department-part.ts';

export type PetitionsDeps = PartDeps<PetitionRecord>;
export type PetitionsContext = PartContext<PetitionRecord>;
export type ShownPetition = Shown<PetitionRecord>;
