/** Domain rule 8: what is said in counselling stays with the counsellor, and what is offered in mediation with the mediator. */
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

/** The file of its proof, as `who` is given it. */
async function proofFor(who: Caller, id: string): Promise<string> {
  const sequencer = testSequencer(office.db, memoryAnchor());
  const PROOF = 'query ($id: ID!) { referralChain(id: $id) { proof { file } } }';
  let isAnswered = false;
  const answer = office.must<{ referralChain: { proof: { file: string } } }>(who, PROOF, { id }).finally(() => {
    isAnswered = true;
  });
  while (!isAnswered) await sequencer.run();
  return (await answer).referralChain.proof.file;
}

/** Asked for by the centre, given, and told of. */
async function given(feedback: object = {}): Promise<string> {
  const centre = await office.who('centre', 'centre.operator');
  const dispute = await openedBy(office, centre, { category: 'FAMILY' });
  const id = await referredBy(office, centre, { dispute, kind: 'COUNSELLING', lead: 'org_counselling' });
  const counsellor = await office.who('counselling');
  await actOn(office, counsellor, 'acceptReferral', id);
  await actOn(office, counsellor, 'reportProgress', id, { note: '来访者说起童年' });
  await actOn(office, counsellor, 'submitFeedback', id, {
    ...{ outcome: 'SUPPORTED', text: '来访者情绪稳定', ...feedback },
    partiesInformed: [{ party: '来访者', how: '面谈', at: '2026-03-09T00:00:00Z' }],
  });
  return id;
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

test('Whoever asked for it reads no more of it by taking part in it', async () => {
  const centre = await office.who('centre', 'centre.operator');
  const dispute = await openedBy(office, centre, { category: 'FAMILY' });
  const asked = { dispute, kind: 'COUNSELLING', lead: 'org_counselling', undertaking: ['org_centre'] };
  const id = await referredBy(office, centre, asked);
  const counsellor = await office.who('counselling');
  await actOn(office, counsellor, 'acceptReferral', id);
  await actOn(office, counsellor, 'reportProgress', id, { note: '来访者说起童年' });
  expect(JSON.stringify(await office.must(counsellor, SHOWN, { id }))).toContain('童年');
  expect(JSON.stringify(await office.must(centre, SHOWN, { id }))).not.toContain('童年');
});

test('What the counsellor writes when handing on is not told as the summary of what is handed on', async () => {
  const centre = await office.who('centre', 'centre.operator');
  const dispute = await openedBy(office, centre, { category: 'FAMILY' });
  const id = await referredBy(office, centre, { dispute, kind: 'COUNSELLING', lead: 'org_counselling' });
  const counsellor = await office.who('counselling');
  await actOn(office, counsellor, 'acceptReferral', id);
  await actOn(office, counsellor, 'forwardReferral', id, {
    ...{ to: 'org_womens-federation', assisting: ['org_housing'], note: '来访者说起童年' },
  });
  const CHILDREN = 'query ($id: ID!) { referral(id: $id) { summary events { note } children { summary } } }';
  expect(JSON.stringify(await office.must(centre, CHILDREN, { id }))).not.toContain('童年');
  const LIST = '{ referrals { nodes { summary } } }';
  const housing = await office.who('housing');
  expect(await office.must(housing, LIST)).toEqual({ referrals: { nodes: [{ summary: '' }] } });
  const federation = await office.who('womens-federation');
  expect(JSON.stringify(await office.must(federation, LIST))).toContain('童年');
});

test('The counsellor reads what a supervisor presses for, who is not the one that asked for it', async () => {
  const court = await office.who('court');
  const dispute = await openedBy(office, court, { category: 'FAMILY' });
  const id = await referredBy(office, court, { dispute, kind: 'COUNSELLING', lead: 'org_counselling' });
  const counsellor = await office.who('counselling');
  await actOn(office, counsellor, 'acceptReferral', id);
  const centre = await office.who('centre', 'centre.operator');
  await actOn(office, centre, 'superviseReferral', id, { rung: 'REMIND', note: '请于周五前反馈' });
  expect(JSON.stringify(await office.must(counsellor, SHOWN, { id }))).toContain('周五');
});

test('The proof of its chain opens no more of it than is shown', async () => {
  const id = await given();
  const centre = await office.who('centre', 'centre.operator');
  await actOn(office, centre, 'superviseReferral', id, { rung: 'REMIND', note: '请及时反馈' });
  const forCounsellor = await proofFor(await office.who('counselling'), id);
  expect(forCounsellor).toContain('童年');
  expect(forCounsellor).toContain('SUPPORTED');
  const forCentre = await proofFor(centre, id);
  expect(forCentre).not.toMatch(/童年|SUPPORTED/);
  expect(forCentre).toContain('请及时反馈');
  expect(await proofFor(await office.who('centre', 'auditor'), id)).not.toMatch(/童年|SUPPORTED/);
});

test('An auditor does not find in the log what came of it', async () => {
  const id = await given();
  await testSequencer(office.db, memoryAnchor()).run();
  const FOUND = 'query ($id: ID!) { auditEntries(filter: { referral: $id }) { nodes { kind body } } }';
  const found = await office.must<{ auditEntries: { nodes: { kind: string; body: string }[] } }>(
    await office.who('centre', 'auditor'),
    FOUND,
    { id },
  );
  expect(found.auditEntries.nodes.map(({ kind }) => kind)).toContain('referral.feedback');
  expect(JSON.stringify(found)).not.toContain('SUPPORTED');
});

test('Whoever is given it afterwards does not get what was said before', async () => {
  const centre = await office.who('centre', 'centre.operator');
  const dispute = await openedBy(office, centre, { category: 'FAMILY' });
  const id = await referredBy(office, centre, { dispute, kind: 'COUNSELLING', lead: 'org_counselling' });
  await actOn(office, await office.who('counselling'), 'returnReferral', id, { note: '来访者说起童年，不宜继续' });
  await actOn(office, centre, 'decideReturn', id, { agree: true, note: '同意' });
  await actOn(office, centre, 'redirectReferral', id, { to: 'org_womens-federation', reason: '请接手' });
  const next = await office.who('womens-federation');
  await actOn(office, next, 'acceptReferral', id);
  const shown = JSON.stringify(await office.must(next, SHOWN, { id }));
  expect(shown).toContain('请接手');
  expect(shown).not.toContain('来访者');
  expect(await proofFor(next, id)).not.toContain('来访者');
});

test('That help was given is told to the others, and no word of it, where the person agrees', async () => {
  const RESULT = 'query ($id: ID!) { referral(id: $id) { feedback { outcome text partiesInformed { how } } } }';
  const centre = await office.who('centre', 'centre.operator');
  const untold = await given();
  expect(await office.must(centre, RESULT, { id: untold })).toEqual({ referral: { feedback: [] } });
  const told = await given({ helpMayBeTold: true });
  expect(await office.must(centre, RESULT, { id: told })).toEqual({
    referral: { feedback: [{ outcome: 'SUPPORTED', text: '', partiesInformed: [] }] },
  });
});

test('What is told of it by webhook has no word of it, and what came of it only where the person agrees', async () => {
  await office.must(
    await office.who('centre', 'centre.supervisor'),
    `mutation { registerWebhookEndpoint(idempotencyKey: "e", input: { organisation: "org_centre",
      url: "https://8.8.8.8/", types: ["referral.*"] }) { endpoint { id } } }`,
  );
  const outcomes = async (): Promise<unknown[]> => {
    await office.dispatch();
    const rows = await office.db.query<{ type: string; body: Buffer }>(
      'select type, body from delivery order by position',
    );
    for (const { body } of rows) expect(body.toString()).not.toContain('来访者');
    const results = rows.filter(({ type }) => type === 'referral.feedback');
    return results.map(({ body }) => (JSON.parse(body.toString()) as { data: { outcome?: string } }).data.outcome);
  };
  await given();
  expect(await outcomes()).toEqual([undefined]);
  await given({ helpMayBeTold: true });
  expect(await outcomes()).toEqual([undefined, 'SUPPORTED']);
});

test('What is noted while a delegated mediation goes on is for the mediator; the court has its result', async () => {
  const court = await office.who('court');
  const dispute = await openedBy(office, court, { category: 'NEIGHBOUR' });
  const id = await referredBy(office, court, { dispute, kind: 'DELEGATE_MEDIATION', lead: 'org_housing' });
  const mediator = await office.who('housing');
  await actOn(office, mediator, 'acceptReferral', id);
  await actOn(office, mediator, 'reportProgress', id, { note: '楼上愿赔五千' });
  await actOn(office, mediator, 'submitFeedback', id, {
    ...{ outcome: 'FAILED', text: '双方未达成协议', partiesInformed: [] },
  });
  expect(JSON.stringify(await office.must(mediator, SHOWN, { id }))).toContain('五千');
  const shown = JSON.stringify(await office.must(court, SHOWN, { id }));
  expect(shown).toContain('双方未达成协议');
  expect(shown).not.toContain('五千');
  expect(await proofFor(court, id)).not.toContain('五千');
});

test('What is noted when a delegated mediation begins, and in its consultation, is for the mediator too', async () => {
  const court = await office.who('court');
  const dispute = await openedBy(office, court, { category: 'NEIGHBOUR' });
  const id = await referredBy(office, court, { dispute, kind: 'DELEGATE_MEDIATION', lead: 'org_housing' });
  const mediator = await office.who('housing');
  await actOn(office, mediator, 'acceptReferral', id);
  await actOn(office, mediator, 'startHandling', id, { note: '楼上愿赔五千' });
  await actOn(office, mediator, 'consultReferral', id, {
    ...{ with: ['org_place'], heldAt: '2026-03-09T00:00:00Z', conclusion: '楼下最低接受六千' },
  });
  expect(JSON.stringify(await office.must(mediator, SHOWN, { id }))).toMatch(/五千.*六千/);
  expect(JSON.stringify(await office.must(court, SHOWN, { id }))).not.toMatch(/五千|六千/);
});

test('A court that takes part in the mediation it delegated reads no more of what is offered in it', async () => {
  const court = await office.who('court');
  const dispute = await openedBy(office, court, { category: 'NEIGHBOUR' });
  const id = await referredBy(office, court, {
    ...{ dispute, kind: 'DELEGATE_MEDIATION', lead: 'org_housing', undertaking: ['org_court'] },
  });
  const mediator = await office.who('housing');
  await actOn(office, mediator, 'acceptReferral', id);
  await actOn(office, mediator, 'reportProgress', id, { note: '楼上愿赔五千' });
  expect(JSON.stringify(await office.must(mediator, SHOWN, { id }))).toContain('五千');
  expect(JSON.stringify(await office.must(court, SHOWN, { id }))).not.toContain('五千');
});
