import { afterEach, describe, expect, test } from 'vitest';
import { createRandom, type Random } from '../../demo/county/random.ts';
import { createIndexRig, type IndexRig } from '../../test/kit/index-rig.ts';
import { citizenId, participant, record } from '../../test/kit/paper-department.ts';
import type { Participant } from '../department-record.ts';
import { AppError } from '../platform/errors.ts';
import { eraseMentions } from './erase-person.ts';
import { decideReview } from './decide-review.ts';
import { openReason, type Decided, type Deciding } from './identity-word.ts';
import { recordId } from './index-row.ts';
import { splitPerson } from './split-person.ts';

const rigs: IndexRig[] = [];
const open = async (pageSize = 20): Promise<IndexRig> => {
  const rig = await createIndexRig(pageSize);
  rigs.push(rig);
  return rig;
};
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.drop();
});

const NUMBER = citizenId(1);
const BORN = '1940-01-02';
const who = (fields: Partial<Participant> = {}): Participant =>
  participant('1', { name: '魏霞丹', sex: 'FEMALE', ...fields });

const put = (rig: IndexRig, key: string, fields: Partial<Participant>): void =>
  rig.courts.put(record('COURTS', key, { participants: [who(fields)] }));
const read = async (rig: IndexRig): Promise<void> => {
  rig.clock.advance(60_000);
  await rig.readIn.read('COURTS');
};

const deciding = ({ keyring, clock }: IndexRig, reason = '已当面核实'): Deciding => ({
  ...{ keyring, reason, now: clock.wall() },
  by: { organisationId: 'org_centre', subject: 'li', name: '李', role: 'centre.supervisor' },
});

const mentionOf = async (rig: IndexRig, key: string, source = 'COURTS'): Promise<{ id: string; personId: string }> =>
  rig.db.one<{ id: string; personId: string }>(
    'select id, person_id as "personId" from mention where record_id = $1 and gone_at is null',
    [recordId(rig.keyring, source, key)],
  );

interface Review {
  readonly id: string;
  readonly status: 'OPEN' | 'ACCEPTED' | 'REJECTED';
}
const reviewsOf = (rig: IndexRig): Promise<Review[]> =>
  rig.db.query<Review>(
    `select distinct on (coalesce(question_id, id)) id, status from identity_review where split_id is null or question_id is not null
     order by coalesce(question_id, id), score desc, id`,
  );

const decide = async (rig: IndexRig, reviewId: string, samePerson: boolean, expected?: Review['status']) => {
  rig.clock.advance(1_000);
  return rig.db.tx((tx) =>
    decideReview(tx, deciding(rig), { reviewId, samePerson, ...(expected === undefined ? {} : { expected }) }),
  );
};
const split = async (rig: IndexRig, personId: string, keys: readonly string[], source = 'COURTS') => {
  rig.clock.advance(1_000);
  const known = (await rig.db.query<{ id: string }>('select id from mention where gone_at is null')).map(
    ({ id }) => id,
  );
  const recordIds = keys.map((key) => recordId(rig.keyring, source, key));
  return rig.db.tx((tx) => splitPerson(tx, deciding(rig), { personId, recordIds, known }));
};

/** Who said of which two that they are one, when, and how it is sealed. */
const WORDS = `select a_mention_id, b_mention_id, decided_by, decided_at, encode(reason_cipher, 'hex') as reason
  from identity_review where status = 'ACCEPTED' order by decided_at`;

const joined = async (rig: IndexRig): Promise<string[]> =>
  (await rig.people()).map((part) => part.replaceAll('COURTS/', '').replaceAll('/1', ''));

describe('A question that a human answers', () => {
  const asked = async (): Promise<{ rig: IndexRig; review: Review }> => {
    const rig = await open();
    put(rig, 'a', { citizenId: NUMBER });
    put(rig, 'b', { name: '魏夏丹', birthDate: BORN, sex: 'UNKNOWN' });
    await read(rig);
    const [review] = await reviewsOf(rig);
    expect(await joined(rig)).toEqual(['a', 'b']);
    return { rig, review: review as Review };
  };

  test('makes one person of two; the oldest id survives, the other resolves to it, and the joining says whose word it was', async () => {
    const { rig, review } = await asked();
    const [a, b] = [await mentionOf(rig, 'a'), await mentionOf(rig, 'b')];
    const { personId, about } = await decide(rig, review.id, true);
    expect(await joined(rig)).toEqual(['a b']);
    const [survivor, other] = [a, b]
      .map((one) => one.personId)
      .sort((x, y) => (x === personId ? -1 : y === personId ? 1 : 0));
    expect(await rig.db.one('select survivor_id as s from person where id = $1', [other])).toEqual({ s: survivor });
    expect([...about].sort()).toEqual([a.personId, b.personId].sort());
    expect(
      await rig.db.query('select rule, decided_by as by from joining where to_person_id = $1', [personId]),
    ).toContainEqual({ rule: 'HUMAN', by: `review:${review.id}` });
  });

  test('binds: no record that comes later, and no comparing anew, says otherwise', async () => {
    const { rig, review } = await asked();
    await decide(rig, review.id, false);
    put(rig, 'c', { citizenId: NUMBER, birthDate: BORN });
    put(rig, 'b2', { name: '魏夏丹', birthDate: BORN, phone: '13800000001' });
    await read(rig);
    await rig.db.query('insert into match_waiting (person_id) select id from person where survivor_id is null');
    await rig.readIn.compare();
    const parts = await joined(rig);
    expect(parts.some((part) => part.includes('a') && part.split(' ').includes('b'))).toBe(false);
  });

  test('is not answered twice by the same word, and answered otherwise on purpose only', async () => {
    const { rig, review } = await asked();
    expect((await decide(rig, review.id, true)).isNew).toBe(true);
    expect(await decide(rig, review.id, true)).toMatchObject({ isNew: false });
    await expect(decide(rig, review.id, false, 'OPEN')).rejects.toThrow(AppError);
    expect(await joined(rig)).toEqual(['a b']);
    expect(await decide(rig, review.id, false, 'ACCEPTED')).toMatchObject({ isNew: true });
    expect(await joined(rig)).toEqual(['a', 'b']);
    await decide(rig, review.id, true);
    expect(await joined(rig)).toEqual(['a b']);
  });

  test('keeps what was said, sealed', async () => {
    const { rig, review } = await asked();
    await decide(rig, review.id, true);
    const row = await rig.db.one<{ a: string; b: string; cipher: Buffer; wrapped: Buffer }>(
      `select a_mention_id as a, b_mention_id as b, reason_cipher as cipher, k.wrapped from identity_review
       join data_key k on k.id = a_mention_id`,
    );
    expect(row.cipher.includes('核实')).toBe(false);
    expect(openReason(rig.keyring, row, row.cipher)).toBe('已当面核实');
  });

  test('is asked anew where a record that was made one with another comes to say somebody else', async () => {
    const { rig, review } = await asked();
    await decide(rig, review.id, true);
    put(rig, 'b', { name: '何守田', birthDate: '1971-08-09', sex: 'MALE' });
    await read(rig);
    expect(await joined(rig)).toEqual(['a', 'b']);
    put(rig, 'b', { name: '魏夏丹', birthDate: BORN, sex: 'UNKNOWN' });
    await read(rig);
    expect(await joined(rig)).toEqual(['a', 'b']);
    expect((await reviewsOf(rig)).map(({ status }) => status)).toEqual(['OPEN']);
  });

  test('does not answer what is no question: of somebody else, of a record that is gone, without a reason', async () => {
    const { rig, review } = await asked();
    await expect(decide(rig, 'rvw_nobody', true)).rejects.toThrow('no such question');
    await expect(
      rig.db.tx((tx) => decideReview(tx, deciding(rig, '  '), { reviewId: review.id, samePerson: true })),
    ).rejects.toThrow('why');
    rig.courts.remove('b');
    await read(rig);
    await expect(decide(rig, review.id, true)).rejects.toThrow('no such question');
    expect(await joined(rig)).toEqual(['a']);
  });
});

describe('Taking records out of a person', () => {
  const three = async (): Promise<{ rig: IndexRig; personId: string }> => {
    const rig = await open();
    for (const key of ['a', 'b', 'c']) {
      put(rig, key, { citizenId: NUMBER });
      await read(rig);
    }
    expect(await joined(rig)).toEqual(['a b c']);
    return { rig, personId: (await mentionOf(rig, 'a')).personId };
  };

  test('gives what leaves a new id, the oldest record too; the old id stays with what remains', async () => {
    const { rig, personId } = await three();
    const { remaining, separated } = await split(rig, personId, ['a']);
    expect(await joined(rig)).toEqual(['a', 'b c']);
    expect(remaining).toBe(personId);
    expect([(await mentionOf(rig, 'a')).personId, (await mentionOf(rig, 'b')).personId]).toEqual([separated, personId]);
    expect(separated).not.toBe(personId);
  });

  test('keeps together what leaves together, whatever its own evidence', async () => {
    const { rig, personId } = await three();
    await split(rig, personId, ['b', 'c']);
    expect(await joined(rig)).toEqual(['a', 'b c']);
  });

  test('is one question to look at, and to take back whole', async () => {
    const { rig, personId } = await three();
    await split(rig, personId, ['a']);
    const [review, ...others] = await reviewsOf(rig);
    expect(others).toEqual([]);
    expect(review).toMatchObject({ status: 'REJECTED' });
    const { overruled } = await decide(rig, review?.id ?? '', true);
    expect(overruled).toHaveLength(1);
    expect(await joined(rig)).toEqual(['a b c']);
    expect((await mentionOf(rig, 'a')).personId).toBe(personId);
  });

  test('is taken back with all that was said at once, and what had been said before holds again', async () => {
    const rig = await open();
    for (const key of ['a', 'c']) put(rig, key, { citizenId: NUMBER });
    // By a human’s word one with them, and by nothing else.
    put(rig, 'b', { name: '魏夏丹', birthDate: BORN, sex: 'UNKNOWN' });
    await read(rig);
    const [question] = await reviewsOf(rig);
    await decide(rig, question?.id ?? '', true);
    const [word] = await rig.db.query(WORDS);
    const { personId } = await mentionOf(rig, 'a');
    for (const keys of [['a'], ['a', 'c'], ['b', 'c']]) {
      await split(rig, personId, keys);
      const standing = (await reviewsOf(rig)).filter(({ status }) => status === 'REJECTED');
      expect(standing).toHaveLength(1);
      await decide(rig, standing[0]?.id ?? '', true);
      expect(await joined(rig)).toEqual(['a b c']);
      expect((await mentionOf(rig, 'a')).personId).toBe(personId);
      // Whoever takes back the first does not say anew what another had said.
      if (keys.length === 1) expect(await rig.db.query(WORDS)).toContainEqual(word);
    }
    expect(await rig.db.query('select from identity_review where split_id is not null')).toEqual([]);
  });

  test('keeps no words of anybody who is erased, nor those said before; what only follows has none', async () => {
    const rig = await open();
    for (const key of ['a', 'c']) put(rig, key, { citizenId: NUMBER });
    put(rig, 'b', { name: '魏夏丹', birthDate: BORN, sex: 'UNKNOWN' });
    await read(rig);
    const [question] = await reviewsOf(rig);
    await decide(rig, question?.id ?? '', true);
    const { personId } = await mentionOf(rig, 'a');
    await split(rig, personId, ['b']);
    const kept = `select count(*)::int as count from identity_review
      where reason_cipher is not null or accepted_before is not null or evidence <> '[]' or score is not null`;
    expect(await rig.db.one(kept)).not.toEqual({ count: 0 });
    const { id, personId: separated } = await mentionOf(rig, 'b');
    await rig.db.tx((tx) => eraseMentions(tx, { id: separated, personIds: [separated], mentionIds: [id] }));
    expect(await rig.db.one(kept)).toEqual({ count: 0 });
  });

  test('can be taken back by any pair that is left when the record by which it was said is gone', async () => {
    const { rig, personId } = await three();
    await split(rig, personId, ['a']);
    const first = await rig.db.one<{ key: Buffer; id: string }>(
      `select r.id, r.key_cipher as key from identity_review v join mention m on m.id in (v.a_mention_id, v.b_mention_id)
       join record r on r.id = m.record_id where v.id = v.split_id and m.id <> $1`,
      [(await mentionOf(rig, 'a')).id],
    );
    rig.courts.remove(rig.keyring.open('index.cipher', first.key, first.id).toString());
    await read(rig);
    const [left, ...others] = await rig.db.query<Review>(
      `select v.id, v.status from identity_review v join mention a on a.id = v.a_mention_id and a.gone_at is null
       join mention b on b.id = v.b_mention_id and b.gone_at is null where v.question_id is not null`,
    );
    expect(others).toEqual([]);
    await decide(rig, left?.id ?? '', true);
    expect(await joined(rig)).toHaveLength(1);
  });

  test('asks about whoever comes later under the same number: it might be either', async () => {
    const { rig, personId } = await three();
    await split(rig, personId, ['a']);
    put(rig, 'd', { citizenId: NUMBER });
    await read(rig);
    expect(await joined(rig)).toEqual(['a', 'b c', 'd']);
    expect((await reviewsOf(rig)).filter(({ status }) => status === 'OPEN')).toHaveLength(2);
  });

  test('holds during another department’s first load as well', async () => {
    const { rig, personId } = await three();
    const { separated } = await split(rig, personId, ['a']);
    rig.police.put(record('POLICE', 'p', { participants: [who({ citizenId: NUMBER })] }));
    await rig.readIn.read('POLICE');
    expect(await joined(rig)).toEqual(['a', 'b c', 'POLICE/p']);
    // They have not been one in between either: then one of them would have another id.
    expect([(await mentionOf(rig, 'a')).personId, (await mentionOf(rig, 'b')).personId]).toEqual([separated, personId]);
  });

  test('holds for a record that changes while its own department’s first load goes on', async () => {
    const rig = await open(1);
    put(rig, 'a', { citizenId: NUMBER });
    await read(rig);
    const told = (key: string, more: Partial<Participant> = {}): void =>
      rig.police.put(record('POLICE', key, { participants: [who({ citizenId: NUMBER, ...more })] }));
    told('p');
    for (const key of ['q', 'r', 's']) told(key, { name: '何守田', citizenId: null, birthDate: '1971-08-09' });
    const stop = new AbortController();
    await rig.readIn.read('POLICE', { signal: stop.signal, onProgress: () => stop.abort() });
    await rig.readIn.compare();
    const { personId } = await mentionOf(rig, 'a');
    const { separated, remaining } = await split(rig, personId, ['p'], 'POLICE');
    told('p', { phone: '13800000001' });
    rig.clock.advance(60_000);
    await rig.readIn.read('POLICE');
    expect([(await mentionOf(rig, 'p', 'POLICE')).personId, (await mentionOf(rig, 'a')).personId]).toEqual([
      separated,
      remaining,
    ]);
  });

  test('is told as a parting also where the record goes to somebody who is there already', async () => {
    const rig = await open();
    await rig.db.query(
      `insert into webhook_endpoint (id, organisation_id, url_cipher, types, signing, created_at, rate_per_second, free_at)
       values ('whe_1', 'org_court', '', '{*}', 'V1', now(), 50, now())`,
    );
    const held = { office: 'court' };
    const other = citizenId(2);
    for (const [key, number] of [
      ['a', NUMBER],
      ['c', other],
      ['b', NUMBER],
    ] as const) {
      rig.courts.put(record('COURTS', key, { ...held, participants: [who({ citizenId: number })] }));
      await read(rig);
    }
    const [was, goes] = [(await mentionOf(rig, 'b')).personId, (await mentionOf(rig, 'c')).personId];
    rig.courts.put(record('COURTS', 'b', { ...held, participants: [who({ citizenId: other })] }));
    await read(rig);
    expect(await joined(rig)).toEqual(['a', 'b c']);
    const told = await rig.db.query<{ type: string; body: object }>('select type, body from outbox');
    const [first, second] = [await mentionOf(rig, 'a'), await mentionOf(rig, 'b')].map(({ personId }) => personId);
    expect([first, second]).toEqual([was, goes]);
    expect(told).toMatchObject([{ type: 'person.split', body: { person: was, separated: goes } }]);
  });

  test('must leave something and take something of this person', async () => {
    const { rig, personId } = await three();
    for (const keys of [[], ['a', 'b', 'c'], ['nobody']])
      await expect(split(rig, personId, keys)).rejects.toThrow('not all');
    expect(await joined(rig)).toEqual(['a b c']);
  });
});

/** Anything that may happen, in any order, until nothing of it can be wrong any more. */
async function live(rig: IndexRig, random: Random, steps: number): Promise<void> {
  const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const said = (): Partial<Participant> => ({
    name: random.pick(['魏霞丹', '魏霞丹', '魏夏丹', '魏霞萍']),
    citizenId: random.pick([NUMBER, NUMBER, citizenId(2), null]),
    birthDate: random.pick([BORN, BORN, '1940-02-01', null]),
    phone: random.pick(['13800000001', null]),
    sex: random.pick(['FEMALE', 'UNKNOWN'] as const),
  });
  const known = new Set<string>();
  let decisions = 0;
  for (let step = 0; step < steps; step++) {
    const act = random.int(10);
    let done: Decided | null = null;
    if (act < 3) {
      put(rig, random.pick(KEYS), said());
      await read(rig);
    } else if (act < 4) {
      rig.courts.remove(random.pick(KEYS));
      await read(rig);
    } else if (act < 8) {
      const review = random.pick([...(await reviewsOf(rig)), null]);
      const live =
        review &&
        (await rig.db.query(
          `select from identity_review r join mention a on a.id = a_mention_id and a.gone_at is null
         join mention b on b.id = b_mention_id and b.gone_at is null where r.id = $1`,
          [review.id],
        ));
      if (review && live && live.length > 0) done = await decide(rig, review.id, random.int(2) === 0);
    } else {
      const parts = (await joined(rig)).map((part) => part.split(' ')).filter((part) => part.length > 1);
      const part = random.pick([...parts, null]);
      if (part) {
        const out = part.slice(0, 1 + random.int(part.length - 1));
        done = await split(rig, (await mentionOf(rig, part[0] as string)).personId, out);
      }
    }
    if (done?.isNew) decisions += 1;
    await holds(rig, known);
  }
  expect(decisions).toBeGreaterThan(0);
}

/** `known`: every id of a person there ever was. */
async function holds(rig: IndexRig, known: Set<string>): Promise<void> {
  const mentions = await rig.db.query<{ id: string; personId: string }>(
    'select id, person_id as "personId" from mention where gone_at is null',
  );
  const personOf = new Map(mentions.map(({ id, personId }) => [id, personId]));
  const reviews = await rig.db.query<{ a: string; b: string; status: string; question: string | null }>(
    'select a_mention_id as a, b_mention_id as b, status, question_id as question from identity_review',
  );
  const open = new Map<string, string>();
  for (const { a, b, status, question } of reviews) {
    const [x, y] = [personOf.get(a), personOf.get(b)];
    if (x === undefined || y === undefined) continue;
    expect({ status, areOne: x === y }).toEqual({ status, areOne: status === 'ACCEPTED' });
    const pair = [x, y].sort().join();
    if (status !== 'OPEN') continue;
    expect(question).toBe(open.get(pair) ?? question);
    open.set(pair, question ?? '');
  }
  const persons = await rig.db.query<{ id: string; survivor: string | null }>(
    'select id, survivor_id as survivor from person',
  );
  const survivorOf = new Map(persons.map(({ id, survivor }) => [id, survivor]));
  for (const id of known) expect(survivorOf.has(id)).toBe(true);
  for (const { id, survivor } of persons) {
    known.add(id);
    // One step from any id, for ever; and nobody lives under an id that was joined away.
    if (survivor !== null) expect(survivorOf.get(survivor)).toBe(null);
    if (survivor !== null) expect(mentions.some(({ personId }) => personId === id)).toBe(false);
  }
  // Worked out anew from all there is, nothing is otherwise.
  const before = await joined(rig);
  await rig.db.query(
    'insert into match_waiting (person_id) select distinct person_id from mention where gone_at is null',
  );
  await rig.readIn.compare();
  expect(await joined(rig)).toEqual(before);
  // Whoever follows the joinings from the beginning comes to the same persons.
  const moved = await rig.db.query<{ mentionId: string; to: string }>(
    'select distinct on (mention_id) mention_id as "mentionId", to_person_id as "to" from joining order by mention_id, id desc',
  );
  for (const { mentionId, to } of moved) {
    const now = personOf.get(mentionId);
    if (now !== undefined) expect(survivorOf.get(to) ?? to).toBe(now);
  }
}

const SEEDS = process.env['FULL'] ? 30 : 3;

test.each(Array.from({ length: SEEDS }, (_, index) => index + 1))(
  'Whatever comes, changes, goes, is decided and taken apart: what humans said holds, and no id is lost (seed %i)',
  async (seed) => {
    const rig = await open();
    put(rig, 'a', { citizenId: NUMBER });
    await read(rig);
    await live(rig, createRandom(seed, 5), 25);
  },
);
