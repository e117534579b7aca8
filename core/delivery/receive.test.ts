/** The table and the order of checks of contract/webhooks.md, "In", line by line; signed by the reference client. */
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { createInboxRig, type InboxRig, type Sent } from '../../test/kit/inbox-rig.ts';
import type { Db } from '../platform/db.ts';
import { MAX_INBOUND_BYTES, type Problem, type Received } from './receive.ts';

let rig: InboxRig;
beforeAll(async () => {
  rig = await createInboxRig();
});
afterAll(() => rig.drop());

const MINUTE = 60_000;
const storedCount = async (): Promise<number> =>
  (await rig.db.one<{ n: number }>('select count(*) as n from inbox', [])).n;
const later = (ms: number): Date => new Date(rig.clock.wall().getTime() + ms);
/** Whatever was wrong: a stranger learns nothing from it. */
const NOT_VERIFIED = {
  status: 401,
  title: 'The message is not verified.',
  code: 'UNAUTHENTICATED',
  detail:
    'Check the organisation’s code, the secret and the clock, and that the bytes signed are those sent. `maplebridge webhook listen` says which it is.',
};
const stranger = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;

/** A body of exactly so many bytes. */
const bodyOf = (bytes: number): string => {
  const empty = { type: 'referral.accept', data: { id: 'ref_none' }, filler: '' };
  return JSON.stringify({ ...empty, filler: 'x'.repeat(bytes - JSON.stringify(empty).length) });
};

describe('verified and new', () => {
  it('is answered 202 "accepted" once it is stored, sealed, and said to the queue', async () => {
    const answer = await rig.send('police', { id: 'new-1', data: { id: 'ref_1', note: '王小明已到场' } });
    expect(answer).toEqual({ status: 202, body: { id: expect.stringMatching(/^msg_/), status: 'accepted' } });
    const { id } = (answer as { body: { id: string } }).body;
    const row = await rig.db.one('select * from inbox where id = $1', [id]);
    expect(row).toMatchObject({
      ...{ organisation_id: 'police', message_id: 'new-1', type: 'referral.accept', lane: 'ref_1' },
      ...{ status: 'ACCEPTED', received_at: rig.clock.wall(), attempts: 0, reason: null },
    });
    expect((row['body_cipher'] as Buffer).includes('王小明')).toBe(false);
    expect(rig.announced).toContain(id);
  });

  it('is answered the same when the queue cannot be reached', async () => {
    const receive = rig.receiver({ announce: () => Promise.reject(new Error('down')) });
    expect(await receive.receive(rig.incoming('police'))).toMatchObject({ status: 202 });
  });

  it('is not answered at all when it cannot be stored', async () => {
    const db: Db = {
      ...rig.db,
      query: (text, values) =>
        text.includes('insert') ? Promise.reject(new Error('disk')) : rig.db.query(text, values),
    };
    const before = rig.announced.length;
    await expect(rig.receiver({ db }).receive(rig.incoming('police'))).rejects.toThrow('disk');
    expect(rig.announced).toHaveLength(before);
  });
});

describe('the same id', () => {
  it('with the same body is answered 202 "duplicate" with the same id, and nothing happens twice', async () => {
    const first = await rig.send('police', { id: 'again-1' });
    const before = [await storedCount(), rig.announced.length];
    rig.clock.advance(10 * MINUTE);
    expect(await rig.send('police', { id: 'again-1' })).toEqual({
      status: 202,
      body: { id: (first as { body: { id: string } }).body.id, status: 'duplicate' },
    });
    expect([await storedCount(), rig.announced.length]).toEqual(before);
  });

  it('with another body is answered 409', async () => {
    await rig.send('police', { id: 'again-2' });
    expect(await rig.send('police', { id: 'again-2', data: { id: 'ref_other' } })).toMatchObject({ status: 409 });
    // Also when the other body is none at all: the id is looked at before the schema.
    expect(await rig.send('police', { id: 'again-2', raw: 'no JSON' })).toMatchObject({ status: 409 });
  });

  it('of another organisation is another message', async () => {
    await rig.send('police', { id: 'again-3' });
    expect(await rig.send('court', { id: 'again-3', data: { id: 'ref_other' } })).toMatchObject({
      body: { status: 'accepted' },
    });
  });

  it('eight times at the same moment is stored once: one "accepted", seven "duplicate"', async () => {
    const before = await storedCount();
    const answers = await Promise.all(Array.from({ length: 8 }, () => rig.send('police', { id: 'again-4' })));
    const said = answers.map((answer) => (answer.status === 202 ? answer.body.status : answer.status)).sort();
    expect(said).toEqual(['accepted', ...Array<string>(7).fill('duplicate')]);
    expect(await storedCount()).toBe(before + 1);
  });

  it('with two bodies at the same moment is stored once and refused once', async () => {
    const answers = await Promise.all([
      rig.send('police', { id: 'again-5', data: { id: 'ref_1' } }),
      rig.send('police', { id: 'again-5', data: { id: 'ref_2' } }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409]);
  });
});

describe('answered 401', () => {
  const bad: [string, string, () => Sent][] = [
    [
      'a bad signature',
      'police',
      () => ({ headers: { 'webhook-signature': `v1,${Buffer.alloc(32).toString('base64')}` } }),
    ],
    ['a missing signature', 'police', () => ({ headers: { 'webhook-signature': undefined } })],
    ['an unknown signature', 'police', () => ({ headers: { 'webhook-signature': 'v9,AAAA' } })],
    ['a signature by somebody else’s secret', 'police', () => ({ secret: rig.secrets.get('court') ?? '' })],
    ['an unknown organisation', 'nobody', () => ({ secret: stranger })],
    ['an organisation without a secret', 'justice', () => ({ secret: stranger })],
    ['a closed organisation', 'closed', () => ({ secret: stranger })],
    ['an organisation’s code that is none', 'nul\0', () => ({ secret: stranger })],
    ['a timestamp more than 5 min old', 'police', () => ({ at: later(-5 * MINUTE - 1_000) })],
    ['a timestamp more than 5 min ahead', 'police', () => ({ at: later(5 * MINUTE + 1_000) })],
    ['a timestamp that is not signed', 'police', () => ({ headers: { 'webhook-timestamp': '1788138001' } })],
    ['a missing id', 'police', () => ({ headers: { 'webhook-id': undefined } })],
  ];

  it.each(bad)('%s, with the same body and the same work for all', async (_, who, sent) => {
    const before = { statements: rig.db.statements, opened: rig.keyring.opened, stored: await storedCount() };
    const answer = await rig.send(who, sent());
    expect(answer).toEqual(NOT_VERIFIED);
    // One look-up and two secrets unsealed, whether or not there is anybody.
    expect({ statements: rig.db.statements - 1, opened: rig.keyring.opened, stored: await storedCount() }).toEqual({
      ...{ statements: before.statements + 1, opened: before.opened + 2, stored: before.stored },
    });
  });

  it('not: a timestamp 5 min off, or one of several signatures that is good', async () => {
    expect(await rig.send('police', { at: later(-5 * MINUTE) })).toMatchObject({ status: 202 });
    expect(await rig.send('police', { at: later(5 * MINUTE) })).toMatchObject({ status: 202 });
    const incoming = rig.incoming('police');
    const signature = `v1,${Buffer.alloc(32).toString('base64')} ${String(incoming.headers['webhook-signature'])}`;
    const headers = { ...incoming.headers, 'webhook-signature': signature };
    expect(await rig.receiver().receive({ ...incoming, headers })).toMatchObject({ status: 202 });
  });
});

describe('answered 422 with the failing paths, and not stored', () => {
  const pathsOf = (answer: Received): string[] => ((answer as Problem).errors ?? []).map(({ path }) => path);

  it.each<[string, Sent, string[]]>([
    ['what is not JSON', { raw: '{' }, ['']],
    ['what is empty', { raw: '' }, ['']],
    ['an unknown type', { type: 'referral.close' }, ['type']],
    ['a missing field', { type: 'referral.return', data: { id: 'ref_1' } }, ['data.note']],
    ['an unknown field', { data: { id: 'ref_1', nots: '330106199001011234' } }, ['data.nots']],
    ['half a character', { data: { id: 'ref_1', note: '已联系双方 \ud83d' } }, ['data.note']],
    ['a character that cannot be stored', { data: { id: 'ref_1', note: 'a\0b' } }, ['data.note']],
  ])('%s', async (_, sent, paths) => {
    const before = await storedCount();
    const answer = await rig.send('police', sent);
    expect(answer).toMatchObject({ status: 422, code: 'BAD_USER_INPUT' });
    expect(pathsOf(answer)).toEqual(paths);
    expect(JSON.stringify(answer)).not.toContain('330106199001011234');
    expect(await storedCount()).toBe(before);
  });

  it('and may be sent again, put right, under the same id', async () => {
    expect(await rig.send('police', { id: 'right-1', raw: '{' })).toMatchObject({ status: 422 });
    expect(await rig.send('police', { id: 'right-1' })).toMatchObject({ body: { status: 'accepted' } });
  });
});

describe('the size', () => {
  it('of exactly 256 kB is taken, and one byte more is answered 413', async () => {
    expect(MAX_INBOUND_BYTES).toBe(262_144);
    expect(await rig.send('police', { raw: bodyOf(MAX_INBOUND_BYTES) })).toMatchObject({ status: 202 });
    expect(await rig.send('police', { raw: bodyOf(MAX_INBOUND_BYTES + 1) })).toMatchObject({ status: 413 });
    expect(await rig.send('police', { raw: null })).toMatchObject({ status: 413 });
  });
});

describe('over a rate limit', () => {
  const rates = {
    address: { perMinute: 60, burst: 6, most: 100 },
    organisation: { perMinute: 60, burst: 2, most: 100 },
  };

  it('is answered 429 with how long to wait, and taken after it', async () => {
    const receive = rig.receiver({ rates });
    const send = (sent?: Sent): Promise<Received> => receive.receive(rig.incoming('police', sent));
    expect([await send(), await send()]).toMatchObject([{ status: 202 }, { status: 202 }]);
    expect(await send()).toMatchObject({ status: 429, code: 'RATE_LIMITED', retryAfter: 1 });
    rig.clock.advance(1_000);
    expect(await send()).toMatchObject({ status: 202 });
  });

  it('of an address nobody is looked up', async () => {
    const receive = rig.receiver({ rates });
    const knock = (): Promise<Received> => receive.receive(rig.incoming('nobody', { secret: stranger }));
    for (let knocks = 0; knocks < 6; knocks++) expect(await knock()).toEqual(NOT_VERIFIED);
    const before = rig.db.statements;
    expect(await knock()).toMatchObject({ status: 429, retryAfter: 1 });
    expect(rig.db.statements).toBe(before);
  });

  it('a stranger cannot use up a department’s limit', async () => {
    const receive = rig.receiver({ rates });
    for (let knocks = 0; knocks < 50; knocks++) {
      const address = `10.9.0.${knocks % 10}`;
      await receive.receive(rig.incoming('police', { secret: stranger, address }));
    }
    expect(await receive.receive(rig.incoming('police'))).toMatchObject({ status: 202 });
  });

  it('one department does not use up another’s', async () => {
    const receive = rig.receiver({ rates });
    for (let sent = 0; sent < 3; sent++) await receive.receive(rig.incoming('police'));
    expect(await receive.receive(rig.incoming('court', { address: '10.0.0.2' }))).toMatchObject({ status: 202 });
  });
});

test('Checks come in the order of the contract: address, size, signature, organisation, id, schema', async () => {
  const one = { perMinute: 60, most: 100 };
  const rates = { address: { ...one, burst: 5 }, organisation: { ...one, burst: 2 } };
  const receive = rig.receiver({ rates });
  const status = async (sent: Sent): Promise<number> => (await receive.receive(rig.incoming('police', sent))).status;
  await rig.send('police', { id: 'order-1' });
  const forged = { headers: { 'webhook-signature': 'v1,AAAA' } };
  const seen = [
    // Too long and forged: the size is seen first.
    await status({ ...forged, raw: bodyOf(MAX_INBOUND_BYTES + 1) }),
    // Forged and not JSON.
    await status({ ...forged, raw: '{' }),
    // A known id, and not JSON.
    await status({ id: 'order-1', raw: '{' }),
    await status({ raw: '{' }),
    // The organisation’s limit is used up: neither id nor schema is looked at.
    await status({ id: 'order-1', raw: '{' }),
    // The address’s is: not even the size is.
    await status({ ...forged, raw: bodyOf(MAX_INBOUND_BYTES + 1) }),
  ];
  expect(seen).toEqual([413, 401, 409, 422, 429, 429]);
});
