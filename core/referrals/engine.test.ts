/** The engine on a real database: what an act stores, in one transaction, and what it leaves when it does not happen. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/kit/database.ts';
import { at, caller, organisations, rules, workingDays } from '../../test/kit/referral.ts';
import { somebodyWaits } from '../../test/kit/somebody-waits.ts';
import { refreshVisible } from '../access/visible.ts';
import { destroyDataKeys } from '../platform/data-keys.ts';
import { createKeyring } from '../platform/keyring.ts';
import { projectRoot } from '../platform/project-root.ts';
import { loadPlaybooks } from '../playbooks/load-playbooks.ts';
import type { Act, OpenReferral } from './act.ts';
import { createReferralEngine, type Acted } from './engine.ts';
import { replay } from './evolve.ts';
import type { ReferralEvent } from './event.ts';
import type { ReferralState } from './state.ts';

let database: TestDatabase;
let now = at('09-01 09:00');
const clock = { business: () => now, wall: () => new Date() };
const keyring = createKeyring(Buffer.alloc(32, 7));
const playbooks = loadPlaybooks(join(projectRoot, 'schema/playbooks'), (id) =>
  rules.all.some((rule) => rule.id === id),
);
const engine = createReferralEngine({ keyring, clock, playbooks, rules, workingDays });

beforeAll(async () => {
  database = await createTestDatabase();
  for (const { id, kind, level, path, closedAt } of organisations) {
    await database.db.query(
      'insert into organisation (id, code, name, level, kind, path, closed_at) values ($1, $1, $1, $2, $3, $4, $5)',
      [id, level, kind, path, closedAt],
    );
  }
});
afterAll(() => database.drop());

let serial = 0;
async function dispute(accused: readonly string[] = []): Promise<string> {
  const id = `dsp_${++serial}`;
  await database.db.query(
    `insert into dispute (id, number, title_cipher, category, channels, opened_at, accused_ids) values ($1, $1, '', 'OTHER', '{}', now(), $2)`,
    [id, accused],
  );
  return id;
}

async function open(more: Partial<OpenReferral> & { readonly playbook?: string } = {}): Promise<string> {
  const { playbook: name = 'STANDARD', ...order } = more;
  const playbook = playbooks.latest(name);
  if (!playbook) throw new Error(name);
  const disputeId = order.disputeId ?? (await dispute());
  const { referralId } = await database.db.tx((tx) =>
    engine.open(tx, caller('centre'), playbook, {
      ...{ disputeId, kind: 'ASSIGN', from: 'centre', lead: 'police', undertaking: [], assisting: [], guiding: [] },
      ...{ urgency: 'ROUTINE', summary: '请处理。', legalBasis: '测试', parent: null, routed: null },
      ...order,
    }),
  );
  return referralId;
}

const act = (who: string, id: string, what: Act, expectedVersion: number | null = null): Promise<Acted> =>
  database.db.tx((tx) => engine.act(tx, caller(who), { id, expectedVersion }, what));

const tick = (id: string, when: string): Promise<boolean> => {
  now = at(when);
  return database.db.tx((tx) => engine.tick(tx, id));
};

const stateOf = async (id: string): Promise<ReferralState> =>
  (await database.db.one<{ state: ReferralState }>('select state from referral where id = $1', [id])).state;

const eventsOf = (id: string): Promise<ReferralEvent[]> =>
  database.db.query<ReferralEvent>(
    `select sequence, type, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at, version, step, body
     from referral_event where referral_id = $1 order by sequence`,
    [id],
  );

const seenBy = async (id: string): Promise<string[]> =>
  (
    await database.db.query<{ organisation_id: string }>(
      'select organisation_id from referral_sight where referral_id = $1 order by 1',
      [id],
    )
  ).map(({ organisation_id }) => organisation_id);

const note = '已联系双方。';

describe('An act', () => {
  test('stores state, events, messages and the audit entry; the events alone rebuild the state', async () => {
    now = at('09-01 09:00');
    const id = await open({ assisting: ['court'] });
    await act('police', id, { type: 'ACCEPT' }, 1);
    await act('police', id, { type: 'PROGRESS', note }, 2);
    const state = await stateOf(id);
    expect(state).toMatchObject({ status: 'IN_HANDLING', version: 3, responsible: 'police' });
    expect(replay(id, await eventsOf(id))).toEqual(state);
    const told = await database.db.query<{ type: string; audience: string[] }>(
      'select type, audience from outbox where lane = $1 order by position',
      [id],
    );
    expect(told.map(({ type }) => type)).toEqual(['referral.dispatched', 'referral.accepted', 'referral.progress']);
    expect(told[0]?.audience).toEqual(['centre', 'police', 'court']);
    const entries = await database.db.query<{ kind: string }>(
      'select kind from audit_trail where subject = $1 order by id',
      [id],
    );
    // One entry for each event, its clocks' among them.
    expect(entries.map(({ kind }) => kind)).toEqual(
      (await eventsOf(id)).map(({ type }) => `referral.${type.toLowerCase()}`),
    );
    const { words } = await database.db.one<{ words: Buffer }>(
      `select words_cipher as words from referral_event where referral_id = $1 and type = 'PROGRESS'`,
      [id],
    );
    expect(words.includes(Buffer.from(note))).toBe(false);
  });

  test('that is refused leaves nothing', async () => {
    const id = await open();
    const before = await eventsOf(id);
    await expect(act('police', id, { type: 'CLOSE' })).rejects.toMatchObject({ code: 'ILLEGAL_TRANSITION' });
    await expect(act('police', id, { type: 'ACCEPT' }, 7)).rejects.toMatchObject({
      ...{ code: 'CONFLICT', details: { currentVersion: 1 } },
    });
    expect(await eventsOf(id)).toEqual(before);
  });

  test('of a stranger finds no referral', async () => {
    const id = await open();
    await expect(act('court', id, { type: 'ACCEPT' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('at the same moment as another waits for it: closing does not pass a child that is being opened', async () => {
    const id = await open();
    await act('police', id, { type: 'ACCEPT' });
    await act('police', id, {
      ...{ type: 'FEEDBACK', outcome: 'SETTLED', text: '已和解。', agreementSha256: null },
      informed: [{ party: '申请人', how: '电话', at: at('08-31 09:00').toISOString() }],
    });
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => act('centre', id, { type: 'CLOSE' })));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('Sight', () => {
  test('follows the parties, keeps those above in the same department, and leaves out the accused and those under them', async () => {
    const id = await open({ lead: 'station', assisting: ['justice'] });
    expect(await seenBy(id)).toEqual(['centre', 'justice', 'police', 'station']);
    const accusing = await open({ disputeId: await dispute(['police']), lead: 'court' });
    expect(await seenBy(accusing)).toEqual(['centre', 'court']);
    await expect(open({ disputeId: await dispute(['police']), lead: 'station' })).rejects.toMatchObject({
      code: 'ROUTING_FORBIDDEN',
    });
  });

  test('ends for who is accused later, by a record that is linked to the dispute', async () => {
    const disputeId = await dispute();
    const id = await open({ disputeId, lead: 'station' });
    expect(await seenBy(id)).toEqual(['centre', 'police', 'station']);
    await database.db.tx(async (tx) => {
      await tx.query(`update dispute set accused_ids = '{police}' where id = $1`, [disputeId]);
      refreshVisible(tx, [disputeId]);
    });
    expect(await seenBy(id)).toEqual(['centre']);
  });

  test('of the dispute ends with the lead; of the referral it stays', async () => {
    const disputeId = await dispute();
    const id = await open({ disputeId, lead: 'court' });
    const sees = async (): Promise<boolean> =>
      (
        await database.db.query('select from visible where organisation_id = $1 and dispute_id = $2', [
          'court',
          disputeId,
        ])
      ).length > 0;
    expect(await sees()).toBe(true);
    await act('court', id, { type: 'RETURN', note: '不归法院管。' });
    await act('centre', id, { type: 'DECIDE_RETURN', agree: true, note: '同意。' });
    expect(await sees()).toBe(false);
    expect(await seenBy(id)).toContain('court');
    await act('centre', id, { type: 'REDIRECT', lead: 'police', note: '转派出所。' });
    expect(await seenBy(id)).toEqual(['centre', 'court', 'police']);
  });
});

test('A referral whose lead is accused after it has accepted is taken back without asking it', async () => {
  const disputeId = await dispute();
  const id = await open({ disputeId, lead: 'court' });
  await act('court', id, { type: 'ACCEPT' });
  await database.db.tx(async (tx) => {
    await tx.query(`update dispute set accused_ids = '{court}' where id = $1`, [disputeId]);
    refreshVisible(tx, [disputeId]);
  });
  await act('centre', id, { type: 'WITHDRAW' });
  expect(await stateOf(id)).toMatchObject({ status: 'WITHDRAWN', responsible: null });
});

test('Withdrawn, it leaves the dispute to nobody who had it for its sake', async () => {
  const disputeId = await dispute();
  const id = await open({ disputeId, lead: 'court', assisting: ['justice'] });
  await act('centre', id, { type: 'WITHDRAW' });
  const seeing = await database.db.query<{ organisation_id: string }>(
    'select organisation_id from visible where dispute_id = $1 order by 1',
    [disputeId],
  );
  expect(seeing.map(({ organisation_id }) => organisation_id)).toEqual(['centre']);
});

describe('A child', () => {
  test('is opened with its parent’s act, in the same tree, and knows what is above it', async () => {
    const id = await open();
    await act('police', id, { type: 'ACCEPT' });
    await act('police', id, { type: 'FORWARD', lead: 'court', kind: null, undertaking: [], assisting: [], note });
    const child = await database.db.one<{ id: string; root_id: string; from_id: string; responsible_id: string }>(
      'select id, root_id, from_id, responsible_id from referral where parent_id = $1',
      [id],
    );
    expect(child).toMatchObject({ root_id: id, from_id: 'police', responsible_id: 'police' });
    await act('court', child.id, { type: 'ACCEPT' });
    const back = { type: 'FORWARD', kind: null, undertaking: [], assisting: [], note } as const;
    await expect(act('court', child.id, { ...back, lead: 'centre' })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  });
});

describe('Clocks', () => {
  test('say what was due before an act, in the act’s transaction: an act a second late takes no red card away', async () => {
    now = at('09-01 09:00');
    const id = await open({ playbook: 'M21' });
    now = at('09-17 00:00');
    await act('police', id, { type: 'ACCEPT' }, 1);
    const types = (await eventsOf(id)).map(({ type }) => type);
    expect(types.indexOf('RED_CARD')).toBeGreaterThan(0);
    expect(types.indexOf('RED_CARD')).toBeLessThan(types.indexOf('ACCEPTED'));
    expect(replay(id, await eventsOf(id))).toEqual(await stateOf(id));
  });

  test('M21: nothing done is a red card at 17 September 00:00 and not before; any progress is none', async () => {
    now = at('09-01 09:00');
    const idle = await open({ playbook: 'M21' });
    const busy = await open({ playbook: 'M21' });
    await act('police', busy, { type: 'ACCEPT' });
    await act('police', busy, { type: 'PROGRESS', note });
    const cards = async (id: string): Promise<number> =>
      (await eventsOf(id)).filter(({ type }) => type === 'RED_CARD').length;
    for (const id of [idle, busy]) while (await tick(id, '09-16 23:59'));
    expect([await cards(idle), await cards(busy)]).toEqual([0, 0]);
    for (const id of [idle, busy]) while (await tick(id, '09-17 00:00'));
    expect([await cards(idle), await cards(busy)]).toEqual([1, 0]);
    expect(await tick(idle, '09-17 00:00')).toBe(false);
    expect(replay(idle, await eventsOf(idle))).toEqual(await stateOf(idle));
  });
});

describe('What has come up again', () => {
  const settled: Act = {
    ...{ type: 'FEEDBACK', outcome: 'SETTLED', text: '已和解。', agreementSha256: null },
    informed: [{ party: '申请人', how: '电话', at: at('08-31 09:00').toISOString() }],
  };
  const visit: Act = { type: 'VISIT', visitedAt: at('09-01 08:00').toISOString(), holds: false, interviewed: 1 };
  const CHAIN = ['centre', 'police', 'court', 'justice'] as const;

  /** From the centre to the police, from them to the court, from there to the justice office; the nearest last. */
  async function chain(): Promise<string[]> {
    now = at('09-01 09:00');
    const ids = [await open()];
    for (const [index, lead] of CHAIN.slice(1).entries()) {
      const id = ids.at(-1) ?? '';
      await act(lead, id, { type: 'ACCEPT' });
      const next = CHAIN[index + 2];
      if (!next) break;
      const forward: Act = { type: 'FORWARD', lead: next, kind: null, undertaking: [], assisting: [], note };
      const { lanes } = await act(lead, id, forward);
      ids.push(lanes[1] ?? '');
    }
    return ids;
  }

  async function close(ids: readonly string[], from: number): Promise<void> {
    for (let index = ids.length - 1; index >= from; index--) {
      await act(CHAIN[index + 1] ?? '', ids[index] ?? '', settled);
      await act(CHAIN[index] ?? '', ids[index] ?? '', { type: 'CLOSE' });
    }
  }

  const statuses = (ids: readonly string[]): Promise<string[]> =>
    Promise.all(ids.map(async (id) => (await stateOf(id)).status));

  test('opens everything above it that was closed, with the clocks, and tells those whom it concerns', async () => {
    const ids = await chain();
    await close(ids, 0);
    const [top = '', middle = '', nearest = ''] = ids;
    const { lanes } = await act('court', nearest, visit);
    expect(lanes).toEqual([nearest, middle, top]);
    expect(await statuses(ids)).toEqual(['IN_HANDLING', 'IN_HANDLING', 'IN_HANDLING']);
    const state = await stateOf(top);
    expect(state).toMatchObject({ responsible: 'police', informed: null });
    expect(state.clocks.filter(({ stoppedAt }) => stoppedAt === null).map(({ name }) => name)).toEqual(['handling']);
    expect(replay(top, await eventsOf(top))).toEqual(state);
    const told = await database.db.one<{ type: string; body: { child: string } }>(
      'select type, body from outbox where lane = $1 order by position desc limit 1',
      [top],
    );
    expect(told).toMatchObject({ type: 'referral.reopened', body: { child: middle } });
    // It closes again from below, and not before.
    await expect(act('centre', top, { type: 'CLOSE' })).rejects.toMatchObject({ code: 'ILLEGAL_TRANSITION' });
    await close(ids, 0);
    expect(await statuses(ids)).toEqual(['CLOSED', 'CLOSED', 'CLOSED']);
  });

  test('leaves what is still open as it is, and what was withdrawn', async () => {
    const stillOpen = await chain();
    await close(stillOpen, 1);
    await act('court', stillOpen[2] ?? '', visit);
    expect(await statuses(stillOpen)).toEqual(['IN_HANDLING', 'IN_HANDLING', 'IN_HANDLING']);
    expect((await eventsOf(stillOpen[0] ?? '')).map(({ type }) => type)).not.toContain('REOPENED');

    const withdrawn = await chain();
    await close(withdrawn, 2);
    await act('police', withdrawn[1] ?? '', { type: 'WITHDRAW' });
    await act('court', withdrawn[1] ?? '', { type: 'DECIDE_WITHDRAWAL', agree: true, note: '' });
    await close(withdrawn.slice(0, 1), 0);
    const { lanes } = await act('court', withdrawn[2] ?? '', visit);
    expect(lanes).toHaveLength(1);
    expect(await statuses(withdrawn)).toEqual(['CLOSED', 'WITHDRAWN', 'IN_HANDLING']);
  });

  test('while the one above is being closed leaves nothing closed over it', async () => {
    for (let turn = 0; turn < 5; turn++) {
      const ids = await chain();
      await close(ids, 1);
      await act('police', ids[0] ?? '', settled);
      await Promise.allSettled([act('centre', ids[0] ?? '', { type: 'CLOSE' }), act('police', ids[1] ?? '', visit)]);
      const [above, below] = await statuses(ids);
      expect(below).toBe('IN_HANDLING');
      expect(above).not.toBe('CLOSED');
    }
  });
});

test('An act that waited while its words’ key was destroyed is refused, and nothing of it is kept', async () => {
  const id = await open();
  await act('police', id, { type: 'ACCEPT' });
  let acting: Promise<unknown> = Promise.resolve();
  await database.db.tx(async (tx) => {
    await tx.query('select from referral where id = $1 for update', [id]);
    await destroyDataKeys(tx, [id]);
    await tx.query('update referral_event set words_cipher = null where referral_id = $1', [id]);
    acting = act('police', id, { type: 'PROGRESS', note: '已联系双方。' });
    acting.catch(() => undefined);
    await somebodyWaits(database.db);
  });
  await expect(acting).rejects.toMatchObject({ code: 'CONFLICT' });
  expect((await eventsOf(id)).map(({ type }) => type)).not.toContain('PROGRESS');
});
