/** Domain rule 8: what is said in counselling stays with the counsellor. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Caller } from '../../core/access/caller.ts';
import { memoryAnchor, testSequencer } from '../kit/log-rig.ts';
import { actOn } from './act.ts';
import { openedBy, openOffice, referredBy, type Office } from './office.ts';

let office: Office;
beforeEach(async () => {
  office = await openOffice();
});
afterEach(() => office.drop());

const SHOWN = `query ($id: ID!) { referral(id: $id) { status summary feedback { text } ratings { comment }
  returnVisits { note } events { type note } } }`;
interface Shown {
  readonly referral: {
    readonly status: string;
    readonly feedback: readonly unknown[];
    readonly events: readonly { readonly type: string; readonly note: string | null }[];
  };
}

test('Notes and results are for the counsellor; others have that it was asked for, and their own words', async () => {
  const centre = await office.who('centre', 'centre.operator');
  const dispute = await openedBy(office, centre, { category: 'FAMILY' });
  const id = await referredBy(office, centre, {
    dispute,
    kind: 'COUNSELLING',
    lead: 'org_counselling',
    assisting: ['org_housing'],
  });
  const counsellor = await office.who('counselling');
  await actOn(office, counsellor, 'acceptReferral', id);
  await actOn(office, counsellor, 'reportProgress', id, { note: '来访者说起童年' });
  await actOn(office, counsellor, 'submitFeedback', id, {
    ...{ outcome: 'SUPPORTED', text: '来访者情绪稳定' },
    partiesInformed: [{ party: '来访者', how: '面谈', at: '2026-03-09T00:00:00Z' }],
  });
  await actOn(office, centre, 'superviseReferral', id, { rung: 'REMIND', note: '请及时反馈' });

  const own = await office.must<Shown>(counsellor, SHOWN, { id });
  expect(JSON.stringify(own)).toContain('童年');
  expect(JSON.stringify(own)).toContain('情绪稳定');
  for (const who of [centre, await office.who('housing'), await office.who('centre', 'auditor')]) {
    const { referral } = await office.must<Shown>(who, SHOWN, { id });
    expect(referral.status).toBe('FEEDBACK_GIVEN');
    expect(referral.feedback).toEqual([]);
    expect(JSON.stringify(referral)).not.toContain('来访者');
  }
  expect(JSON.stringify(await office.must(centre, SHOWN, { id }))).toContain('请及时反馈');
});

test('The proof of its chain opens no more of it than is shown', async () => {
  const centre = await office.who('centre', 'centre.operator');
  const dispute = await openedBy(office, centre, { category: 'FAMILY' });
  const id = await referredBy(office, centre, { dispute, kind: 'COUNSELLING', lead: 'org_counselling' });
  const counsellor = await office.who('counselling');
  await actOn(office, counsellor, 'acceptReferral', id);
  await actOn(office, counsellor, 'reportProgress', id, { note: '来访者说起童年' });
  await actOn(office, centre, 'superviseReferral', id, { rung: 'REMIND', note: '请及时反馈' });
  const sequencer = testSequencer(office.db, memoryAnchor());
  const PROOF = 'query ($id: ID!) { referralChain(id: $id) { proof { file } } }';
  const proofFor = async (who: Caller): Promise<string> => {
    let isAnswered = false;
    const answer = office.must<{ referralChain: { proof: { file: string } } }>(who, PROOF, { id }).finally(() => {
      isAnswered = true;
    });
    while (!isAnswered) await sequencer.run();
    return (await answer).referralChain.proof.file;
  };
  expect(await proofFor(counsellor)).toContain('童年');
  const forCentre = await proofFor(centre);
  expect(forCentre).not.toContain('童年');
  expect(forCentre).toContain('请及时反馈');
  expect(await proofFor(await office.who('centre', 'auditor'))).not.toContain('童年');
});

test('What is told of it by webhook has no word of it', async () => {
  const centre = await office.who('centre', 'centre.operator');
  await office.must(
    await office.who('centre', 'centre.supervisor'),
    `mutation { registerWebhookEndpoint(idempotencyKey: "e", input: { organisation: "org_centre",
      url: "https://8.8.8.8/", types: ["referral.*"] }) { endpoint { id } } }`,
  );
  const dispute = await openedBy(office, centre, { category: 'FAMILY' });
  const id = await referredBy(office, centre, { dispute, kind: 'COUNSELLING', lead: 'org_counselling' });
  const counsellor = await office.who('counselling');
  await actOn(office, counsellor, 'acceptReferral', id);
  await actOn(office, counsellor, 'reportProgress', id, { note: '来访者说起童年' });
  await office.dispatch();
  const bodies = await office.db.query<{ body: Buffer }>('select body from delivery');
  expect(bodies.length).toBeGreaterThan(1);
  for (const { body } of bodies) expect(body.toString()).not.toContain('来访者');
});
