import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { defaultAuditLog, type CountyConfig } from '../../core/platform/county-config.ts';
import { projectRoot } from '../../core/platform/project-root.ts';
import { createInboxRig, type InboxRig } from '../../test/kit/inbox-rig.ts';
import { silentLog } from '../../test/kit/index-rig.ts';
import { lookAtCarrying } from '../doctor/carrying.ts';
import { toLine } from '../doctor/finding.ts';
import { checkCarrying } from './check-carrying.ts';
import type { Foundation } from './foundation.ts';

let rig: InboxRig;
let folder: string;
const warnings: object[] = [];
beforeEach(async () => {
  rig = await createInboxRig();
  folder = mkdtempSync(join(tmpdir(), 'maplebridge-carrying-'));
  cpSync(join(projectRoot, 'schema', 'playbooks'), join(folder, 'playbooks'), { recursive: true });
  warnings.length = 0;
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await rig.drop();
});

const LIST = `serves:
  station: street
entries:
  - category: '*'
    lead: { code: centre }
    assisting: [{ code: court }, { code: polcie }]
    legalBasis: 第一条
  - category: [LABOUR]
    place: closed
    lead: { kind: COURT, near: COUNTY }
    legalBasis: 第二条
`;

function county(): CountyConfig {
  writeFileSync(join(folder, 'list.yaml'), LIST);
  const none = { workingDaysFile: null, rulesFolder: null, agreements: [], departments: new Map() };
  return {
    ...{ ...none, organisationsFile: '', limits: {} as CountyConfig['limits'], audit: defaultAuditLog },
    disputeLinks: { joinThemselves: [] },
    responsibilitiesFile: join(folder, 'list.yaml'),
    playbooksFolder: join(folder, 'playbooks'),
  };
}

const check = (): Promise<void> => {
  const { db, keyring, clock } = rig;
  const log = { ...silentLog, warn: (what: object) => void ('year' in what || warnings.push(what)) };
  return checkCarrying({ db, keyring, clock, log, county: county() } as unknown as Foundation);
};
const doctor = async (): Promise<string[]> => (await lookAtCarrying(rig.db, county())).map(toLine);

/** Two under way and one that is over, under a version that is then taken away. */
async function followOldVersion(): Promise<void> {
  for (let count = 0; count < 3; count++) await rig.open('police');
  await rig.db.query(`update referral set playbook_id = 'M21', playbook_version = '0'`);
  await rig.db.query(
    `update referral set status = 'CLOSED', responsible_id = null, closed_at = now()
     where id = (select min(id) from referral)`,
  );
}

test('An organisation of the responsibility list that there is not is warned of, with file and line', async () => {
  await check();
  expect(warnings).toEqual([
    { file: 'list.yaml', line: 6, code: 'polcie' },
    { file: 'list.yaml', line: 9, code: 'closed' },
  ]);
  expect(await doctor()).toEqual([
    expect.stringMatching(/^ok +playbooks: 8,/),
    expect.stringMatching(/^warn +list.yaml line 6: there is no organisation polcie/),
    expect.stringMatching(/^warn +list.yaml line 9: there is no organisation closed/),
  ]);
});

test('It does not start while referrals follow a version of a playbook that is not there', async () => {
  await rig.open('police');
  await check();
  await followOldVersion();
  await expect(check()).rejects.toMatchObject({
    code: 'BAD_USER_INPUT',
    message: expect.stringMatching(
      /follow playbooks that are not there: M21 version 0 \(3\): put their files back .*$/,
    ) as string,
  });
  expect((await doctor())[0]).toMatch(/^FAIL +playbooks: gone, .*M21 version 0 \(3\) — put their files back/);
});

test('Of what is over it only warns', async () => {
  await followOldVersion();
  await rig.db.query(`update referral set status = 'CLOSED', responsible_id = null, closed_at = now()`);
  await check();
  expect(warnings[0]).toEqual({ playbooks: 'M21 version 0' });
  expect((await doctor())[0]).toMatch(/^warn +playbooks: gone, but followed by referrals that are over: M21 version 0/);
});
