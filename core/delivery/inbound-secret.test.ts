import { afterAll, beforeAll, expect, it } from 'vitest';
import { createInboxRig, type InboxRig } from '../../test/kit/inbox-rig.ts';
import { caller } from '../../test/kit/referral.ts';
import { issueInboundSecret } from './inbound-secret.ts';

let rig: InboxRig;
beforeAll(async () => {
  rig = await createInboxRig();
});
afterAll(() => rig.drop());

const HOUR = 3_600_000;
const issue = (organisationId: string, overlapHours = 24): Promise<string> =>
  rig.db.tx((tx) => issueInboundSecret(tx, rig, { organisationId, overlapHours, actor: caller('centre') }));
const isGood = async (secret: string, who = 'police'): Promise<boolean> =>
  (await rig.send(who, { secret })).status === 202;

it('A secret is shown once, kept sealed, and written down without itself', async () => {
  const secret = await issue('justice');
  expect(secret).toMatch(/^whsec_/);
  expect(await isGood(secret, 'justice')).toBe(true);
  const { secret_cipher: cipher } = await rig.db.one<{ secret_cipher: Buffer }>(
    `select secret_cipher from inbound_secret where organisation_id = 'justice'`,
    [],
  );
  expect(cipher.includes(secret)).toBe(false);
  const entries = await rig.db.query(`select body from audit_trail where subject = 'justice'`, []);
  expect(entries).toEqual([{ body: { overlapHours: 24 } }]);
});

it('The one before stays good for the overlap, and not longer', async () => {
  const [old, fresh] = [await issue('police'), await issue('police')];
  expect([await isGood(old), await isGood(fresh)]).toEqual([true, true]);
  rig.clock.advance(24 * HOUR);
  expect([await isGood(old), await isGood(fresh)]).toEqual([false, true]);
});

it('There are never more than two, and with no overlap one', async () => {
  const [first, second, third] = [await issue('court'), await issue('court', 1), await issue('court', 48)];
  expect(await Promise.all([first, second, third].map((secret) => isGood(secret, 'court')))).toEqual([
    false,
    true,
    true,
  ]);
  // What was to end in an hour does not live on because another has been issued.
  rig.clock.advance(24 * HOUR);
  const last = await issue('court', 0);
  expect(await Promise.all([second, third, last].map((secret) => isGood(secret, 'court')))).toEqual([
    false,
    false,
    true,
  ]);
});

it('An organisation that is not there, or a strange overlap, is refused', async () => {
  await expect(issue('nowhere')).rejects.toMatchObject({ details: { field: 'organisation' } });
  await expect(issue('closed')).rejects.toMatchObject({ details: { field: 'organisation' } });
  for (const hours of [-1, 1.5, 169]) {
    await expect(issue('police', hours)).rejects.toMatchObject({ details: { field: 'overlapHours' } });
  }
});
