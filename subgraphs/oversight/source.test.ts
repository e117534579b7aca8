import { afterAll, beforeAll, expect, test } from 'vitest';
import { openOffice, type Office } from '../../test/access/office.ts';
import { citizenId, participant, record } from '../../test/kit/paper-department.ts';

let office: Office;
beforeAll(async () => {
  office = await openOffice();
  office.police.put(
    ...[1, 2, 3].map((n) =>
      record('POLICE', `p${n}`, { office: 'station', participants: [participant('1', { citizenId: citizenId(n) })] }),
    ),
  );
  await office.readIn.read('POLICE');
});
afterAll(() => office.drop());

test('How many records a department has is told exactly to it and to the centre, and to others so that one more does not show', async () => {
  const told = async (code: string): Promise<readonly { code: string; records: number | null }[]> =>
    (
      await office.must<{ sources: { code: string; records: number | null }[] }>(
        await office.who(code),
        '{ sources { code records } }',
      )
    ).sources;
  for (const code of ['centre', 'station']) expect(await told(code)).toContainEqual({ code: 'POLICE', records: 3 });
  for (const code of ['housing', 'court']) expect(await told(code)).toContainEqual({ code: 'POLICE', records: 0 });
});
