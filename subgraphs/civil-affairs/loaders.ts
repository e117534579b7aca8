import type { CivilAffairsRecord } from '../../core/department-record.ts';
import type { PartContext, PartDeps, Shown } from '../kit/department-part.ts';

export type CivilAffairsDeps = PartDeps<CivilAffairsRecord>;
export type CivilAffairsContext = PartContext<CivilAffairsRecord>;
/** `self`: the person whose register is shown. */
export type ShownCivilRecord = Shown<CivilAffairsRecord> & { readonly self: string };
