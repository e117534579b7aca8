/** Messages that cannot be applied: kept with their reason, and answered. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createInboxRig, type InboxRig } from '../../test/kit/inbox-rig.ts';
import { MESSAGE_DATA } from './message-type-data.ts';

let rig: InboxRig;
beforeEach(async () => {
  rig = await createInboxRig();
});
afterEach(() => rig.drop());

const stateOf = (id: string): Promise<{ status: string; version: number }> =>
  rig.db.one('select status, version from referral where id = $1', [id]);
const rejected = () => rig.told('referral.rejected_input');
const report = (more: object = {}) => ({
  ...{
    title: '楼上漏水',
    description: '漏水三个月',
    category: 'NEIGHBOUR',
    channel: 'HOTLINE_12345',
    place: 'compound',
  },
  ...{ parties: [{ name: '王小明', role: 'APPLICANT', phone: '13800000001' }], ...more },
});

describe('rejected, with its reason kept and told', () => {
  const reject = async (who: string, type: string, data: object, id = 'bad-1') => {
    const stored = await rig.store(who, type, data, id);
    const { outcome, told } = await rig.inbound.apply(stored);
    expect(outcome).toBe('REJECTED');
    const { status, reason } = await rig.row(stored);
    expect(status).toBe('REJECTED');
    // Whom it names is forgotten: nothing has come of it.
    expect(await rig.db.one('select body_cipher as body from inbox where id = $1', [stored])).toEqual({ body: null });
    const [answer, ...more] = await rejected();
    expect(more).toEqual([]);
    expect(answer).toMatchObject({ audience: [who], lane: told });
    // As it is sent: with the address, and nothing that the published schema does not have.
    const sent = { ...answer?.body, url: 'https://gateway.example.cn/graphql' };
    expect(MESSAGE_DATA['referral.rejected_input'].safeParse(sent).error).toBe(undefined);
    return { stored, reason, ...answer };
  };
  const NOT_NAMED = { referral: null, dispute: null, number: null, version: null };

  it('is what the referral’s state does not allow', async () => {
    const referral = await rig.open('police');
    const told = await reject('police', 'referral.feedback', {
      ...{ id: referral, outcome: 'SETTLED', text: '已和解。', partiesInformed: [] },
    });
    expect(told.reason).toMatch(/^ILLEGAL_TRANSITION: /);
    expect(told).toMatchObject({ lane: referral, referral });
    expect(told.body).toMatchObject({
      message: 'bad-1',
      type: 'referral.feedback',
      code: 'ILLEGAL_TRANSITION',
      referral,
      version: 1,
    });
    expect(await stateOf(referral)).toMatchObject({ version: 1 });
  });

  it('is what was meant for another version', async () => {
    const referral = await rig.open('police');
    const { reason } = await reject('police', 'referral.accept', { id: referral, expectedVersion: 7 });
    expect(reason).toMatch(/^CONFLICT: /);
  });

  it('is what another side has to do', async () => {
    const referral = await rig.open('police');
    await rig.inbound.apply(await rig.store('police', 'referral.return', { id: referral, note: '不归公安管。' }));
    const asked = { id: referral, expectedVersion: 2, agree: true, note: '同意。' };
    expect((await reject('police', 'referral.decide_return', asked)).reason).toMatch(/^FORBIDDEN: /);
  });

  it.each([
    ['an unknown referral', 'ref_none'],
    ['what can be no referral’s id', 'ref 枫'],
  ])('is %s, which is not named again', async (_, id) => {
    const told = await reject('police', 'referral.accept', { id });
    expect(told.reason).toBe('NOT_FOUND: data.id: There is no such referral.');
    expect(told).toMatchObject({ lane: told.stored, referral: null, body: NOT_NAMED });
  });

  it('is another organisation’s referral, in the same words as one that is not there', async () => {
    const told = await reject('police', 'referral.accept', { id: await rig.open('court') });
    expect(told.reason).toBe('NOT_FOUND: data.id: There is no such referral.');
    expect(told).toMatchObject({ lane: told.stored, referral: null, body: NOT_NAMED });
  });

  it('is a referral of an accusation against the sender, as if there were none', async () => {
    const referral = await rig.open('court', await rig.dispute(['police']));
    expect(await reject('police', 'referral.progress', { id: referral, note: '我来办。' })).toMatchObject({
      ...{ reason: 'NOT_FOUND: data.id: There is no such referral.', referral: null, body: NOT_NAMED },
    });
  });

  const accusing = report({ petitionPurpose: 'ACCUSATION', accused: ['police'] });
  const attempts = () =>
    rig.db.query(
      `select actor_subject as actor, organisation_id as organisation, subject, body from audit_trail where kind = 'routing.refused'`,
      [],
    );

  it('is an accusation against the sender itself, and the attempt is written down', async () => {
    const { reason, stored } = await reject('police', 'dispute.open', accusing);
    expect(reason).toMatch(/^ROUTING_FORBIDDEN: /);
    const body = { operation: 'dispute.open', message: stored };
    expect(await attempts()).toEqual([{ actor: 'webhook:police', organisation: 'police', subject: 'police', body }]);
    expect(await rig.db.query('select from dispute', [])).toEqual([]);
  });

  it('is an accusation against those above the sender, of which they hear nothing although they hear for it', async () => {
    const stored = await rig.store('station', 'dispute.open', accusing);
    expect(await rig.inbound.apply(stored)).toMatchObject({ outcome: 'REJECTED' });
    expect((await rig.row(stored)).reason).toMatch(/^ROUTING_FORBIDDEN: /);
    const body = { operation: 'dispute.open', message: stored };
    expect(await attempts()).toEqual([{ actor: 'webhook:station', organisation: 'station', subject: 'station', body }]);
    expect(await rejected()).toEqual([]);
  });

  it.each([
    ['place', { place: 'nowhere' }, 'data.place'],
    ['closed place', { place: 'closed' }, 'data.place'],
    [
      'party',
      { parties: [{ name: '枫林物业', role: 'RESPONDENT', organisation: 'nowhere' }] },
      'data.parties.0.organisation',
    ],
    ['accused', { petitionPurpose: 'ACCUSATION', accused: ['court', 'nowhere'] }, 'data.accused.1'],
  ])('is a report with an unknown %s, naming the path', async (_, more, path) => {
    const { reason } = await reject('police', 'dispute.open', report(more));
    expect(reason).toBe(`BAD_USER_INPUT: ${path}: There is no such organisation.`);
  });

  it('is a record of a department that is not the sender’s', async () => {
    const change = { key: 'k', kind: 'CASE', changedAt: '2026-09-01T00:00:00Z' };
    expect((await reject('police', 'record.changed', change)).reason).toMatch(/^FORBIDDEN: /);
  });

  it('is what comes of an organisation that has been closed meanwhile', async () => {
    const stored = await rig.store('court', 'referral.accept', { id: 'ref_1' });
    await rig.db.query(`update organisation set closed_at = now() where id = 'court'`);
    await rig.inbound.apply(stored);
    expect((await rig.row(stored)).reason).toBe('FORBIDDEN: Your organisation is closed.');
  });

  it('does not hold up what comes after it', async () => {
    const referral = await rig.open('police');
    const first = await rig.store('police', 'referral.accept', { id: referral, expectedVersion: 9 });
    const second = await rig.store('police', 'referral.accept', { id: referral });
    expect(await rig.inbound.apply(first)).toMatchObject({ outcome: 'REJECTED', next: second });
    expect(await rig.inbound.apply(second)).toMatchObject({ outcome: 'APPLIED' });
  });
});
