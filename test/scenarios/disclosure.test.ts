/** Whose data are shown how, and that every look is written down before it is answered. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { openReason } from '../../core/audit/disclosure.ts';
import { citizenIdHash } from '../../core/people/index-row.ts';
import { STAR_PERSON } from '../../demo/county/star.ts';
import { citizenId } from '../kit/paper-department.ts';
import { maplebridge, openInstallation, until, type Asker, type Installation } from '../kit/installation.ts';
import {
  AUDITOR,
  found,
  handlerOf,
  isPlain,
  knownPeople,
  OPERATOR,
  SUPERVISOR,
  UNIFIED_VIEW,
  type KnownPerson,
  type UnifiedView,
  type ViewOfPerson,
} from './county.ts';

let installation: Installation;
let people: readonly KnownPerson[];

beforeAll(async () => {
  const { dataFolder, url } = inject('installation');
  installation = await openInstallation(dataFolder, url);
  people = await knownPeople(installation.countyFolder);
});
afterAll(() => installation.close());

const looksAt = async (who: Asker, citizenId: string): Promise<ViewOfPerson | null> => {
  const { data, errors } = await installation.ask<UnifiedView>(who, UNIFIED_VIEW, { number: citizenId });
  expect(errors).toEqual([]);
  return data.personByCitizenId;
};
describe('Without a link', () => {
  const stranger = (): KnownPerson =>
    found(
      people.find(({ records }) =>
        records.every((record) => record.source === 'CIVIL_AFFAIRS' && record.row.category === null && isPlain(record)),
      ),
      'person whom the centre has no business with',
    );

  test('a supervisor sees somebody only for supervision and with a reason, which is put before the auditors', async () => {
    const { citizenId } = stranger();
    expect(await looksAt(OPERATOR, citizenId)).toBeNull();
    expect(await looksAt(SUPERVISOR, citizenId)).toBeNull();
    expect(await looksAt({ ...SUPERVISOR, reason: '群众反映' }, citizenId)).toBeNull();
    expect(await looksAt({ ...SUPERVISOR, purpose: 'supervision' }, citizenId)).toBeNull();
    expect(await looksAt({ ...OPERATOR, purpose: 'supervision', reason: '群众反映' }, citizenId)).toBeNull();
    const who = { ...SUPERVISOR, purpose: 'supervision', reason: '群众反映邻居长期无人照料' };
    const answer = await installation.ask<UnifiedView>(who, UNIFIED_VIEW, { number: citizenId });
    expect(answer.data.personByCitizenId?.id).toMatch(/^per_/);
    const lines = await installation.db.query<{ reason: Buffer }>(
      'select subject, purpose, reason_cipher as reason, link from disclosure where request_id = $1 and person_id = $2',
      [answer.requestId, answer.data.personByCitizenId?.id],
    );
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      expect(line).toMatchObject({ subject: 'supervisor', purpose: 'supervision', link: 'SUPERVISION' });
      expect(openReason(installation.keyring, answer.requestId, line.reason)).toBe(who.reason);
    }
    expect(
      await installation.db.query(
        `select actor_subject as actor, body ? 'reason' as reasoned from audit_trail
         where kind = 'access.broken-glass' and $1 = any(about) and body->>'request' = $2`,
        [answer.data.personByCitizenId?.id, answer.requestId],
      ),
    ).toEqual([{ actor: 'supervisor', reasoned: true }]);
  });
});

describe('Identifiers', () => {
  const IDENTIFIERS = 'query ($number: String!) { personByCitizenId(number: $number) { citizenId phones } }';
  const identifiersFor = async (who: Asker): Promise<{ citizenId: string; phones: string[] } | null> =>
    (
      await installation.ask<{ personByCitizenId: { citizenId: string; phones: string[] } | null }>(who, IDENTIFIERS, {
        number: STAR_PERSON.citizenId,
      })
    ).data.personByCitizenId;

  test('are masked, and clear for those who deal with people and say why', async () => {
    const masked = await identifiersFor(OPERATOR);
    expect(masked?.citizenId).toBe('9901**********0028');
    for (const phone of masked?.phones ?? []) expect(phone).toMatch(/^\d{3}\*{4}\d{4}$/);
    expect(masked?.phones.length).toBeGreaterThan(0);
    const clear = await identifiersFor({ ...OPERATOR, reason: '电话联系调解' });
    expect(clear?.citizenId).toBe(STAR_PERSON.citizenId);
    for (const phone of clear?.phones ?? []) expect(phone).toMatch(/^\d{11}$/);
  });

  test('stay masked for auditors, whatever they say; analysts are shown nobody', async () => {
    const auditor = {
      org: 'centre',
      roles: ['auditor'],
      subject: 'auditor',
      purpose: 'audit',
      reason: '审计',
    } as const;
    expect((await identifiersFor(auditor))?.citizenId).toBe('9901**********0028');
    const analyst = { org: 'centre', roles: ['analyst'], subject: 'analyst', reason: '统计' } as const;
    const refused = await installation.ask(analyst, IDENTIFIERS, { number: STAR_PERSON.citizenId });
    expect(refused.data).toBeNull();
    expect(refused.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', field: 'x-purpose' } }]);
  });

  test('a department’s key of a record is for that department, supervisors and auditors', async () => {
    const KEYS = 'query ($number: String!) { personByCitizenId(number: $number) { records { source key } } }';
    const keysFor = async (who: Asker): Promise<Record<string, string | null>> => {
      const { data } = await installation.ask<{
        personByCitizenId: { records: { source: string; key: string | null }[] } | null;
      }>(who, KEYS, { number: STAR_PERSON.citizenId });
      return Object.fromEntries(data.personByCitizenId?.records.map(({ source, key }) => [source, key]) ?? []);
    };
    expect(Object.values(await keysFor(OPERATOR)).every((key) => key === null)).toBe(true);
    expect(Object.values(await keysFor(SUPERVISOR)).every((key) => key !== null)).toBe(true);
    const court = await keysFor(handlerOf('court', { purpose: 'litigation' }));
    expect(court['COURTS']).not.toBeNull();
    expect(court['PETITIONS']).toBeNull();
    expect(await keysFor(AUDITOR)).toEqual({});
  });
});

describe('Every look is written down before it is answered:', () => {
  const NAMES = `query ($number: String!) {
    personByCitizenId(number: $number) {
      id
      courtCases { nodes { parties { name person { id name } } } }
      disputes { nodes { parties { name person { id } } records { source } } }
      timeline { nodes { kind } }
    }
    persons(filter: { name: "王" }, first: 30) { nodes { id } }
  }`;

  /** Ids of all persons that an answer holds. */
  const personsIn = (value: unknown): string[] => {
    if (typeof value === 'string') return value.startsWith('per_') ? [value] : [];
    return typeof value === 'object' && value !== null ? Object.values(value).flatMap(personsIn) : [];
  };

  /** Of whom an answer's lines are: the person, or where nobody is resolved, what names somebody. */
  const subjectsOf = (requestId: string): Promise<{ subject: string }[]> =>
    installation.db.query(
      `select distinct coalesce(person_id, record_id, dispute_id, referral_id) as subject from disclosure where request_id = $1`,
      [requestId],
    );

  test('each person of an answer, found, named as a party or listed, has a line with who, what for and which parts', async () => {
    const { data, requestId, errors } = await installation.ask(OPERATOR, NAMES, { number: STAR_PERSON.citizenId });
    expect(errors).toEqual([]);
    const answered = new Set(personsIn(data));
    expect(answered.size).toBeGreaterThan(30);
    const lines = await installation.db.query<{ personId: string; subject: string; purpose: string; groups: string[] }>(
      `select person_id as "personId", subject, purpose, field_groups as groups from disclosure where request_id = $1`,
      [requestId],
    );
    const written = new Set(lines.map(({ personId }) => personId));
    expect([...answered].filter((id) => !written.has(id))).toEqual([]);
    // And nobody who was not shown.
    expect([...written].filter((id) => id !== null && !answered.has(id))).toEqual([]);
    const entries = await installation.db.query<{ about: string[] }>(
      `select about from audit_trail where kind = 'person.disclosed' and body->>'request' = $1`,
      [requestId],
    );
    expect(new Set(entries.flatMap(({ about }) => about.filter((id) => id !== requestId)))).toEqual(
      new Set((await subjectsOf(requestId)).map(({ subject }) => subject)),
    );
    for (const { subject, purpose, groups } of lines) {
      expect({ subject, purpose }).toEqual({ subject: 'operator', purpose: 'mediation' });
      expect(groups.length).toBeGreaterThan(0);
    }
  });

  /** As PostgreSQL itself refuses a user who may not; the embedded one's may everything. */
  async function whileDenied(table: 'disclosure' | 'audit_entry', run: () => Promise<void>): Promise<void> {
    await installation.db.query(`
      create function deny() returns trigger language plpgsql as $$ begin
        raise insufficient_privilege using message = 'permission denied for table ${table}'; end $$;
      create trigger deny before insert on ${table} for each statement execute function deny()`);
    try {
      await run();
    } finally {
      await installation.db.query(`drop trigger deny on ${table}; drop function deny()`);
    }
  }
  const OPEN = `mutation ($input: OpenDisputeInput!, $key: String!) {
    openDispute(input: $input, idempotencyKey: $key) { dispute { id parties { name } } replayed } }`;
  const place = async (): Promise<string> =>
    (await installation.ask<{ organisation: { id: string } }>(OPERATOR, '{ organisation(code: "t02") { id } }')).data
      .organisation.id;
  const matter = async () => ({
    ...{ title: '楼上漏水', description: '三楼漏水', category: 'NEIGHBOUR', channel: 'WALK_IN', place: await place() },
    parties: [{ name: `诸葛测试`, role: 'APPLICANT', phone: `159${String(Date.now()).slice(-8)}` }],
  });

  test.each(['disclosure', 'audit_entry'] as const)(
    'while %s cannot be written people are not shown, from a department’s cache neither; the message says why, and it recovers by itself',
    async (table) => {
      await looksAt(OPERATOR, STAR_PERSON.citizenId);
      const courts = installation.department('courts');
      await courts.behave({ mode: 'refuse' });
      try {
        await whileDenied(table, async () => {
          const answer = await installation.ask(OPERATOR, UNIFIED_VIEW, { number: STAR_PERSON.citizenId });
          expect(answer.data).toBeNull();
          expect(answer.errors).toMatchObject([
            {
              message: expect.stringContaining('could not be written down') as string,
              extensions: { code: 'INTERNAL' },
            },
          ]);
          expect(answer.text).not.toContain(STAR_PERSON.name);
          // Who asks for nobody is answered as ever.
          expect((await installation.ask(OPERATOR, '{ me { subject } }')).errors).toEqual([]);
        });
        const cached = await looksAt(OPERATOR, STAR_PERSON.citizenId);
        expect(cached?.name).toBe(STAR_PERSON.name);
        expect(cached?.courtCases?.freshness.status).toBe('STALE');
      } finally {
        await courts.behave({ mode: 'heal' });
        await until('the courts answer again', async () => {
          const { status } = (await looksAt(OPERATOR, STAR_PERSON.citizenId))?.courtCases?.freshness ?? {};
          return status === 'LIVE';
        });
      }
    },
  );

  test('while the audit log cannot be written nothing is done, the message says why, and afterwards the same is done once', async () => {
    const [input, key] = [await matter(), randomUUID()];
    const stored = async (): Promise<number> =>
      (await installation.db.one<{ n: number }>('select count(*) as n from dispute', [])).n;
    const before = await stored();
    await whileDenied('audit_entry', async () => {
      const { data, errors } = await installation.ask(OPERATOR, OPEN, { input, key });
      expect(data).toBeNull();
      expect(errors[0]?.message).toContain('does not let this program write to audit_entry, so nothing was done');
      expect(await stored()).toBe(before);
    });
    const { data } = await installation.ask<{ openDispute: { replayed: boolean } }>(OPERATOR, OPEN, { input, key });
    expect(data.openDispute.replayed).toBe(false);
    expect(await stored()).toBe(before + 1);
  });

  test('an act whose answer would show somebody says that it was done, and shows it when it is sent again', async () => {
    const [input, key] = [await matter(), randomUUID()];
    await whileDenied('disclosure', async () => {
      const { data, errors, text } = await installation.ask(OPERATOR, OPEN, { input, key });
      expect(data).toBeNull();
      expect(errors[0]?.message).toContain('What you did is stored');
      expect(text).not.toContain('诸葛测试');
    });
    const { data } = await installation.ask<{ openDispute: { replayed: boolean } }>(OPERATOR, OPEN, { input, key });
    expect(data.openDispute).toMatchObject({ replayed: true, dispute: { parties: [{ name: '诸葛测试' }] } });
  });

  test('a number that nobody is found by is written down by its keyed hash', async () => {
    const number = citizenId(24_999);
    const known = citizenIdHash(installation.keyring, number);
    const { data, requestId } = await installation.ask<UnifiedView>(OPERATOR, UNIFIED_VIEW, { number });
    expect(data.personByCitizenId).toBeNull();
    const entries = await installation.db.query<{ about: string[] }>(
      `select kind, about, actor_subject as actor, body::text as body from audit_trail where body->>'request' = $1`,
      [requestId],
    );
    expect(entries).toMatchObject([{ kind: 'person.looked-up', actor: 'operator' }]);
    expect(entries[0]?.about).toContain(known?.toString('hex'));
    expect(JSON.stringify(entries)).not.toContain(number);
  });
});

describe('A person’s list of who was shown what of them', () => {
  const LIST = `query ($person: ID!, $first: Int, $after: String) { disclosures(person: $person, first: $first, after: $after) {
    nodes { at organisation { code } purpose fieldGroups link told subject reason record dispute }
    pageInfo { hasNextPage endCursor } totalCount } }`;
  interface List {
    readonly disclosures: {
      readonly nodes: readonly { readonly at: string; readonly told: boolean; readonly subject: string | null }[];
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
    };
  }
  const ask = async (who: Asker, variables: object): Promise<List['disclosures']> => {
    const { data, errors } = await installation.ask<List>(who, LIST, variables);
    expect(errors).toEqual([]);
    return data.disclosures;
  };
  const star = async (): Promise<string> => (await looksAt(OPERATOR, STAR_PERSON.citizenId))?.id ?? '';
  const supervisor: Asker = { ...SUPERVISOR, purpose: 'supervision', reason: '本人申请查阅' };

  test('is whole for auditors, newest first and page by page; the supervisor sees what may be told; nobody else anything', async () => {
    const person = await star();
    const whole = await ask(AUDITOR, { person, first: 100 });
    expect(whole.nodes.length).toBeGreaterThan(3);
    expect(whole.nodes[0]?.subject).toBe('operator');
    expect(whole.nodes.map(({ at }) => at)).toEqual(
      whole.nodes
        .map(({ at }) => at)
        .sort()
        .reverse(),
    );
    const first = await ask(AUDITOR, { person, first: 2 });
    expect(first.pageInfo.hasNextPage).toBe(true);
    const next = await ask(AUDITOR, { person, first: 2, after: first.pageInfo.endCursor });
    expect([...first.nodes, ...next.nodes]).toEqual(whole.nodes.slice(0, 4));

    const told = await ask(supervisor, { person, first: 100 });
    expect(told.nodes.length).toBeGreaterThan(0);
    for (const node of told.nodes)
      expect(node).toMatchObject({ told: true, subject: null, reason: null, record: null });
    for (const who of [OPERATOR, handlerOf('court', { purpose: 'litigation' })])
      expect((await ask(who, { person })).nodes).toEqual([]);
    const analyst = await installation.ask({ ...OPERATOR, roles: ['analyst'] }, LIST, { person });
    expect(analyst.errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'x-purpose' });
    expect((await ask(AUDITOR, { person: 'per_none' })).nodes).toEqual([]);
    expect((await ask(supervisor, { person: 'per_none' })).nodes).toEqual([]);
  });

  test('is looked at by nobody without an entry', async () => {
    const person = await star();
    const { requestId } = await installation.ask(AUDITOR, LIST, { person });
    const { requestId: refused } = await installation.ask(OPERATOR, LIST, { person });
    const of = (id: string) =>
      installation.db.query(
        `select $2 = any(about) as found, actor_subject as actor, body->'whole' as whole from audit_trail
         where kind = 'disclosures.read' and body->>'request' = $1`,
        [id, person],
      );
    expect(await of(requestId)).toEqual([{ found: true, actor: 'auditor', whole: true }]);
    expect(await of(refused)).toEqual([]);
  });

  test('is exported for the person, without the officials’ names, and the export is written down', async () => {
    const person = await star();
    const { code, stdout } = await maplebridge(['disclosures', person], { MAPLEBRIDGE_DATA: installation.dataFolder });
    expect(code).toBe(0);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const told = await ask(supervisor, { person, first: 100 });
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines)
      expect(Object.keys(line)).toEqual(['at', 'fieldGroups', 'link', 'organisation', 'purpose']);
    expect(lines[0]?.['at']).toBe(told.nodes.find(({ at }) => at <= String(lines[0]?.['at']))?.at);
    expect(stdout).not.toContain('operator');
    expect(
      await installation.db.query(`select from audit_trail where kind = 'disclosures.exported' and $1 = any(about)`, [
        person,
      ]),
    ).toHaveLength(1);
    const nobody = await maplebridge(['disclosures', 'per_none'], { MAPLEBRIDGE_DATA: installation.dataFolder });
    expect(nobody).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no such person') as string });
  });
});
