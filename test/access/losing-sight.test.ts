/** Who loses a right loses it at once: in the middle of paging, and in the middle of a referral's messages. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Caller } from '../../core/access/caller.ts';
import { refreshVisible } from '../../core/access/visible.ts';
import { actOn } from './act.ts';
import { openedBy, openOffice, referredBy, type Office } from './office.ts';

const party = { name: '周正言', role: 'APPLICANT', phone: '13500000001' };

let office: Office;
let street: Caller;
let housing: Caller;
beforeEach(async () => {
  office = await openOffice();
  street = await office.who('street', 'department.head');
  housing = await office.who('housing', 'department.head');
  for (const who of [street, housing])
    await office.must(
      who,
      `mutation { registerWebhookEndpoint(idempotencyKey: "e", input: { organisation: "${who.organisation.id}",
        url: "https://8.8.8.8/${who.organisation.code}", types: ["referral.*"] }) { endpoint { id } } }`,
    );
});
afterEach(() => office.drop());

test('whoever becomes accused in the middle of paging gets no further', async () => {
  for (const index of [1, 2, 3]) {
    office.clock.advance(1_000);
    const dispute = await openedBy(office, housing, { title: `第${index}件`, category: 'HOMESTEAD', parties: [party] });
    await referredBy(office, await office.who('housing', 'department.head'), { dispute, lead: 'org_street' });
  }
  const PAGES = [
    'query ($after: String) { list: disputes(first: 1, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }',
    'query ($after: String) { list: referrals(first: 1, after: $after, orderBy: OPENED_DESC) { nodes { id } pageInfo { hasNextPage endCursor } } }',
  ];
  interface Page {
    readonly list: { nodes: { id: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
  }
  const cursors: string[] = [];
  for (const page of PAGES) {
    const { list } = await office.must<Page>(street, page);
    expect(list.pageInfo.hasNextPage).toBe(true);
    cursors.push(list.pageInfo.endCursor);
  }
  // All of housing's matters turn out to be accusations of the street.
  await office.db.query(`update dispute set accused_ids = array['org_street'] where id in (
    select dispute_id from dispute_record l join record r on r.id = l.record_id where r.office_id = 'org_housing')`);
  await office.db.query(`update record set accused_ids = array['org_street'] where office_id = 'org_housing'`);
  const all = await office.db.query<{ id: string }>('select id from dispute');
  await office.db.tx(async (tx) =>
    refreshVisible(
      tx,
      all.map(({ id }) => id),
    ),
  );
  const hidden = await office.db.query<{ id: string }>(
    `select id from dispute where accused_ids <> '{}' union select id from referral where from_id = 'org_housing'`,
  );
  for (const [index, page] of PAGES.entries()) {
    const rest = await office.must<Page>(street, page, { after: cursors[index] });
    for (const { id } of hidden) expect(JSON.stringify(rest)).not.toContain(id);
  }
});

test('a referral’s messages end for a lead that turns out to be accused, and count on without a gap for the others', async () => {
  const dispute = await openedBy(office, housing, { category: 'HOMESTEAD', parties: [party] });
  const referral = await referredBy(office, housing, { dispute, lead: 'org_street' });
  await actOn(office, street, 'acceptReferral', referral);
  await office.dispatch();
  const SENT = 'query ($id: ID!) { webhookDeliveries(filter: { referral: $id }) { nodes { sequence } } }';
  const sent = async (who: Caller): Promise<number[]> =>
    (
      await office.must<{ webhookDeliveries: { nodes: { sequence: number }[] } }>(who, SENT, { id: referral })
    ).webhookDeliveries.nodes
      .map(({ sequence }) => sequence)
      .sort();
  const waiting = async (): Promise<number> =>
    (await office.must<{ webhookEndpoints: { waiting: number }[] }>(street, '{ webhookEndpoints { waiting } }'))
      .webhookEndpoints[0]?.waiting ?? 0;
  expect(await sent(street)).toEqual([1, 2]);
  expect(await waiting()).toBe(2);
  await office.db.query(`update dispute set accused_ids = array['org_street'] where id = $1`, [dispute]);
  await office.db.tx(async (tx) => refreshVisible(tx, [dispute]));
  const supervisor = await office.who('centre', 'centre.supervisor');
  await actOn(office, supervisor, 'superviseReferral', referral, { rung: 'REMIND', note: '请抓紧' });
  await office.dispatch();
  expect(await sent(street)).toEqual([]);
  expect(await waiting()).toBe(0);
  expect(await sent(housing)).toEqual([1, 2, 3]);
});
