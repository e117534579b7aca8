/** Domain rule 11: over the person's objection nobody closes, whoever they are and whichever way they come. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Caller } from '../../core/access/caller.ts';
import { actOn, tryAct } from './act.ts';
import { openedBy, openOffice, referredBy, type Office } from './office.ts';

let office: Office;
let centre: Caller;
let supervisor: Caller;
let housing: Caller;
let id: string;
beforeEach(async () => {
  office = await openOffice();
  centre = await office.who('centre', 'centre.operator');
  supervisor = await office.who('centre', 'centre.supervisor');
  housing = await office.who('housing', 'department.head');
  const dispute = await openedBy(office, centre, { category: 'NEIGHBOUR' });
  id = await referredBy(office, centre, { dispute, lead: 'org_housing' });
  await actOn(office, housing, 'acceptReferral', id);
  await actOn(office, housing, 'submitFeedback', id, {
    ...{ outcome: 'SETTLED', text: '已修好' },
    partiesInformed: ['王小明', '楼上'].map((party) => ({ party, how: '电话', at: '2026-03-09T00:00:00Z' })),
  });
  await actOn(office, centre, 'rateReferral', id, { by: 'PERSON', score: 1, comment: '还在漏', objects: true });
});
afterEach(() => office.drop());

interface State {
  readonly status: string;
  readonly version: number;
}
const stateFor = async (who: Caller): Promise<State> =>
  (
    await office.must<{ referral: State }>(who, 'query ($id: ID!) { referral(id: $id) { status version } }', {
      id,
    })
  ).referral;

test('neither sender nor supervisor nor lead closes it, and nothing changes when they try', async () => {
  const before = await stateFor(centre);
  for (const who of [centre, supervisor, housing]) {
    const { errors } = await tryAct(office, who, 'closeReferral', id);
    expect(errors).toMatchObject([{ code: who === housing ? 'FORBIDDEN' : 'ILLEGAL_TRANSITION' }]);
    // What the person said is theirs: a refusal does not repeat it.
    expect(JSON.stringify(errors)).not.toContain('还在漏');
  }
  expect(await stateFor(centre)).toEqual(before);
});

test('who is rated cannot take the objection back in the person’s name', async () => {
  const { errors } = await tryAct(office, housing, 'rateReferral', id, { by: 'PERSON', score: 5, objects: false });
  expect(errors).toHaveLength(1);
  expect((await tryAct(office, centre, 'closeReferral', id)).errors).toHaveLength(1);
});

test('nobody else objects in the person’s place', async () => {
  const { errors } = await tryAct(office, housing, 'rateReferral', id, { by: 'RESPONDER', score: 1, objects: true });
  expect(errors).toHaveLength(1);
});

test('once the person no longer objects, it closes', async () => {
  await actOn(office, centre, 'rateReferral', id, { by: 'PERSON', score: 4, objects: false });
  await actOn(office, centre, 'closeReferral', id);
  expect((await stateFor(centre)).status).toBe('CLOSED');
});
