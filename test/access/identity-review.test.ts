/** Who is who, asked and decided by those who see both sides; and everything that hangs on a person follows, there and back. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Caller } from '../../core/access/caller.ts';
import { countReviews, searchReviews } from '../../core/access/visible-review.ts';
import type { Queryable } from '../../core/platform/db.ts';
import { citizenId, participant, record } from '../kit/paper-department.ts';
import { actOn } from './act.ts';
import { openOffice, referredBy, type Office } from './office.ts';

const NUMBER = citizenId(1);
const BORN = '1940-01-02';
const named = (more: object = {}) => [participant('1', { name: '魏霞丹', sex: 'FEMALE', citizenId: NUMBER, ...more })];
/** Perhaps the same. */
const perhaps = (more: object = {}) =>
  named({ name: '魏夏丹', citizenId: null, birthDate: BORN, sex: 'UNKNOWN', phone: '13800000002', ...more });
const petition = (key: string, more: object = {}) => ({
  ...record('PETITIONS', key, { category: 'VILLAGE_AFFAIRS', office: 'street-petitions', place: 'place' }),
  ...{ kind: 'PETITION', purpose: 'APPEAL', form: 'LETTER', collective: false, ...more },
});

let office: Office;
let street: Caller;
let supervisor: Caller;
beforeEach(async () => {
  office = await openOffice();
  street = await office.who('street-petitions', 'department.handler', { purpose: 'petition' });
  supervisor = await office.who('centre', 'centre.supervisor', { purpose: 'supervision', reason: '核对身份' });
});
afterEach(() => office.drop());

const REVIEWS = `query ($status: ProposalStatus, $first: Int, $after: String) {
  identityReviews(status: $status, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { id status score proposedAt decidedAt reason decidedBy { name role system organisation { code } }
      a { ...Side } b { ...Side } evidence { field agreement weight } } } }
  fragment Side on RecordSummary { source name sex birthDate citizenId place { code } person { id } }`;

interface Side {
  readonly source: string;
  readonly name: string;
  readonly citizenId: string | null;
  readonly person: { readonly id: string };
}
interface Review {
  readonly id: string;
  readonly status: string;
  readonly score: number;
  readonly reason: string | null;
  readonly decidedBy: object | null;
  readonly a: Side;
  readonly b: Side;
  readonly evidence: readonly { readonly field: string; readonly agreement: string; readonly weight: number }[];
}
interface Reviews {
  readonly identityReviews: {
    readonly totalCount: number | null;
    readonly nodes: readonly Review[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

const reviewsOf = async (caller: Caller, variables: object = {}): Promise<readonly Review[]> =>
  (await office.must<Reviews>(caller, REVIEWS, variables)).identityReviews.nodes;

const decide = (caller: Caller, id: string, samePerson: boolean, more: object = {}) =>
  office.ask<{ decideIdentityReview: { person: { id: string; name: string; records: object[] }; replayed: boolean } }>(
    caller,
    `mutation ($id: ID!, $samePerson: Boolean!, $reason: String!, $key: String!, $expected: ProposalStatus) {
      decideIdentityReview(id: $id, samePerson: $samePerson, reason: $reason, idempotencyKey: $key, expected: $expected) {
        replayed person { id name records { source matchedBy } } } }`,
    { id, samePerson, reason: '已当面核实', key: randomUUID(), ...more },
  );

const split = (caller: Caller, id: string, records: readonly object[], more: object = {}) =>
  office.ask<{ splitPerson: { remaining: { id: string }; separated: { id: string }; replayed: boolean } }>(
    caller,
    `mutation ($id: ID!, $records: [RecordRefInput!]!, $reason: String!, $key: String!) {
      splitPerson(id: $id, records: $records, reason: $reason, idempotencyKey: $key) {
        replayed remaining { id } separated { id } } }`,
    { id, records, reason: '另有其人', key: randomUUID(), ...more },
  );

describe('A reviewer', () => {
  test('sees two side by side with what speaks for one and for two, identifiers masked even with a reason', async () => {
    office.petitions.put(
      petition('1', { participants: named() }),
      petition('2', { participants: perhaps({ citizenId: `${NUMBER.slice(0, 16)}99` }) }),
    );
    await office.readIn.read('PETITIONS');
    const [review, ...others] = await reviewsOf({ ...street, reason: '核实' });
    expect(others).toEqual([]);
    expect([review?.a.name, review?.b.name].sort()).toEqual(['魏夏丹', '魏霞丹']);
    for (const side of [review?.a, review?.b])
      expect(side).toMatchObject({
        ...{ source: 'PETITIONS', birthDate: BORN, place: { code: 'place' } },
        citizenId: expect.stringMatching(/^9901\*{10}\d{3}[\dX]$/) as string,
      });
    const sum = review?.evidence.reduce((total, { weight }) => total + weight, 0) ?? 0;
    expect(sum).toBeCloseTo(review?.score ?? 0, 0);
    expect(review?.evidence).toContainEqual(expect.objectContaining({ field: 'name', agreement: 'SOUND' }));
    expect(JSON.stringify(review)).not.toContain(NUMBER);
  });

  test('of one township gets no pair of which they may not see both, by list, count, id or cost', async () => {
    office.petitions.put(
      petition('1', { participants: named() }),
      // Of another office: whether it is the same is not theirs to know.
      { ...petition('2', { participants: perhaps() }), office: 'petitions' },
    );
    const empty = await office.ask(street, REVIEWS);
    await office.readIn.read('PETITIONS');
    expect((await reviewsOf(supervisor)).length).toBe(1);
    const { data, statements, errors } = await office.ask<Reviews>(street, REVIEWS);
    expect(errors).toEqual([]);
    expect(data).toEqual(empty.data);
    expect(data.identityReviews).toMatchObject({ totalCount: 0, nodes: [] });
    expect(statements).toBe(empty.statements);
    const [hidden] = await reviewsOf(supervisor);
    const before = await office.people();
    const answers = [
      await decide(street, hidden?.id ?? '', true),
      await decide(street, `${hidden?.id.slice(0, -1)}_`, true),
    ];
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]?.errors).toMatchObject([{ code: 'NOT_FOUND' }]);
    expect(await office.people()).toEqual(before);
  });

  test('of an office that comes to few records reads as little, however many questions the county has', async () => {
    const { db } = office;
    const blocks = async (): Promise<number> => {
      let read = 0;
      const looking = {
        async query(text: string, values: readonly unknown[]) {
          const [row] = await db.query<{ 'QUERY PLAN': [{ Plan: { 'Shared Hit Blocks': number } }] }>(
            `explain (analyze, buffers, format json) ${text}`,
            values,
          );
          read += row?.['QUERY PLAN'][0].Plan['Shared Hit Blocks'] ?? 0;
          return db.query(text, values);
        },
        one: async (text: string, values: readonly unknown[]) => (await looking.query(text, values))[0],
      };
      const search = { sources: ['PETITIONS'], status: 'OPEN' as const };
      await searchReviews(looking as unknown as Queryable, street, { ...search, limit: 20 });
      await countReviews(looking as unknown as Queryable, street, search);
      return read;
    };
    office.petitions.put(petition('1', { participants: named() }), petition('2', { participants: perhaps() }));
    await office.readIn.read('PETITIONS');
    const before = await blocks();
    await db.query(`
      insert into record (id, source, key_hash, key_cipher, number_hash, kind, occurred_at, office_id, sealed, classified, protected,
        channel, digest, first_seen_at, changed_at)
      select 'rec_' || i, 'PETITIONS', sha256(i::text::bytea), '', '', 'PETITION', now(), 'org_petitions', false, false, false, 'LETTER', '', now(), now()
      from generate_series(1, 2000) i`);
    await db.query(`insert into person (id, created_at) select 'per_' || i, now() from generate_series(1, 2000) i`);
    await db.query(`
      insert into mention (id, record_id, ref, role, person_id, sex, cipher, name_hash, name_tokens, matched_by, created_at, joined_at)
      select 'men_' || i, 'rec_' || i, '1', 'PARTY', 'per_' || i, 'MALE', '', '', '{}', 'SINGLE', now(), now()
      from generate_series(1, 2000) i`);
    await db.query(`
      insert into identity_review (id, a_mention_id, b_mention_id, evidence, score, version, proposed_at, status, question_id)
      select 'rvw_' || i, 'men_' || i, 'men_' || i + 1000, '[]', 20, 'v', now(), 'OPEN', 'rvw_' || i from generate_series(1, 1000) i`);
    await db.query('analyze');
    const { identityReviews } = await office.must<Reviews>(supervisor, '{ identityReviews { totalCount } }');
    expect(identityReviews.totalCount).toBeNull();
    expect(await blocks()).toBeLessThan(before + 1_000);
  });

  test.each([
    ['accuses their house', { purpose: 'ACCUSATION', accused: ['centre'] }],
    ['is sealed', { sealed: true, office: 'petitions' }],
    ['is classified', { classified: true, office: 'petitions' }],
    ['is protected', { protected: true, office: 'petitions' }],
  ])('of the county’s centre, with a reason too, gets no pair one of which %s', async (_what, more) => {
    office.petitions.put(
      petition('1', { participants: named() }),
      petition('2', { participants: perhaps(), office: 'street-petitions', ...more }),
    );
    await office.readIn.read('PETITIONS');
    expect(await office.db.query('select from identity_review')).toHaveLength(1);
    expect(await reviewsOf(supervisor)).toEqual([]);
  });

  test('is not told how home and telephone agree of somebody who is protected', async () => {
    office.petitions.put(
      petition('1', { participants: named(), office: 'petitions' }),
      petition('2', { participants: perhaps(), office: 'petitions' }),
    );
    office.police.put(
      record('POLICE', 'dv', {
        ...{ kind: 'DOMESTIC_VIOLENCE', category: 'DOMESTIC_VIOLENCE', office: 'station', protected: true },
        participants: named({ role: 'VICTIM' }),
      }),
    );
    await office.readIn.read('PETITIONS');
    expect(await reviewsOf(supervisor)).toHaveLength(1);
    await office.readIn.read('POLICE');
    expect(await reviewsOf(supervisor)).toEqual([]);
    // They wrote both down themselves.
    expect(await reviewsOf(await office.who('petitions', 'department.handler', { purpose: 'petition' }))).toHaveLength(
      1,
    );
  });

  test('gets the oldest first, page by page, each status by itself', async () => {
    for (const [serial, [name, other]] of [
      ['魏霞丹', '魏夏丹'],
      ['欧阳国强', '欧阳国墙'],
      ['何守田', '何首田'],
    ].entries()) {
      office.petitions.put(
        petition(`${serial}a`, { participants: named({ name, citizenId: citizenId(serial) }) }),
        petition(`${serial}b`, { participants: perhaps({ name: other, birthDate: `1940-01-0${serial + 1}` }) }),
      );
      office.clock.advance(60_000);
      await office.readIn.read('PETITIONS');
    }
    const all = await reviewsOf(street);
    expect(all).toHaveLength(3);
    const paged: Review[] = [];
    for (let after: string | null = null; ;) {
      const { identityReviews }: Reviews = await office.must<Reviews>(street, REVIEWS, { first: 1, after });
      paged.push(...identityReviews.nodes);
      after = identityReviews.pageInfo.endCursor;
      if (!identityReviews.pageInfo.hasNextPage) break;
    }
    expect(paged).toEqual(all);
    const [first, second] = all;
    await decide(street, first?.id ?? '', true);
    await decide(street, second?.id ?? '', false);
    expect((await reviewsOf(street)).map(({ id }) => id)).toEqual([all[2]?.id]);
    expect(await reviewsOf(street, { status: 'ACCEPTED' })).toMatchObject([
      {
        ...{ id: first?.id, status: 'ACCEPTED', reason: '已当面核实' },
        decidedBy: { role: 'department.handler', system: false, organisation: { code: 'street-petitions' } },
      },
    ]);
    expect((await reviewsOf(street, { status: 'REJECTED' })).map(({ id }) => id)).toEqual([second?.id]);
    // Elsewhere it is told that it was decided, and by whom; not in which words.
    expect(await reviewsOf(supervisor, { status: 'ACCEPTED' })).toMatchObject([
      { id: first?.id, reason: null, decidedBy: { organisation: { code: 'street-petitions' } } },
    ]);
    const cursor = (await office.must<Reviews>(street, REVIEWS)).identityReviews.pageInfo.endCursor;
    const { errors } = await office.ask(street, REVIEWS, { status: 'ACCEPTED', after: cursor });
    expect(errors).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
  });
});

describe('A decision', () => {
  const asked = async (): Promise<Review> => {
    office.petitions.put(petition('1', { participants: named() }), petition('2', { participants: perhaps() }));
    await office.readIn.read('PETITIONS');
    const [review] = await reviewsOf(street);
    if (!review) throw new Error('Nobody is asked.');
    return review;
  };

  test('is made once per key, by people only, with a reason, and stands in the log with whose it was', async () => {
    const { id } = await asked();
    for (const role of ['auditor', 'analyst', 'department.system'] as const)
      expect((await decide({ ...street, roles: [role], purpose: 'audit' }, id, true)).errors).toMatchObject([
        { code: 'FORBIDDEN' },
      ]);
    // Who looks as an auditor is shown masks, whatever else they are.
    for (const purpose of ['audit', 'supervision'] as const)
      expect(
        (await decide({ ...street, roles: ['auditor', 'department.handler'], purpose }, id, true)).errors,
      ).toMatchObject([{ code: purpose === 'audit' ? 'FORBIDDEN' : 'BAD_USER_INPUT' }]);
    expect((await decide({ ...street, purpose: null }, id, true)).errors).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
    expect((await decide(street, id, true, { reason: ' ' })).errors).toMatchObject([
      { code: 'BAD_USER_INPUT', details: { field: 'reason' } },
    ]);
    const key = randomUUID();
    const [first, again] = [await decide(street, id, true, { key }), await decide(street, id, true, { key })];
    expect(first.errors).toEqual([]);
    expect(first.data.decideIdentityReview).toMatchObject({
      ...{ replayed: false, person: { records: [{ matchedBy: 'HUMAN' }, { matchedBy: 'HUMAN' }] } },
    });
    expect(again.data.decideIdentityReview).toEqual({ ...first.data.decideIdentityReview, replayed: true });
    expect((await decide(street, id, false, { key })).errors).toMatchObject([{ code: 'IDEMPOTENCY_KEY_REUSED' }]);
    expect((await decide(street, id, false, { expected: 'OPEN' })).errors).toMatchObject([
      { code: 'CONFLICT', details: { status: 'ACCEPTED' } },
    ]);
    // The same word again is nothing new.
    expect((await decide(street, id, true)).errors).toEqual([]);
    const entries = await office.db.query<{ subject: string; by: string; about: string[]; text: string }>(
      `select subject, actor_subject as by, about, convert_from(bytes, 'UTF8') as text from audit_entry where kind = 'identity.decided'`,
    );
    expect(entries).toMatchObject([{ subject: id, by: street.subject }]);
    expect(JSON.parse(entries[0]?.text ?? '')).toMatchObject({ body: { samePerson: true, purpose: 'petition' } });
    expect(entries[0]?.about).toContain(first.data.decideIdentityReview.person.id);
    expect(entries[0]?.text).not.toContain('核实');
    expect(await office.db.query(`select decided_by from joining where rule = 'HUMAN'`)).toContainEqual({
      decided_by: `review:${id}`,
    });
  });

  test('of two at the same moment: one is made, the other is told', async () => {
    const { id } = await asked();
    const answers = await Promise.all([
      decide(street, id, true, { expected: 'OPEN' }),
      decide(street, id, false, { expected: 'OPEN' }),
    ]);
    expect(answers.flatMap(({ errors }) => errors.map(({ code }) => code))).toEqual(['CONFLICT']);
  });

  test('is told to whoever holds records of them', async () => {
    await office.must(
      await office.who('street-petitions', 'department.head', { purpose: 'petition' }),
      `mutation { registerWebhookEndpoint(idempotencyKey: "e", input: { organisation: "org_street-petitions",
        url: "https://8.8.8.8/", types: ["person.*"] }) { endpoint { id } } }`,
    );
    const { id } = await asked();
    await decide(street, id, true);
    office.clock.advance(1_000);
    await decide(street, id, false);
    const told = await office.db.query<{ type: string; body: Record<string, string> }>(
      'select type, body from outbox order by id',
    );
    expect(told.map(({ type }) => type)).toEqual(['person.merged', 'person.split']);
    expect(told[0]?.body['person']).toBe(told[1]?.body['person']);
  });
});

describe('Join, refer, act, split, and join again:', () => {
  const VIEW = `query ($id: ID!) { person(id: $id) { id name records { source matchedBy }
    disputes { totalCount nodes { id parties { name person { id } } } } } }`;
  interface View {
    readonly person: { readonly id: string; readonly records: object[]; readonly disputes: { nodes: object[] } } | null;
  }

  test('old ids resolve, all is as if the join had never been, and the referral keeps its party', async () => {
    const centre = await office.who('centre', 'centre.operator', { purpose: 'petition' });
    office.petitions.put(petition('1', { participants: named() }));
    office.clock.advance(60_000);
    await office.readIn.read('PETITIONS');
    office.clock.advance(60_000);
    office.petitions.put(petition('2', { participants: perhaps() }));
    await office.readIn.read('PETITIONS');
    const [review] = await reviewsOf(street);
    const ids = [review?.a.person.id ?? '', review?.b.person.id ?? ''];
    const [housing, ...callers] = [await office.who('housing'), street, centre];
    const look = async (): Promise<string> =>
      JSON.stringify(
        await Promise.all(callers.flatMap((who) => ids.map((id) => office.must<View>(who, VIEW, { id })))),
      );
    const apart = await look();

    const joined = await decide(street, review?.id ?? '', true);
    const survivor = joined.data.decideIdentityReview.person.id;
    expect(ids).toContain(survivor);
    for (const id of ids) {
      const { person } = await office.must<View>(centre, VIEW, { id });
      expect(person).toMatchObject({ id: survivor });
      expect(person?.records).toHaveLength(2);
      expect(person?.disputes.nodes).toHaveLength(2);
    }
    // Referred and acted on while they were one.
    const { id: dispute } = await office.db.one<{ id: string }>(
      `select dispute_id as id from dispute_record l join mention m on m.record_id = l.record_id
       where m.id = (select b_mention_id from identity_review where id = $1)`,
      [review?.id],
    );
    const referral = await referredBy(office, centre, { dispute, lead: 'org_housing' });
    await actOn(office, housing, 'acceptReferral', referral);
    const parties = async (): Promise<object> =>
      office.must(housing, 'query ($id: ID!) { dispute(id: $id) { parties { name role } } }', { id: dispute });
    const party = await parties();

    const separated = await split(street, survivor, [
      { source: 'PETITIONS', key: survivor === ids[0] ? keyOf('b') : keyOf('a') },
    ]);
    function keyOf(side: 'a' | 'b'): string {
      return review?.[side].name === '魏霞丹' ? '1' : '2';
    }
    expect(separated.errors).toEqual([]);
    expect(separated.data.splitPerson.remaining.id).toBe(survivor);
    const fresh = separated.data.splitPerson.separated.id;
    expect(ids).not.toContain(fresh);
    expect(await parties()).toEqual(party);
    // Each side as before, but for the id of what left.
    const other = ids.find((id) => id !== survivor) ?? '';
    for (const caller of callers) {
      const before = (JSON.parse(apart) as View[])[callers.indexOf(caller) * 2 + ids.indexOf(other)];
      const after = await office.must<View>(caller, VIEW, { id: fresh });
      expect(JSON.stringify(after).replaceAll(fresh, other)).toBe(JSON.stringify(before));
      expect(await office.must<View>(caller, VIEW, { id: other })).toMatchObject({ person: { id: survivor } });
    }
    const [standing] = await reviewsOf(street, { status: 'REJECTED' });
    expect((await decide(street, standing?.id ?? '', true)).errors).toEqual([]);
    for (const id of [...ids, fresh])
      expect(await office.must<View>(centre, VIEW, { id })).toMatchObject({ person: { id: survivor } });
    expect(await parties()).toEqual(party);
    const decided = await office.db.query<{ kind: string }>(
      `select kind from audit_entry where kind like 'identity.%' order by id`,
    );
    expect(decided.map(({ kind }) => kind)).toEqual(['identity.decided', 'identity.split', 'identity.decided']);
  });
});

describe('Taking records out of a person', () => {
  beforeEach(async () => {
    office.petitions.put(petition('1', { participants: named() }), petition('2', { participants: named() }), {
      ...petition('3', { participants: named() }),
      office: 'petitions',
    });
    await office.readIn.read('PETITIONS');
  });
  const personOf = async (): Promise<string> =>
    (await office.db.one<{ id: string }>('select id from person where survivor_id is null')).id;

  test('is for records that the caller sees, and one of those stays; what is hidden is not hinted at', async () => {
    const id = await personOf();
    const refused = (keys: readonly string[]) =>
      split(
        street,
        id,
        keys.map((key) => ({ source: 'PETITIONS', key })),
      );
    // They come to the third by this person only: afterwards they would not see whose it is. The fourth is not at all.
    for (const keys of [['3'], ['4'], [], ['1', '2'], ['1', '2', '3']])
      expect((await refused(keys)).errors).toMatchObject([{ code: 'BAD_USER_INPUT', details: { field: 'records' } }]);
    expect((await split(await office.who('housing'), id, [{ source: 'PETITIONS', key: '1' }])).errors).toMatchObject([
      { code: 'NOT_FOUND' },
    ]);
    expect(await office.people()).toEqual(['PETITIONS/1/1 PETITIONS/2/1 PETITIONS/3/1']);
    expect((await refused(['1'])).errors).toEqual([]);
    expect(await office.people()).toEqual(['PETITIONS/1/1', 'PETITIONS/2/1 PETITIONS/3/1']);
  });

  test('by the second click is done once', async () => {
    const [id, key] = [await personOf(), randomUUID()];
    const records = [{ source: 'PETITIONS', key: '1' }];
    const answers = await Promise.all([split(street, id, records, { key }), split(street, id, records, { key })]);
    expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
    expect(answers.map(({ data }) => data.splitPerson.replayed).sort()).toEqual([false, true]);
    expect(new Set(answers.map(({ data }) => data.splitPerson.separated.id)).size).toBe(1);
  });
});
