import { expect, it } from 'vitest';
import { createUnsetDepartment } from './unset-department.ts';

it('says that it is unavailable and what to do, and never fails whoever reads', async () => {
  const labour = createUnsetDepartment('PETITIONS', 'petitions');
  expect(await labour.read(['1'], { priority: 'interactive' })).toEqual({
    records: new Map(),
    freshness: { status: 'UNAVAILABLE', asOf: null },
  });
  expect(labour.health()).toMatchObject({ status: 'UNAVAILABLE', lastSuccessAt: null });
  await expect(labour.ping()).rejects.toThrow('add departments.petitions');
  await expect(labour.changes(null)).rejects.toThrow('add departments.petitions');
});
