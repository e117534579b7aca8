/** Whose data are shown how, and that every look is written down before it is answered. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { STAR_PERSON } from '../../demo/county/star.ts';
import { openInstallation, type Asker, type Installation } from '../kit/installation.ts';
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
    expect(
      await installation.db.query(
        'select subject, purpose, reason, link from disclosure where request_id = $1 and person_id = $2',
        [answer.requestId, answer.data.personByCitizenId?.id],
      ),
    ).toEqual([{ subject: 'supervisor', purpose: 'supervision', reason: who.reason, link: 'SUPERVISION' }]);
    expect(
      await installation.db.query(
        `select actor_subject as actor, body->>'reason' as reason from audit_entry
         where kind = 'access.broken-glass' and subject = $1 and body->>'request' = $2`,
        [answer.data.personByCitizenId?.id, answer.requestId],
      ),
    ).toEqual([{ actor: 'supervisor', reason: who.reason }]);
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
    for (const { subject, purpose, groups } of lines) {
      expect({ subject, purpose }).toEqual({ subject: 'operator', purpose: 'mediation' });
      expect(groups.length).toBeGreaterThan(0);
    }
  });

  test('what cannot be written down is not shown, and it recovers by itself', async () => {
    await installation.db.query(`
      create function refuse_disclosure() returns trigger language plpgsql as $$ begin raise exception 'no space left'; end $$;
      create trigger refuse before insert on disclosure for each statement execute function refuse_disclosure()`);
    try {
      const answer = await installation.ask(OPERATOR, UNIFIED_VIEW, { number: STAR_PERSON.citizenId });
      expect(answer.data).toBeNull();
      expect(answer.errors).toMatchObject([{ extensions: { code: 'INTERNAL' } }]);
      expect(answer.text).not.toContain(STAR_PERSON.name);
      // Who asks for nobody is answered as ever.
      expect((await installation.ask(OPERATOR, '{ me { subject } }')).errors).toEqual([]);
    } finally {
      await installation.db.query('drop trigger refuse on disclosure; drop function refuse_disclosure()');
    }
    expect((await looksAt(OPERATOR, STAR_PERSON.citizenId))?.name).toBe(STAR_PERSON.name);
  });
});
