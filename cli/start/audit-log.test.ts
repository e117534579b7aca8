import { afterAll, beforeAll, expect, test } from 'vitest';
import { createInboxRig, type InboxRig } from '../../test/kit/inbox-rig.ts';
import { caller } from '../../test/kit/referral.ts';
import { auditLogRoutes } from './audit-log.ts';

let rig: InboxRig;
beforeAll(async () => {
  rig = await createInboxRig();
});
afterAll(() => rig.drop());

test('An auditor who takes a whole bundle of the log is written down; one who may not have it takes none', async () => {
  const { admitToBundles } = auditLogRoutes(rig);
  const reads = () => rig.db.query(`select actor_subject as actor, body from audit_trail where kind = 'audit.read'`);
  await expect(admitToBundles(caller('court', 'auditor'), '000')).rejects.toMatchObject({ code: 'FORBIDDEN' });
  expect(await reads()).toEqual([]);
  const { organisation, ...auditor } = caller('discipline', 'auditor');
  const discipline = { ...auditor, organisation: { ...organisation, kind: 'DISCIPLINE', path: 'county/discipline/' } };
  await admitToBundles(discipline, '000');
  expect(await reads()).toEqual([{ actor: discipline.subject, body: { list: 'bundles', bundle: '000' } }]);
});
