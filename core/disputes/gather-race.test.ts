/** A page that is read in at the very moment in which a referral of its dispute goes out: one of the two comes first. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createIndexRig, type IndexRig } from '../../test/kit/index-rig.ts';
import { record } from '../../test/kit/paper-department.ts';
import { caller, playbook, rules, workingDays } from '../../test/kit/referral.ts';
import { somebodyWaits } from '../../test/kit/somebody-waits.ts';
import { createDb, type Db } from '../platform/db.ts';
import { createReferralEngine, type ReferralEngine } from '../referrals/engine.ts';

let rig: IndexRig;
let other: Db;
let engine: ReferralEngine;
beforeEach(async () => {
  rig = await createIndexRig();
  other = createDb({ url: rig.url });
  engine = createReferralEngine({
    ...{ keyring: rig.keyring, clock: rig.clock, rules, workingDays },
    playbooks: { get: () => playbook() },
  });
});
afterEach(async () => {
  await other.close();
  await rig.drop();
});

const court = (key: string, fields = {}) =>
  record('COURTS', key, { office: 'court', category: 'NEIGHBOUR', ...fields });
const petition = (fields: object) =>
  record('PETITIONS', 'x1', {
    ...{ category: 'NEIGHBOUR', form: 'VISIT', purpose: 'ACCUSATION', collective: false },
    ...fields,
  });

const disputeOf = async (): Promise<string> =>
  (await rig.db.one<{ id: string }>('select id from dispute order by id limit 1', [])).id;

/** From the centre to the station. */
const refer = (db: Db, disputeId: string, meanwhile: () => Promise<void> = async () => undefined) =>
  db.tx(async (tx) => {
    const centre = caller('centre');
    const opened = await engine.open(
      tx,
      { ...centre, organisation: { ...centre.organisation, id: 'org_centre' } },
      playbook(),
      {
        ...{ disputeId, kind: 'ASSIGN', from: 'org_centre', lead: 'org_station', undertaking: [], assisting: [] },
        ...{ guiding: [], urgency: 'ROUTINE', summary: '请处理。', legalBasis: '测试', parent: null, routed: null },
      },
    );
    await meanwhile();
    return opened.referralId;
  });

test('An accusation that is stored while the accused are being given a matter waits for it, stands by itself, and takes nothing from them', async () => {
  rig.courts.put(court('c1'));
  await rig.readIn.read('COURTS');
  rig.petitions.put(petition({ accused: ['station'], references: [{ source: 'COURTS', number: 'COURTS-c1' }] }));
  let reading: Promise<unknown> = Promise.resolve();
  const referral = await refer(other, await disputeOf(), async () => {
    reading = rig.reader(other).read('PETITIONS');
    await somebodyWaits(rig.db);
  });
  await reading;
  expect(
    await rig.db.query('select organisation_id as id from referral_sight where referral_id = $1 order by 1', [
      referral,
    ]),
  ).toEqual([{ id: 'org_centre' }, { id: 'org_station' }]);
  expect(await rig.disputes()).toEqual(['COURTS/c1', 'PETITIONS/x1']);
  expect(await rig.db.query(`select from visible where organisation_id = 'org_station'`, [])).toHaveLength(1);
});

test('A referral that is opened while an accusation is being stored waits for it, and is refused', async () => {
  rig.courts.put(court('c1'));
  await rig.readIn.read('COURTS');
  const dispute = await disputeOf();
  rig.petitions.put(petition({ accused: ['station'], references: [{ source: 'COURTS', number: 'COURTS-c1' }] }));
  let opening: Promise<unknown> = Promise.resolve();
  await rig
    .reader(other, async () => {
      opening = refer(rig.db, dispute);
      opening.catch(() => undefined);
      await somebodyWaits(rig.db);
    })
    .read('PETITIONS');
  await expect(opening).rejects.toEqual(expect.objectContaining({ code: 'ROUTING_FORBIDDEN' }));
  expect(await rig.db.query('select from referral', [])).toEqual([]);
});

test('A dispute of which a referral is being opened is not joined into another over it', async () => {
  rig.courts.put(court('c1', { at: '2026-02-01T02:00:00.000Z' }), court('c2'));
  await rig.readIn.read('COURTS');
  const [, younger] = await rig.db.query<{ id: string }>('select id from dispute order by opened_at', []);
  rig.courts.put(court('c2', { references: [{ source: 'COURTS', number: 'COURTS-c1' }] }));
  let reading: Promise<unknown> = Promise.resolve();
  await refer(other, younger?.id ?? '', async () => {
    reading = rig.reader(other).read('COURTS');
    await somebodyWaits(rig.db);
  });
  await reading;
  expect(await rig.disputes()).toEqual(['COURTS/c1', 'COURTS/c2']);
});
