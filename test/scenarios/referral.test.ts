/** A referral from office to office: exactly one is responsible, every step is kept, nothing happens twice. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { openInstallation, until, type Installation } from '../kit/installation.ts';
import { createReferralDesk, informed, type ReferralDesk, type ShownReferral } from '../kit/referral-desk.ts';
import { AUDITOR, handlerOf, OPERATOR } from './county.ts';

let installation: Installation;
let desk: ReferralDesk;
beforeAll(async () => {
  const { dataFolder, url } = inject('installation');
  installation = await openInstallation(dataFolder, url);
  desk = createReferralDesk(installation, OPERATOR);
});
afterAll(() => installation.close());

const POLICE = handlerOf('police');
const COURT = handlerOf('court');
const PETITIONS = handlerOf('petitions');

const toPolice = async (more: object = {}): Promise<ShownReferral> =>
  desk.mustOpen(OPERATOR, {
    dispute: await desk.openDispute(),
    kind: 'ASSIGN',
    lead: await desk.idOf('police'),
    summary: '请派出所先行调解。',
    ...more,
  });

describe('The whole way', () => {
  test('opened, accepted, handled, fed back, closed, visited: each step with who is responsible', async () => {
    let referral = await toPolice();
    expect(referral).toMatchObject({
      status: 'DISPATCHED',
      version: 1,
      step: 'dispatch',
      responsible: { code: 'centre' },
    });
    expect(referral.clocks.map(({ name, light }) => [name, light])).toEqual([['acceptance', 'GREEN']]);
    expect((await desk.read(POLICE, referral.id))?.nextActs).toEqual(['ACCEPT', 'RETURN']);
    expect(await desk.read(COURT, referral.id)).toBeNull();

    referral = await desk.must(POLICE, 'acceptReferral', referral);
    expect(referral).toMatchObject({ status: 'ACCEPTED', version: 2, step: 'accept', responsible: { code: 'police' } });
    referral = await desk.must(POLICE, 'reportProgress', referral, { note: '已联系双方。' });
    expect(referral).toMatchObject({ status: 'IN_HANDLING', step: 'handle' });
    referral = await desk.must(POLICE, 'submitFeedback', referral, {
      ...{ outcome: 'AGREED_WRITTEN', text: '双方签了协议。', partiesInformed: informed() },
    });
    expect(referral).toMatchObject({ status: 'FEEDBACK_GIVEN', responsible: { code: 'police' } });
    referral = await desk.must(OPERATOR, 'closeReferral', referral);
    expect(referral).toMatchObject({ status: 'CLOSED', responsible: null });
    expect(referral.clocks.every(({ stoppedAt }) => stoppedAt !== null)).toBe(true);
    referral = await desk.must(OPERATOR, 'recordReturnVisit', referral, {
      ...{ visitedAt: '2026-01-06T09:00:00+08:00', holds: false, interviewed: 2, note: '又漏水了。' },
    });
    expect(referral).toMatchObject({ status: 'IN_HANDLING', responsible: { code: 'police' } });
    expect(referral.events.map(({ type }) => type).filter((type) => type !== 'CLOCK_STARTED')).toEqual([
      ...['OPENED', 'ACCEPTED', 'PROGRESS', 'FEEDBACK', 'CLOSED', 'VISITED', 'REOPENED'],
    ]);
    expect(referral.events.map(({ sequence }) => sequence)).toEqual(referral.events.map((_, index) => index + 1));
    expect(referral.feedback).toHaveLength(1);
  });

  test('who has a part in a referral sees its dispute, and no longer once it has given it back', async () => {
    const referral = await toPolice({ lead: await desk.idOf('court') });
    const disputes = async (who = COURT): Promise<unknown> =>
      (
        await installation.ask<{ referral: { dispute: { number: string } | null } }>(
          who,
          'query ($id: ID!) { referral(id: $id) { dispute { number } } }',
          { id: referral.id },
        )
      ).data.referral.dispute;
    expect(await disputes()).toMatchObject({ number: expect.stringMatching(/^D20/) as string });
    const asked = await desk.must(COURT, 'returnReferral', referral, { note: '不属于法院受理范围。' });
    expect(asked).toMatchObject({ status: 'RETURN_REQUESTED', responsible: { code: 'centre' } });
    const returned = await desk.must(OPERATOR, 'decideReturn', asked, { agree: true, note: '同意。' });
    expect(returned).toMatchObject({ status: 'RETURNED', responsible: { code: 'centre' } });
    expect(await disputes()).toBeNull();
  });
});

describe('Acts', () => {
  test('the same key twice is one act; with other input it is refused', async () => {
    const referral = await toPolice();
    const key = randomUUID();
    const [one, other] = await Promise.all([1, 2].map(() => desk.act(POLICE, 'acceptReferral', referral, {}, key)));
    expect([one?.data.act?.replayed, other?.data.act?.replayed].sort()).toEqual([false, true]);
    const reused = await desk.act(POLICE, 'acceptReferral', referral, { note: 'x' }, key);
    expect(reused.errors[0]?.extensions.code).toBe('IDEMPOTENCY_KEY_REUSED');
    expect((await desk.read(OPERATOR, referral.id))?.version).toBe(2);
  });

  test('of two at once at one version one wins; the other is told the current version', async () => {
    const referral = await toPolice();
    const answers = await Promise.all([
      desk.act(POLICE, 'acceptReferral', referral),
      desk.act(OPERATOR, 'withdrawReferral', referral),
    ]);
    const refused = answers.flatMap(({ errors }) => errors);
    expect(refused).toHaveLength(1);
    expect(refused[0]?.extensions).toMatchObject({ code: 'CONFLICT', currentVersion: 2 });
  });

  test('what the status does not have, and what is another’s to do, are told apart', async () => {
    const referral = await toPolice();
    const early = await desk.act(POLICE, 'closeReferral', referral);
    expect(early.errors[0]?.extensions).toMatchObject({ code: 'ILLEGAL_TRANSITION', status: 'DISPATCHED' });
    const foreign = await desk.act(OPERATOR, 'acceptReferral', referral);
    expect(foreign.errors[0]?.extensions.code).toBe('FORBIDDEN');
    const stranger = await desk.act(PETITIONS, 'acceptReferral', referral);
    expect(stranger.errors[0]?.extensions.code).toBe('NOT_FOUND');
    const auditor = await desk.act(AUDITOR, 'acceptReferral', referral);
    expect(auditor.errors[0]?.extensions.code).toBe('FORBIDDEN');
    expect((await desk.read(OPERATOR, referral.id))?.version).toBe(1);
  });

  test('a parent does not close over an open child', async () => {
    let parent = await toPolice();
    parent = await desk.must(POLICE, 'acceptReferral', parent);
    parent = await desk.must(POLICE, 'forwardReferral', parent, { to: await desk.idOf('court'), note: '请法院指导。' });
    const [child] = parent.children;
    if (!child) throw new Error('no child');
    parent = await desk.must(POLICE, 'submitFeedback', parent, {
      ...{ outcome: 'SETTLED', text: '已和解。', partiesInformed: informed() },
    });
    const refused = await desk.act(OPERATOR, 'closeReferral', parent);
    expect(refused.errors[0]?.extensions.code).toBe('ILLEGAL_TRANSITION');
    const shown = await desk.read(POLICE, child.id);
    if (!shown) throw new Error('the child is not shown');
    expect(shown).toMatchObject({ from: { code: 'police' }, lead: { code: 'court' }, parent: { id: parent.id } });
    await desk.must(POLICE, 'withdrawReferral', shown);
    expect((await desk.must(OPERATOR, 'closeReferral', parent)).status).toBe('CLOSED');
  });

  test('an accusation goes to nobody it is against, by no act, and every attempt is written down', async () => {
    const dispute = await desk.openDispute({
      petitionPurpose: 'ACCUSATION',
      accused: [await desk.idOf('police')],
      category: 'ADMINISTRATIVE',
    });
    const input = { dispute, kind: 'ASSIGN', summary: '反映民警执法问题。' };
    const refused = await desk.open(OPERATOR, { ...input, lead: await desk.idOf('police') });
    expect(refused.errors[0]?.extensions.code).toBe('ROUTING_FORBIDDEN');
    let referral = await desk.mustOpen(OPERATOR, { ...input, lead: null });
    expect(referral.lead.code).not.toMatch(/police|station/);
    expect(await desk.read(POLICE, referral.id)).toBeNull();
    const lead = handlerOf(referral.lead.code);
    referral = await desk.must(lead, 'acceptReferral', referral);
    for (const [name, more] of [
      ['forwardReferral', { to: await desk.idOf('police'), note: '请核查。' }],
      ['consultReferral', { with: [await desk.idOf('police')], heldAt: '2026-01-05T09:00:00+08:00' }],
    ] as const) {
      const answer = await desk.act(lead, name, referral, more);
      expect(answer.errors[0]?.extensions.code).toBe('ROUTING_FORBIDDEN');
    }
    const [row] = await installation.db.query<{ attempts: number }>(
      `select count(*)::int as attempts from audit_trail where kind = 'routing.refused' and subject = any($1)`,
      [[dispute, referral.id]],
    );
    expect(row?.attempts).toBe(3);
  });
});

describe('Clocks', () => {
  test('speak by themselves when the business clock comes to their time: yellow, red, reminded', async () => {
    const referral = await toPolice({ urgency: 'CRITICAL' });
    await desk.advance('3h');
    const types = await until('the clock has spoken', async () => {
      const events = (await desk.read(OPERATOR, referral.id))?.events.map(({ type }) => type) ?? [];
      return events.includes('SUPERVISED') ? events : null;
    });
    expect(types.filter((type) => type !== 'CLOCK_STARTED')).toEqual([
      ...['OPENED', 'CLOCK_YELLOW', 'CLOCK_RED', 'SUPERVISED', 'SUPERVISED'],
    ]);
    const red = await desk.read(POLICE, referral.id);
    expect(red?.clocks[0]).toMatchObject({ name: 'acceptance-critical', light: 'RED' });
    // A clock that speaks makes nobody's version stale.
    expect((await desk.must(POLICE, 'acceptReferral', referral)).status).toBe('ACCEPTED');
  });
});
