import { afterEach, beforeEach, expect, test } from 'vitest';
import { createInboxRig, type InboxRig } from '../../test/kit/inbox-rig.ts';
import { findIrregularities, IRREGULARITIES } from './irregularity.ts';

let rig: InboxRig;
beforeEach(async () => {
  rig = await createInboxRig();
});
afterEach(() => rig.drop());

test('Who rated themselves stays listed when the referral has another lead since', async () => {
  const referral = await rig.open('police');
  const at = rig.clock.business();
  const rate = (sequence: number, by: string): Promise<unknown> =>
    rig.db.query(
      `insert into referral_event (id, referral_id, sequence, type, at, version, step, actor_subject, actor_role,
         actor_organisation_id, responsible_id, body)
       values ('evt_' || $3::text, $1, $3::int, 'RATED', $2, 9, 's', 'li', 'department.handler', $4, 'police',
         '{"by":"PERSON","score":5,"objects":false}')`,
      [referral, at, sequence, by],
    );
  const found = async (): Promise<string[]> => {
    const search = { kinds: IRREGULARITIES, from: new Date(0), to: new Date(at.getTime() + 1), limit: 10 };
    const all = await findIrregularities(rig.db, { selfAndAbove: [], under: '' }, search);
    return all.map(({ kind }) => kind);
  };
  await rate(900, 'petitions');
  expect(await found()).toEqual([]);
  await rate(901, 'police');
  expect(await found()).toEqual(['SELF_RATED']);
  await rig.db.query(`update referral set lead_id = 'court' where id = $1`, [referral]);
  expect(await found()).toEqual(['SELF_RATED']);
});
