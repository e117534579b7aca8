import { afterAll, beforeAll, expect, test } from 'vitest';
import { createInboxRig, type InboxRig } from '../../test/kit/inbox-rig.ts';
import { caller } from '../../test/kit/referral.ts';
import { loadChainEvents, loadEvents } from './read.ts';

let rig: InboxRig;
beforeAll(async () => {
  rig = await createInboxRig();
});
afterAll(() => rig.drop());

test('What somebody wrote is decrypted only for who asks for it, and once', async () => {
  const id = await rig.open('police');
  for (const act of [{ type: 'ACCEPT' }, { type: 'PROGRESS', note: '约了周三。' }] as const)
    await rig.db.tx((tx) => rig.engine.act(tx, caller('police'), { id, expectedVersion: null }, act));
  const before = rig.keyring.opened;
  const events = await loadEvents(rig.db, rig.keyring, [id]);
  await loadChainEvents(rig.db, rig.keyring, [id]);
  expect(rig.keyring.opened).toBe(before);
  const last = events.at(-1);
  expect([last?.words().note, last?.words().note]).toEqual(['约了周三。', '约了周三。']);
  expect(events[0]?.words()).toEqual({});
  expect(rig.keyring.opened).toBe(before + 1);
});
