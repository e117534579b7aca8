/** The civil affairs bureau's nightly files in a drop folder: marriages as CSV, assistance and the rest in fixed width. */
import { z } from 'zod';
import type { Department } from '../../core/department.ts';
import type { CivilAffairsRecord } from '../../core/department-record.ts';
import type { Db } from '../../core/platform/db.ts';
import { createDepartment } from '../kit/department.ts';
import { dropSettings, openDrop } from '../kit/files-drop.ts';
import { createDropWire, importSettings } from '../kit/files-wire.ts';
import type { Kit } from '../kit/kit.ts';
import { kitSettings } from '../kit/settings.ts';
import { civilAffairsFormat } from './delivery.ts';

const SOURCE = 'CIVIL_AFFAIRS';

export const civilAffairsSettings = z.strictObject({
  drop: dropSettings,
  ...importSettings,
  ...kitSettings,
});
export type CivilAffairsSettings = z.infer<typeof civilAffairsSettings>;

export interface CivilAffairsDeps {
  readonly settings: CivilAffairsSettings;
  readonly kit: Kit;
  /** Our own database: imported rows are kept there, encrypted, and answered from there. */
  readonly db: Db;
}

export function createCivilAffairs({ settings, kit, db }: CivilAffairsDeps): Department<CivilAffairsRecord> {
  const folder = openDrop(SOURCE, settings.drop);
  const drop = createDropWire({ source: SOURCE, folder, format: civilAffairsFormat, db, kit, settings });
  return createDepartment({ ...drop, policy: settings.policy, cache: settings.cache, kit });
}
