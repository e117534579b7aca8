/** What rules, playbooks and the responsibility list must fit once the database is there: the referrals and the organisations in it. */
import { basename } from 'node:path';
import type { Queryable } from '../../core/platform/db.ts';
import { AppError } from '../../core/platform/errors.ts';
import { findMissingPlaybooks, type PlaybookInUse } from '../../core/referrals/playbook-in-use.ts';
import { findUnknownCodes, type UnknownCode } from '../../core/routing/responsibility.ts';
import { createCarrying, responsibilitiesFileOf } from './carrying.ts';
import type { Foundation } from './foundation.ts';

export const namePlaybooks = (missing: readonly PlaybookInUse[]): string =>
  missing.map(({ id, version, open }) => `${id} version ${version}${open > 0 ? ` (${open})` : ''}`).join(', ');

export const PUT_BACK =
  'put their files back among the playbooks; a changed playbook is a new file beside the old one, such as m21@2.yaml';

/** Of the list in this file; none where there is no file. */
export async function unknownCodesOf(q: Queryable, file: string | null): Promise<UnknownCode[]> {
  if (file === null) return [];
  const open = await q.query<{ code: string }>('select code from organisation where closed_at is null');
  return findUnknownCodes(file, new Set(open.map(({ code }) => code)));
}

/** Throws one BAD_USER_INPUT when referrals that are not over follow a playbook that is gone; warns of the rest. */
export async function checkCarrying(foundation: Foundation): Promise<void> {
  const { db, log, county } = foundation;
  const missing = await findMissingPlaybooks(db, createCarrying(foundation).playbooks);
  const needed = missing.filter(({ open }) => open > 0);
  if (needed.length > 0)
    throw new AppError(
      'BAD_USER_INPUT',
      `Referrals that are not over follow playbooks that are not there: ${namePlaybooks(needed)}: ${PUT_BACK}.`,
    );
  if (missing.length > 0)
    log.warn(
      { playbooks: namePlaybooks(missing) },
      `referrals that are over followed playbooks that are gone: ${PUT_BACK}`,
    );
  const file = responsibilitiesFileOf(county);
  for (const { code, line } of await unknownCodesOf(db, file))
    log.warn(
      { file: basename(file ?? ''), line, code },
      'the responsibility list names an organisation that there is not, or not any more: nothing goes to it',
    );
}
