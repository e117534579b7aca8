import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDeliveryRig, type DeliveryRig } from '../../test/kit/delivery.ts';
import { memoryAnchor, testSequencer } from '../../test/kit/log-rig.ts';
import { caller } from '../../test/kit/referral.ts';
import { searchEntries } from './audit-entries.ts';

let rig: DeliveryRig;
beforeEach(async () => {
  rig = await createDeliveryRig();
});
afterEach(() => rig.drop());

test('What became of a message is found by the referral that it told of; an accusation’s is not for other auditors', async () => {
  await rig.register('petitions', ['*']);
  const [plain, accusing] = [await rig.referral(), await rig.referral({ accused: ['street'] })];
  for (const referral of [plain, accusing]) await rig.tell(referral, ['petitions'], 'referral.progress');
  await rig.run();
  expect(rig.received).toHaveLength(2);
  await testSequencer(rig.db, memoryAnchor()).run();
  const found = async (kind: string, search: object = {}): Promise<string[]> => {
    const { organisation, ...auditor } = caller('court', 'auditor');
    const entries = await searchEntries(
      rig.db,
      { ...auditor, organisation: { ...organisation, kind } },
      {
        ...{ kinds: ['delivery.delivered'], limit: 100, ...search },
      },
    );
    return entries.map((entry) => entry.kind);
  };
  expect(await found('COURT', { referral: plain })).toEqual(['delivery.delivered']);
  expect(await found('COURT')).toHaveLength(1);
  expect(await found('COURT', { referral: accusing })).toEqual([]);
  expect(await found('DISCIPLINE', { referral: accusing })).toEqual(['delivery.delivered']);
});
