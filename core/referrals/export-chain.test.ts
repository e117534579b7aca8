/** A chain that is exported proves itself; whatever is done to the file afterwards shows, and where. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/kit/database.ts';
import { LOG_ORIGIN, logVerifier, memoryAnchor, testSequencer } from '../../test/kit/log-rig.ts';
import { at, caller, organisations, rules, workingDays } from '../../test/kit/referral.ts';
import { entryLeaf } from '../audit/entry.ts';
import { canonicalJson, type Json } from '../audit/log/canonical.ts';
import type { ChainFile, EventEntry } from '../audit/log/chain-file.ts';
import { commit } from '../audit/log/commitment.ts';
import { createCosigner, createNoteSigner, parseNote, parseVerifierKey, writeNote } from '../audit/log/note.ts';
import { ChainFault, chainText } from '../audit/log/parse-chain.ts';
import { verifyChain, type VerifiedChain } from '../audit/log/verify-chain.ts';
import { createKeyring } from '../platform/keyring.ts';
import { projectRoot } from '../platform/project-root.ts';
import { loadPlaybooks } from '../playbooks/load-playbooks.ts';
import type { Act } from './act.ts';
import { createReferralEngine } from './engine.ts';
import { exportChain, type ChainAsked, type ExportDeps } from './export-chain.ts';
import { wordsOpening } from './log-event.ts';
import { loadEvents } from './read.ts';

const now = at('09-01 09:00');
const clock = { business: () => now, wall: () => new Date() };
const keyring = createKeyring(Buffer.alloc(32, 7));
const playbooks = loadPlaybooks(join(projectRoot, 'schema/playbooks'), (id) =>
  rules.all.some((rule) => rule.id === id),
);
const engine = createReferralEngine({ keyring, clock, playbooks, rules, workingDays });
const anchor = memoryAnchor();
const keys = { log: logVerifier, witnesses: [] };

let database: TestDatabase;
let root: string;
let written: string;

const act = (who: string, id: string, what: Act): Promise<unknown> =>
  database.db.tx((tx) => engine.act(tx, caller(who), { id, expectedVersion: null }, what));

const childOf = async (id: string): Promise<string> =>
  (await database.db.one<{ id: string }>('select id from referral where parent_id = $1', [id])).id;

const exportOf = (
  id: string,
  organisation: string | null = null,
  mayOpen: ChainAsked['mayOpen'] = () => true,
  more: Pick<ExportDeps, 'partBytes'> = {},
) =>
  exportChain(
    {
      ...more,
      ...{ db: database.db, keyring, wall: () => new Date() },
      untilPublished: async (isPublished) => {
        await testSequencer(database.db, anchor).run();
        expect(await isPublished()).toBe(true);
      },
    },
    { referralId: id, organisation, actor: null, mayOpen },
  );

/** Centre → police → street, each with words; and somebody else's matter between them in the log. */
async function openChain(): Promise<string> {
  const playbook = playbooks.latest('STANDARD');
  if (!playbook) throw new Error('no playbook');
  const disputeId = `dsp_${Math.random().toString(36).slice(2)}`;
  await database.db.query(
    `insert into dispute (id, number, title_cipher, category, channels, opened_at) values ($1, $1, '', 'OTHER', '{}', now())`,
    [disputeId],
  );
  const { referralId } = await database.db.tx((tx) =>
    engine.open(tx, caller('centre'), playbook, {
      ...{ disputeId, kind: 'ASSIGN', from: 'centre', lead: 'police', undertaking: [], assisting: [], guiding: [] },
      ...{ urgency: 'ROUTINE', summary: '请处理。', legalBasis: '测试', parent: null, routed: null },
    }),
  );
  return referralId;
}

beforeAll(async () => {
  database = await createTestDatabase();
  for (const { id, kind, level, path, closedAt } of organisations)
    await database.db.query(
      'insert into organisation (id, code, name, level, kind, path, closed_at) values ($1, $1, $1, $2, $3, $4, $5)',
      [id, level, kind, path, closedAt],
    );
  root = await openChain();
  const other = await openChain();
  await act('police', root, { type: 'ACCEPT' });
  await testSequencer(database.db, anchor).run();
  await act('police', other, { type: 'ACCEPT' });
  await act('police', root, { type: 'PROGRESS', note: '已联系双方。' });
  await act('police', root, {
    type: 'FORWARD',
    lead: 'street',
    kind: null,
    undertaking: [],
    assisting: [],
    note: '请街道调解。',
  });
  const child = await childOf(root);
  await act('street', child, { type: 'ACCEPT' });
  await act('street', child, { type: 'PROGRESS', note: '双方愿意谈。' });
  written = (await exportOf(root)).file;
  // The log goes on.
  await act('street', child, { type: 'PROGRESS', note: '再谈一次。' });
  await testSequencer(database.db, anchor).run();
});
afterAll(() => database.drop());

const chain = (): ChainFile => JSON.parse(written) as ChainFile;
const rewritten = (file: object): string => canonicalJson(file as never);
const verified = (text: string): VerifiedChain => verifyChain(text, keys);

describe('As exported', () => {
  test('it proves the whole chain, from any of its referrals', async () => {
    const events = await database.db.one<{ count: number }>(
      'select count(*) from referral_event where referral_id = $1',
      [root],
    );
    const proved = verified(written);
    expect(proved).toMatchObject({ origin: LOG_ORIGIN, root, referrals: 2, complete: true, erased: 0, opened: 3 });
    expect(proved.events).toBeGreaterThan(events.count);
    const fromBelow = verified((await exportOf(await childOf(root))).file);
    expect(fromBelow).toMatchObject({ root, referrals: 2, events: proved.events + 1 });
  });

  test('what was said and is not for whoever asks stays a commitment, and the rest is proved all the same', async () => {
    const { file } = await exportOf(root, null, ({ actorOrganisationId }) => actorOrganisationId !== 'street');
    expect(file).toContain('已联系双方');
    expect(file).not.toContain('双方愿意谈');
    expect(verified(file)).toMatchObject({ referrals: 2, complete: true, erased: 2 });
  });

  test('it still proves it once the words and their salts are gone', async () => {
    const before = (await exportOf(root)).file;
    await database.db.query('update referral_event set words_cipher = null', []);
    expect(verified(before).opened).toBe(4);
    expect(verified((await exportOf(root)).file)).toMatchObject({ opened: 0, erased: 4, complete: true });
  });

  test('who may see a part of it gets that part, and it says so', async () => {
    const child = await childOf(root);
    const { file, complete } = await exportOf(child, 'street');
    expect(complete).toBe(false);
    expect(verified(file)).toMatchObject({ referrals: 1, complete: false });
    await expect(exportOf(root, 'street')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('Whatever is done to the file shows', () => {
  const fails = (text: string, why?: RegExp): void => {
    let fault: unknown;
    try {
      verified(text);
    } catch (error) {
      fault = error;
    }
    expect(fault).toBeInstanceOf(ChainFault);
    if (why) expect((fault as Error).message).toMatch(why);
  };

  test('any byte changed, left out or put in', () => {
    const bytes = Buffer.from(written);
    // Every byte of a file this long would take minutes; a step that shares no factor with anything in it meets all kinds.
    for (let place = 0; place < bytes.length; place += 37) {
      const changed = Buffer.from(bytes);
      changed[place] = (changed[place] ?? 0) ^ 1;
      fails(changed.toString('utf8'));
      fails(Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + 1)]).toString('utf8'));
      fails(Buffer.concat([bytes.subarray(0, place), Buffer.from(' '), bytes.subarray(place)]).toString('utf8'));
    }
    fails(`${written}\n`);
  }, 120_000);

  const paths = (value: unknown, path: (string | number)[] = []): (string | number)[][] =>
    typeof value === 'object' && value !== null
      ? [...Object.entries(value).flatMap(([key, inner]) => [[...path, key], ...paths(inner, [...path, key])])]
      : [];
  const without = (path: readonly (string | number)[]): object => {
    const file = chain();
    const last = path.at(-1) ?? '';
    let holder: Record<string | number, unknown> = file;
    for (const key of path.slice(0, -1)) holder = holder[key] as never;
    if (Array.isArray(holder)) holder.splice(Number(last), 1);
    else delete holder[last];
    return file;
  };

  test('a witness’s signature taken away, where it is asked for', () => {
    const court = createCosigner('court.example', Buffer.alloc(32, 1));
    const witnesses = [parseVerifierKey(court.vkey)];
    const file = chain();
    const { text, signatures } = parseNote(file.checkpoint);
    const checkpoint = writeNote({ text, signatures: [...signatures, court.sign(text, new Date())] });
    const cosigned = verifyChain(rewritten({ ...file, checkpoint }), { log: logVerifier, witnesses });
    expect(cosigned.witnesses).toEqual(['court.example']);
    expect(() => verifyChain(written, { log: logVerifier, witnesses })).toThrow(/signed by 0 of the 1 witnesses/);
    expect(verifyChain(written, { log: logVerifier, witnesses, required: 0 }).witnesses).toEqual([]);
  });

  test('a byte that is no text, in the place of the character that stands for such', () => {
    const mark = Buffer.from('\ufffd');
    const [before = '', after = ''] = written.split('双方愿意谈');
    const file = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from(before), bytes, Buffer.from(after)]);
    expect(chainText(file(mark))).toBe(`${before}\ufffd${after}`);
    expect(() => chainText(file(Buffer.from([0xff])))).toThrow(ChainFault);
    expect(() => verified(chainText(Buffer.from(`\ufeff${written}`)))).toThrow(ChainFault);
  });

  test('what no JSON is canonical for, told as a fault of the file', () => {
    for (const strange of ['"\\ud800"', '1e999', '['.repeat(100_000) + ']'.repeat(100_000)])
      expect(() => verified(written.replace('"maplebridge-chain/2"', strange))).toThrow(ChainFault);
  });

  test('any key or item left out', () => {
    for (const path of paths(chain())) fails(rewritten(without(path)));
  });

  test('a key put in, wherever', () => {
    const file = chain();
    fails(rewritten({ ...file, note: 'x' }), /"note", which does not belong/);
    const manifest = file.manifest.map((part) => ({ ...part, words: { salt: '', value: 1 } }));
    fails(rewritten({ ...file, manifest }), /does not belong/);
    fails(
      rewritten({ ...file, events: file.events.map((event) => ({ ...event, extra: 1 })) }),
      /events\[0\] has "extra"/,
    );
  });

  const editing = (edit: (events: EventEntry[]) => EventEntry[]): string => {
    const file = chain();
    return rewritten({ ...file, events: edit([...file.events]) });
  };
  const subject = ({ entry }: EventEntry): string => (JSON.parse(entry) as { subject: string }).subject;

  test('an event left out, at the end, the beginning or between, names the place', () => {
    const { events } = chain();
    const last = events.findLastIndex((event) => subject(event) === root);
    fails(
      editing((all) => all.filter((_, index) => index !== last)),
      new RegExp(`${root} has \\d+ events, and the file has \\d+`),
    );
    fails(
      editing((all) => all.slice(1)),
      /event 1 of \S+ is missing/,
    );
    fails(
      editing((all) => all.filter((_, index) => index !== 1)),
      /Entry 2 .* event 2 of \S+ is missing/,
    );
  });

  test('a child left out, with all its events', () => {
    fails(
      editing((all) => all.filter((event) => subject(event) === root)),
      /has \d+ events, and the file has 0/,
    );
  });

  test('a part of a manifest too long for one entry: left out, twice, in another order, or of another export', async () => {
    const inParts = async (): Promise<ChainFile> =>
      JSON.parse((await exportOf(root, null, () => true, { partBytes: 1 })).file) as ChainFile;
    const [file, other] = [await inParts(), await inParts()];
    expect(file.manifest).toHaveLength(2);
    expect(verified(rewritten(file))).toMatchObject({ root, referrals: 2, complete: true });
    const [one, two] = file.manifest;
    for (const manifest of [[], [one], [two], [two, one], [one, one, two]])
      fails(rewritten({ ...file, manifest }), /manifest/);
    fails(rewritten({ ...other, manifest: [one, other.manifest[1]] }), /Part [12] of the manifest/);
  });

  test('events in another order, twice, or of another matter', async () => {
    fails(
      editing((all) => all.reverse()),
      /not in the order of the log/,
    );
    fails(
      editing(([first, ...rest]) => (first ? [first, first, ...rest] : rest)),
      /not in the order of the log/,
    );
    const other = JSON.parse((await exportOf(await openChain())).file) as ChainFile;
    fails(rewritten({ ...chain(), events: [...chain().events, ...other.events] }), /came after the manifest/);
    fails(rewritten({ ...chain(), manifest: other.manifest }));
    fails(rewritten({ ...chain(), checkpoint: other.checkpoint }));
  });

  test('other words, also with another salt', () => {
    const words = (edit: (words: NonNullable<EventEntry['words']>) => object): string =>
      editing((all) => all.map((event) => (event.words ? { ...event, words: edit(event.words) as never } : event)));
    fails(
      words(({ salt }) => ({ salt, value: { note: '没有联系。' } })),
      /not what the entry committed to/,
    );
    fails(
      words(({ value }) => ({ salt: Buffer.alloc(32).toString('base64'), value })),
      /not what the entry committed to/,
    );
  });

  test('signed by another key, by nobody, or by somebody whose key was not given', () => {
    const stranger = createNoteSigner(LOG_ORIGIN, Buffer.alloc(32, 9));
    expect(() => verifyChain(written, { log: parseVerifierKey(stranger.vkey), witnesses: [] })).toThrow(
      /key was not given/,
    );
    const file = chain();
    const [signature] = file.checkpoint.split('\n').slice(-2);
    fails(rewritten({ ...file, checkpoint: file.checkpoint.replace(`${signature}\n`, '') }), /The checkpoint/);
    fails(rewritten({ ...file, checkpoint: `${file.checkpoint}${signature}\n` }), /signed twice/);
    const line = `— witness.example ${Buffer.alloc(76, 1).toString('base64')}\n`;
    fails(rewritten({ ...file, checkpoint: file.checkpoint + line }), /witness.example, whose key was not given/);
  });
});

describe('A chain from before there was a log', () => {
  test('is not exported, also once it has gone on: what the log lacks of it cannot be proved', async () => {
    const { db } = database;
    const old = await openChain();
    await act('police', old, { type: 'ACCEPT' });
    // As 0007 brings it over: what was written down before stands in the log in other words, and no event names the one before it.
    await db.query(
      `update audit_entry set bytes = convert_to(jsonb_build_object('at', at, 'kind', kind, 'subject', subject, 'actor', null,
        'body', '{"version": 1, "events": []}'::jsonb)::text, 'UTF8') where subject = $1`,
      [old],
    );
    await db.query('update referral set last_leaf = null where id = $1', [old]);
    await expect(exportOf(old)).rejects.toThrow(/began before there was an audit log/);
    await act('police', old, { type: 'PROGRESS', note: '已联系双方。' });
    await expect(exportOf(old)).rejects.toThrow(/began before there was an audit log/);
  });
});

describe('A chain from before the log kept to itself what came of it', () => {
  /** As its entries were then: the body of each event in clear, and a commitment to its words alone. */
  async function inClear(id: string): Promise<void> {
    const { db } = database;
    const { wrapped } = await db.one<{ wrapped: Buffer }>('select wrapped from data_key where id = $1', [id]);
    const events = new Map((await loadEvents(db, keyring, [id])).map((event) => [event.id, event]));
    const entries = await db.query<{ id: string; bytes: Buffer }>(
      'select id, bytes from audit_entry where subject = $1 order by id',
      [id],
    );
    let previous: Buffer | null = null;
    for (const { id: entryId, bytes } of entries) {
      const entry = JSON.parse(bytes.toString('utf8')) as { body: { event: string; [key: string]: Json } };
      const event = events.get(entry.body.event);
      if (!event) throw new Error('It has no event.');
      const said = Object.keys(event.words()).length > 0;
      const opening = wordsOpening(keyring, { owner: id, wrapped }, { id: event.id, words: event.words() });
      const { words: _, ...rest } = entry.body;
      const body = {
        ...{ ...rest, what: event.body as Json, previous: previous && previous.toString('base64') },
        ...(said && { words: commit(opening) }),
      };
      const written = Buffer.from(canonicalJson({ ...entry, body }), 'utf8');
      await db.query('update audit_entry set bytes = $2 where id = $1', [entryId, written]);
      previous = entryLeaf(written);
    }
    await db.query('update referral set last_leaf = $2 where id = $1', [id, previous]);
  }

  test('is proved with all its words, also once it has gone on with entries as they are now', async () => {
    const id = await openChain();
    await act('police', id, { type: 'ACCEPT' });
    await act('police', id, {
      ...{
        type: 'FEEDBACK',
        outcome: 'RESOLVED',
        text: '双方同意 😀\u2028e\u0301 "\\',
        agreementSha256: 'ab'.repeat(32),
      },
      informed: [{ party: '王小明', how: '电话', at: now.toISOString() }],
    });
    await inClear(id);
    await act('centre', id, { type: 'CLOSE', note: '办结。' });
    await act('centre', id, { type: 'RATE', by: 'PERSON', score: 3, objects: false, comment: '还可以。' });
    const { file } = await exportOf(id);
    const told = (JSON.parse(file) as ChainFile).events
      .map(({ entry }) => JSON.parse(entry) as { kind: string; body: { what: unknown } })
      .filter(({ kind }) => ['referral.feedback', 'referral.rated'].includes(kind));
    expect(told.map(({ body }) => body.what)).toEqual([expect.objectContaining({ outcome: 'RESOLVED' }), null]);
    expect(verified(file)).toMatchObject({ root: id, complete: true, opened: 3, erased: 0 });
  });
});
