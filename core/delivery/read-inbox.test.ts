import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createInboxRig, type InboxRig } from '../../test/kit/inbox-rig.ts';
import { refreshReferralSight } from '../access/referral-sight.ts';
import { listInbox, type InboundDelivery, type InboxSearch } from './read-inbox.ts';

let rig: InboxRig;
let referral: string;
const ids: Record<string, string> = {};

const report = (accused?: string) => ({
  ...{ title: '楼上漏水', description: '漏水三个月', category: 'NEIGHBOUR', channel: 'DEPARTMENT', place: 'compound' },
  parties: [{ name: '王小明', role: 'APPLICANT' }],
  ...(accused === undefined ? {} : { petitionPurpose: 'ACCUSATION', accused: [accused] }),
});

beforeAll(async () => {
  rig = await createInboxRig();
  referral = await rig.open('station');
  const dispute = await rig.dispute();
  const accusing = await rig.open('court', dispute);
  await rig.db.query(`update dispute set accused_ids = '{centre}' where id = $1`, [dispute]);
  await rig.db.tx(async (tx) => refreshReferralSight(tx, [dispute]));
  const store = async (name: string, who: string, type: string, data: object): Promise<void> => {
    rig.clock.advance(1_000);
    ids[name] = await rig.store(who, type, data, `of-${name}`);
  };
  await store('accept', 'station', 'referral.accept', { id: referral });
  await store('foreign', 'station', 'referral.accept', { id: accusing });
  await store('report', 'station', 'dispute.open', report());
  await store('accusation', 'station', 'dispute.open', report('police'));
  await store('court', 'court', 'referral.accept', { id: accusing });
  for (const name of ['accept', 'report', 'accusation', 'court']) await rig.inbound.apply(ids[name] ?? '');
});
afterAll(() => rig.drop());

const list = (id: string, search: Partial<InboxSearch> = {}): Promise<InboundDelivery[]> =>
  listInbox(rig.db, { id }, { limit: 20, ...search });
const names = async (id: string, search: Partial<InboxSearch> = {}): Promise<string[]> =>
  (await list(id, search)).map(({ messageId }) => messageId.slice(3));

describe('What came in', () => {
  it('is shown to its sender, newest first, with what became of it', async () => {
    const [accusation, opened, foreign, accept] = await list('station');
    expect(accept).toEqual({
      ...{ id: ids['accept'], organisationId: 'station', messageId: 'of-accept', type: 'referral.accept' },
      ...{ status: 'APPLIED', reason: null, attempts: 1, nextAttemptAt: null, referralId: referral },
      at: expect.any(Date),
    });
    expect(opened).toMatchObject({ status: 'APPLIED', referralId: null });
    expect(accusation).toMatchObject({ status: 'REJECTED', reason: expect.stringMatching(/^ROUTING_FORBIDDEN: /) });
    // One that it may not see is not shown as one, although it named it.
    expect(foreign).toMatchObject({ status: 'ACCEPTED', referralId: null, nextAttemptAt: expect.any(Date) });
  });

  it('is shown to those above in the same department and to the centre, to nobody else', async () => {
    expect(await names('police')).toEqual(['report', 'accept']);
    expect(await names('centre')).toEqual(['report', 'accept']);
    expect(await names('court')).toEqual(['court']);
    for (const other of ['county', 'petitions', 'street']) expect(await names(other)).toEqual([]);
  });

  it('of an accusation is its sender’s alone: neither the accused above it nor the centre sees that it came', async () => {
    expect(await names('station')).toContain('accusation');
    for (const other of ['police', 'centre', 'county']) expect(await names(other)).not.toContain('accusation');
    // The centre is accused in that one.
    expect(await names('centre')).not.toContain('court');
  });

  it('is found by status, referral and time, and in pages', async () => {
    expect(await names('station', { status: ['ACCEPTED', 'REJECTED'] })).toEqual(['accusation', 'foreign']);
    expect(await names('police', { referralId: referral })).toEqual(['accept']);
    expect(await names('station', { referralId: 'ref_none' })).toEqual([]);
    const all = await list('station');
    expect(await names('station', { since: all[1]?.at ?? new Date() })).toEqual(['accusation', 'report']);
    const [, second] = all;
    expect(second && (await names('station', { after: second, limit: 1 }))).toEqual(['foreign']);
  });
});
