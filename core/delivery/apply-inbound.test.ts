/** Messages that came in, applied on a real database with the real engine. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createInboxRig, type InboxRig } from '../../test/kit/inbox-rig.ts';
import { caller } from '../../test/kit/referral.ts';
import { AppError } from '../platform/errors.ts';
import { claimMessages } from './inbox-row.ts';

let rig: InboxRig;
beforeEach(async () => {
  rig = await createInboxRig();
});
afterEach(() => rig.drop());

const SECOND = 1_000;
const DAY = 86_400_000;
const stateOf = (id: string): Promise<{ status: string; version: number }> =>
  rig.db.one('select status, version from referral where id = $1', [id]);
const rejected = () => rig.told('referral.rejected_input');
const dueIds = async (): Promise<string[]> => (await rig.inbound.due()).map(({ id }) => id);
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

describe('a message', () => {
  it('is applied as its organisation’s system, once, with all that follows, and its words are then gone from the inbox', async () => {
    const referral = await rig.open('police');
    const id = await rig.store('police', 'referral.accept', { id: referral, note: '已接收。', expectedVersion: 1 });
    expect(await rig.inbound.apply(id)).toEqual({ outcome: 'APPLIED', told: referral, next: null });
    expect(await rig.inbound.apply(id)).toEqual({ outcome: 'NOT_NOW', told: null, next: null });
    expect(await stateOf(referral)).toEqual({ status: 'ACCEPTED', version: 2 });
    expect(await rig.row(id)).toEqual({ status: 'APPLIED', reason: null, attempts: 1, bodyCipher: null });
    const actor = await rig.db.one(
      `select actor_subject, actor_role, actor_organisation_id from referral_event where referral_id = $1 and type = 'ACCEPTED'`,
      [referral],
    );
    expect(actor).toEqual({
      ...{ actor_subject: 'webhook:police', actor_role: 'department.system', actor_organisation_id: 'police' },
    });
    expect(await rejected()).toEqual([]);
  });

  it('of every type that acts on a referral does so', async () => {
    const clocks = async (id: string): Promise<string> =>
      (await rig.db.one<{ id: string }>(`select state->'clocks'->-1->>'id' as id from referral where id = $1`, [id]))
        .id;
    const apply = async (who: string, type: string, data: object): Promise<string | null> => {
      const id = await rig.store(who, type, data);
      await rig.inbound.apply(id);
      return (await rig.row(id)).reason;
    };
    const close = async (id: string): Promise<null> => {
      await rig.db.tx((tx) => rig.engine.act(tx, caller('centre'), { id, expectedVersion: null }, { type: 'CLOSE' }));
      return null;
    };
    const a = await rig.open('police');
    const note = '已联系双方。';
    const sha256 = 'AB'.repeat(32);
    const at = new Date(rig.clock.wall().getTime() - DAY).toISOString();
    const reasons = [
      await apply('police', 'referral.accept', { id: a }),
      await apply('police', 'referral.start', { id: a, note: null }),
      await apply('police', 'referral.progress', { id: a, note, attachments: [{ name: 'a', mediaType: 'b', sha256 }] }),
      await apply('police', 'referral.request_extension', {
        ...{ id: a, clock: await clocks(a), until: '2026-09-25T18:00:00+08:00', reason: '案情复杂。' },
      }),
      await apply('police', 'referral.feedback', {
        ...{ id: a, outcome: 'SETTLED', text: '已和解。', partiesInformed: [{ party: '申请人', how: '电话', at }] },
      }),
      await close(a),
      await apply('centre', 'referral.visit', { id: a, visitedAt: at, holds: true, interviewed: 1 }),
    ];
    // What the engine thinks of each is its own affair; that each reached it is this one’s.
    expect(reasons).toEqual(Array(7).fill(null));
    const b = await rig.open('court');
    expect(await apply('court', 'referral.return', { id: b, note: '不归法院管。' })).toBe(null);
    const { version } = await stateOf(b);
    expect(
      await apply('centre', 'referral.decide_return', { id: b, expectedVersion: version, agree: true, note }),
    ).toBe(null);
    expect(await stateOf(b)).toMatchObject({ status: 'RETURNED' });
  });

  it('of a referral goes in its turn: what came later waits, and is said when the first is settled', async () => {
    const [one, other] = [await rig.open('police'), await rig.open('police')];
    const first = await rig.store('police', 'referral.accept', { id: one });
    const second = await rig.store('police', 'referral.progress', { id: one, note: '上门。' });
    const beside = await rig.store('police', 'referral.accept', { id: other });
    expect(await dueIds()).toEqual([first, beside]);
    expect(await rig.inbound.apply(second)).toMatchObject({ outcome: 'NOT_NOW' });
    expect(await rig.inbound.apply(beside)).toMatchObject({ outcome: 'APPLIED' });
    expect(await rig.inbound.apply(first)).toMatchObject({ outcome: 'APPLIED', next: second });
    expect(await rig.inbound.apply(second)).toMatchObject({ outcome: 'APPLIED', next: null });
    expect(await stateOf(one)).toEqual({ status: 'IN_HANDLING', version: 3 });
  });

  it('said eight times at the same moment is applied once', async () => {
    const referral = await rig.open('police');
    const id = await rig.store('police', 'referral.accept', { id: referral });
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => rig.inbound.apply(id)));
    expect(outcomes.filter(({ outcome }) => outcome === 'APPLIED')).toHaveLength(1);
    expect(await stateOf(referral)).toEqual({ status: 'ACCEPTED', version: 2 });
  });
});

describe('a report', () => {
  it('opens a dispute with codes for organisations, as at the desk', async () => {
    const id = await rig.store(
      'police',
      'dispute.open',
      report({ urgency: null, occurredAt: '2026-08-30T10:00:00+08:00' }),
    );
    expect(await rig.inbound.apply(id)).toMatchObject({ outcome: 'APPLIED', told: expect.stringMatching(/^dsp_/) });
    expect(await rig.db.query('select category, channels, place_id, urgency from dispute', [])).toEqual([
      { category: 'NEIGHBOUR', channels: ['HOTLINE_12345'], place_id: 'compound', urgency: 'ROUTINE' },
    ]);
    expect(await rig.db.query(`select actor_subject from audit_trail where kind = 'dispute.opened'`, [])).toEqual([
      { actor_subject: 'webhook:police' },
    ]);
  });

  it('of what is there already is rejected with the dispute, if the sender may see it; who was looked up is written down', async () => {
    await rig.inbound.apply(await rig.store('centre', 'dispute.open', report()));
    const again = await rig.store('centre', 'dispute.open', report({ title: '又漏水' }));
    expect(await rig.inbound.apply(again)).toMatchObject({ outcome: 'REJECTED' });
    const { id: dispute } = await rig.db.one<{ id: string }>('select id from dispute', []);
    expect(await rejected()).toMatchObject([{ body: { code: 'CONFLICT', dispute, referral: null } }]);
    expect(await rig.db.query('select request_id, purpose, link from disclosure', [])).toEqual([
      { request_id: again, purpose: 'mediation', link: 'DISPUTE' },
    ]);
    const allowed = await rig.store('centre', 'dispute.open', report({ allowDuplicate: true }));
    expect(await rig.inbound.apply(allowed)).toMatchObject({ outcome: 'APPLIED' });
  });
});

describe('a changed record', () => {
  const change = { key: 'k', kind: 'CASE', changedAt: '2026-09-01T00:00:00Z' };
  const feed = (attempts = 0, leasedUntil: Date | null = null) =>
    rig.db.query(
      `insert into source_feed (source, due_at, attempts, leased_until) values ('COURTS', '2027-01-01', $1, $2)`,
      [attempts, leasedUntil],
    );
  const dueAt = async (): Promise<Date> =>
    (await rig.db.one<{ due_at: Date }>('select due_at from source_feed', [])).due_at;

  it('makes the department’s feed due now', async () => {
    await feed();
    await rig.inbound.apply(await rig.store('court', 'record.changed', change));
    expect(await dueAt()).toEqual(rig.clock.wall());
  });

  it('leaves one that does not answer its rest', async () => {
    await feed(3);
    expect(await rig.inbound.apply(await rig.store('court', 'record.changed', change))).toMatchObject({
      outcome: 'APPLIED',
    });
    expect(await dueAt()).toEqual(new Date('2027-01-01T00:00:00Z'));
  });

  it('waits while the department is being read in', async () => {
    await feed(0, new Date('2026-12-31'));
    const id = await rig.store('court', 'record.changed', change);
    await expect(rig.inbound.apply(id)).rejects.toMatchObject({ code: 'CONFLICT', retryable: true });
    await rig.db.query('update source_feed set leased_until = null');
    rig.clock.advance(2 * SECOND);
    expect(await rig.inbound.apply(id)).toMatchObject({ outcome: 'APPLIED' });
  });
});

describe('a fault that is not the sender’s', () => {
  const down = new AppError('INTERNAL', 'The database does not answer.', { retryable: true });
  const failing = () => rig.applier({ engine: { act: () => Promise.reject(down) } });

  it('leaves the message accepted, put off longer each time, and what is behind it waiting', async () => {
    const referral = await rig.open('police');
    const id = await rig.store('police', 'referral.accept', { id: referral });
    const behind = await rig.store('police', 'referral.progress', { id: referral, note: '上门。' });
    await expect(failing().apply(id)).rejects.toBe(down);
    expect(await rig.row(id)).toMatchObject({ status: 'ACCEPTED', attempts: 1 });
    expect(await dueIds()).toEqual([]);
    expect(await rig.inbound.apply(behind)).toMatchObject({ outcome: 'NOT_NOW' });
    rig.clock.advance(2 * SECOND);
    await expect(failing().apply(id)).rejects.toBe(down);
    rig.clock.advance(2 * SECOND);
    expect(await dueIds()).toEqual([]);
    rig.clock.advance(2 * SECOND);
    expect(await rig.inbound.due()).toEqual([{ id, attempts: 2 }]);
    expect(await rig.inbound.apply(id)).toMatchObject({ outcome: 'APPLIED', next: behind });
    expect(await rejected()).toEqual([]);
  });

  it('is given up after three days, so that it does not hold up its lane for ever', async () => {
    const id = await rig.store('police', 'referral.accept', { id: 'ref_1' });
    rig.clock.advance(3 * DAY + SECOND);
    expect(await failing().apply(id)).toMatchObject({ outcome: 'REJECTED' });
    expect(await rejected()).toMatchObject([{ body: { code: 'INTERNAL' } }]);
  });
});

describe('a restart half-way', () => {
  it('claimed and not applied: found when the lease has run out, and applied once', async () => {
    const referral = await rig.open('police');
    const id = await rig.store('police', 'referral.accept', { id: referral });
    // What a process does first; then it is killed.
    expect(await claimMessages(rig.db, [id], rig.clock.wall(), 60 * SECOND)).toMatchObject([{ id, attempts: 1 }]);
    expect(await dueIds()).toEqual([]);
    expect(await rig.inbound.apply(id)).toMatchObject({ outcome: 'NOT_NOW' });
    rig.clock.advance(60 * SECOND);
    expect(await rig.inbound.due()).toEqual([{ id, attempts: 1 }]);
    expect(await rig.inbound.apply(id)).toMatchObject({ outcome: 'APPLIED' });
    expect(await stateOf(referral)).toEqual({ status: 'ACCEPTED', version: 2 });
  });

  it('who comes back after the lease has run out stores nothing over the one who carried on', async () => {
    const referral = await rig.open('police');
    const id = await rig.store('police', 'referral.accept', { id: referral });
    const slow = rig.applier({
      db: {
        ...rig.db,
        // Between the claim and the act: the lease runs out and another carries on.
        tx: async (fn, options) => {
          rig.clock.advance(61 * SECOND);
          expect(await rig.inbound.apply(id)).toMatchObject({ outcome: 'APPLIED' });
          return rig.db.tx(fn, options);
        },
      },
    });
    expect(await slow.apply(id)).toEqual({ outcome: 'NOT_NOW', told: null, next: null });
    expect(await stateOf(referral)).toEqual({ status: 'ACCEPTED', version: 2 });
  });
});
