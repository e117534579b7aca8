/** Playbooks, rules and the responsibility list, against the referrals and organisations of the database. */
import { basename } from 'node:path';
import type { CountyConfig } from '../../core/platform/county-config.ts';
import type { Db } from '../../core/platform/db.ts';
import { findMissingPlaybooks } from '../../core/referrals/playbook-in-use.ts';
import { playbooksOf, responsibilitiesFileOf, rulesOf } from '../start/carrying.ts';
import { namePlaybooks, PUT_BACK, unknownCodesOf } from '../start/check-carrying.ts';
import { fail, ok, reasonOf, warn, type Finding } from './finding.ts';

export async function lookAtCarrying(db: Db, county: CountyConfig | null): Promise<Finding[]> {
  try {
    return [...(await lookAtPlaybooks(db, county)), ...(await lookAtList(db, county))];
  } catch (error) {
    return [fail(`playbooks and responsibilities: ${reasonOf(error)}`, 'mend that; nothing starts before')];
  }
}

async function lookAtPlaybooks(db: Db, county: CountyConfig | null): Promise<Finding[]> {
  const playbooks = playbooksOf(county, rulesOf(county));
  const missing = await findMissingPlaybooks(db, playbooks);
  const needed = missing.filter(({ open }) => open > 0);
  if (needed.length > 0)
    return [fail(`playbooks: gone, but followed by referrals that are not over: ${namePlaybooks(needed)}`, PUT_BACK)];
  return missing.length > 0
    ? [warn(`playbooks: gone, but followed by referrals that are over: ${namePlaybooks(missing)}`, PUT_BACK)]
    : [ok(`playbooks: ${playbooks.all.length}, with every version that referrals follow`)];
}

async function lookAtList(db: Db, county: CountyConfig | null): Promise<Finding[]> {
  const file = responsibilitiesFileOf(county);
  if (file === null)
    return [warn('responsibilities: none, so the centre’s desk takes what names no lead', 'write a list')];
  const unknown = await unknownCodesOf(db, file);
  if (unknown.length === 0) return [ok('responsibilities: every organisation that they name is there')];
  return unknown.map(({ code, line }) =>
    warn(
      `${basename(file)} line ${line}: there is no organisation ${code}, or not any more`,
      'mend its code, or list it',
    ),
  );
}
