/** Acts at the desk: each once, with its version and its audit entry, or not at all. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { recordId } from '../../core/people/index-row.ts';
import { openInstallation, type Answer, type Asker, type Installation } from '../kit/installation.ts';
import { AUDITOR, handlerOf, isPlain, knownPeople, OPERATOR, SUPERVISOR, type KnownPerson } from './county.ts';

const DISPUTE = 'id number version title stage category channels urgency parties { name role } records { source kind }';
const OPEN = `mutation ($input: OpenDisputeInput!, $key: String!) {
  openDispute(input: $input, idempotencyKey: $key) { dispute { ${DISPUTE} } duplicates { id number } replayed }
}`;
const ADD_PARTY = `mutation ($dispute: ID!, $version: Int!, $party: PartyInput!, $key: String!) {
  addParty(dispute: $dispute, expectedVersion: $version, party: $party, idempotencyKey: $key) { dispute { ${DISPUTE} } replayed }
}`;
const change = (act: 'linkRecord' | 'unlinkRecord'): string => `mutation ($input: LinkRecordInput!, $key: String!) {
  act: ${act}(input: $input, idempotencyKey: $key) { dispute { ${DISPUTE} } replayed }
}`;
const LINK = change('linkRecord');
const UNLINK = change('unlinkRecord');

interface Dispute {
  readonly id: string;
  readonly number: string;
  readonly version: number;
  readonly parties: readonly { readonly name: string; readonly role: string }[];
  readonly records: readonly { readonly source: string; readonly kind: string }[];
}
interface Opened {
  readonly openDispute: {
    readonly dispute: Dispute | null;
    readonly duplicates: readonly { readonly id: string }[];
    readonly replayed: boolean;
  };
}
interface Added {
  readonly addParty: { readonly dispute: Dispute; readonly replayed: boolean };
}
interface Linked {
  readonly act: { readonly dispute: Dispute; readonly replayed: boolean };
}

let installation: Installation;
let people: readonly KnownPerson[];
let place: string;
/** Nobody in the county: every test has parties of its own, so that no dispute is a duplicate of another's. */
let telephone = 15_900_000_000;

beforeAll(async () => {
  const { dataFolder, url } = inject('installation');
  installation = await openInstallation(dataFolder, url);
  people = await knownPeople(installation.countyFolder);
  const { data } = await installation.ask<{ organisation: { id: string } }>(
    OPERATOR,
    '{ organisation(code: "t02") { id } }',
  );
  place = data.organisation.id;
});
afterAll(() => installation.close());

const matter = (more: object = {}): Record<string, unknown> => ({
  title: '楼上漏水，要求赔偿',
  description: '三楼漏水，二楼天花板受损。',
  category: 'NEIGHBOUR',
  channel: 'WALK_IN',
  place,
  parties: [
    { name: '欧阳测试', role: 'APPLICANT', phone: String((telephone += 1)) },
    { name: '司徒测试', role: 'RESPONDENT' },
  ],
  ...more,
});
const open = (input: object, key: string = randomUUID(), who: Asker = OPERATOR): Promise<Answer<Opened>> =>
  installation.ask<Opened>(who, OPEN, { input, key });

async function opened(input: object = matter(), who: Asker = OPERATOR): Promise<Dispute> {
  const { data, errors } = await open(input, undefined, who);
  expect(errors).toEqual([]);
  const { dispute } = data.openDispute;
  if (dispute === null) throw new Error('it was taken for a duplicate');
  return dispute;
}

const faultOf = ({ errors }: Answer): unknown => errors[0]?.extensions;
const auditOf = (subject: string): Promise<{ kind: string; actor: string; body: Record<string, unknown> }[]> =>
  installation.db.query(
    `select kind, actor_subject as actor, body from audit_trail where subject = $1 and kind <> 'person.disclosed' order by id`,
    [subject],
  );
const total = async (table: 'dispute' | 'record' | 'mention' | 'audit_trail' | 'idempotency'): Promise<number> =>
  (await installation.db.one<{ count: number }>(`select count(*) from ${table}`)).count;

describe('Opening a dispute (登记受理)', () => {
  test('gives it a number and version 1, its parties and the desk’s record, and one audit entry', async () => {
    const dispute = await opened();
    expect(dispute).toMatchObject({
      version: 1,
      stage: 'OPEN',
      urgency: 'ROUTINE',
      channels: ['WALK_IN'],
      title: '楼上漏水，要求赔偿',
      records: [{ source: 'CENTRE', kind: 'INTAKE' }],
    });
    expect(dispute.number).toMatch(/^D\d{4}-\d{6}$/);
    expect(dispute.parties).toEqual([
      { name: '欧阳测试', role: 'APPLICANT' },
      { name: '司徒测试', role: 'RESPONDENT' },
    ]);
    const entries = await auditOf(dispute.id);
    expect(entries).toMatchObject([
      { kind: 'dispute.opened', actor: 'operator', body: { version: 1, category: 'NEIGHBOUR', purpose: 'mediation' } },
    ]);
    // Entries name rows, never people.
    expect(JSON.stringify(entries)).not.toContain('欧阳');
  });

  test('again with the same key and input returns the first success; with other input the key is refused', async () => {
    const input = matter();
    const key = randomUUID();
    const first = await open(input, key);
    const before = await total('dispute');
    const again = await open(Object.fromEntries(Object.entries(input).reverse()), key);
    expect(again.data.openDispute.replayed).toBe(true);
    expect(again.data.openDispute.dispute).toEqual(first.data.openDispute.dispute);
    const other = await open({ ...input, title: '另一件事' }, key);
    expect(other.data).toBeNull();
    expect(faultOf(other)).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
    expect(await total('dispute')).toBe(before);
  });

  test('with another act’s key is refused, and another caller’s equal key is another act', async () => {
    const key = randomUUID();
    const first = (await open(matter(), key)).data.openDispute.dispute;
    const reused = await installation.ask(OPERATOR, ADD_PARTY, {
      dispute: first?.id,
      version: 1,
      party: { name: '甲', role: 'THIRD_PARTY' },
      key,
    });
    expect(faultOf(reused)).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
    const colleague = await open(matter(), key, { ...OPERATOR, subject: 'colleague' });
    expect(colleague.data.openDispute.replayed).toBe(false);
    expect(colleague.data.openDispute.dispute?.id).not.toBe(first?.id);
    const elsewhere = await open(matter(), key, handlerOf('petitions', { subject: 'operator', purpose: 'petition' }));
    expect(elsewhere.data.openDispute.replayed).toBe(false);
  });

  test('twice, and ten times, at once with one key is one act', async () => {
    const input = matter();
    const key = randomUUID();
    const before = await total('dispute');
    const answers = await Promise.all(Array.from({ length: 10 }, () => open(input, key)));
    const ids = new Set(answers.map(({ data }) => data.openDispute.dispute?.id));
    expect(ids.size).toBe(1);
    expect(answers.filter(({ data }) => !data.openDispute.replayed)).toHaveLength(1);
    expect(await total('dispute')).toBe(before + 1);
    expect(await auditOf([...ids][0] ?? '')).toHaveLength(1);
  });

  test('that is most likely there already gives back the one that is, unless it is meant', async () => {
    const input = matter();
    const first = await opened(input);
    const again = await open(input);
    expect(again.data.openDispute).toMatchObject({ dispute: null, duplicates: [{ id: first.id }], replayed: false });
    const meant = await open({ ...input, allowDuplicate: true });
    expect(meant.data.openDispute.duplicates).toEqual([]);
    expect(meant.data.openDispute.dispute?.id).not.toBe(first.id);
  });

  test('a duplicate that the caller may not see is not mentioned', async () => {
    const input = matter();
    const first = await opened(input);
    const union = handlerOf('trade-union', { purpose: 'assistance' });
    const answer = await open(input, undefined, union);
    expect(answer.errors).toEqual([]);
    expect(answer.text).not.toContain(first.id);
    expect(answer.data.openDispute.duplicates).toEqual([]);
    expect(answer.data.openDispute.dispute?.id).not.toBe(first.id);
  });

  test('with a mistake names the field, uses up no key and writes nothing', async () => {
    const key = randomUUID();
    const before = [
      await total('dispute'),
      await total('record'),
      await total('audit_trail'),
      await total('idempotency'),
    ];
    const mistakes: readonly (readonly [string, object])[] = [
      ['input.title', { title: ' ' }],
      ['input.parties', { parties: [] }],
      ['input.parties.0.name', { parties: [{ name: ' ', role: 'APPLICANT' }] }],
      ['input.parties.0.citizenId', { parties: [{ name: '甲', role: 'APPLICANT', citizenId: '990102197103150027' }] }],
      ['input.parties.0.phone', { parties: [{ name: '甲', role: 'APPLICANT', phone: '12' }] }],
      ['input.place', { place: 'org_nowhere' }],
      ['input.occurredAt', { occurredAt: '2999-01-01T00:00:00+08:00' }],
      ['input.accused', { petitionPurpose: 'ACCUSATION' }],
      ['input.accused', { accused: [place] }],
    ];
    for (const [field, mistake] of mistakes) {
      const answer = await open(matter(mistake), key);
      expect(faultOf(answer), field).toMatchObject({ code: 'BAD_USER_INPUT', field });
      expect(answer.text).not.toContain('990102197103150027');
    }
    expect([
      await total('dispute'),
      await total('record'),
      await total('audit_trail'),
      await total('idempotency'),
    ]).toEqual(before);
    expect((await open(matter(), key)).data.openDispute.replayed).toBe(false);
  });

  test('is not for those who only look', async () => {
    expect(faultOf(await open(matter(), undefined, AUDITOR))).toMatchObject({ code: 'FORBIDDEN' });
    // The answer would name its parties: nothing that an analyst could be shown, whatever for.
    const analyst = { org: 'centre', roles: ['analyst'] as const, subject: 'analyst' };
    expect(faultOf(await open(matter(), undefined, analyst))).toMatchObject({
      code: 'BAD_USER_INPUT',
      field: 'x-purpose',
    });
  });

  test('an accusation against one’s own organisation, or one above, is not taken there, and the attempt is written down', async () => {
    const { data } = await installation.ask<Record<'own' | 'above', { readonly id: string }>>(
      OPERATOR,
      '{ own: organisation(code: "station-t02") { id } above: organisation(code: "police") { id } }',
    );
    for (const accused of [data.own.id, data.above.id]) {
      const before = await auditOf(data.own.id);
      const answer = await open(
        matter({ petitionPurpose: 'ACCUSATION', accused: [accused] }),
        undefined,
        handlerOf('station-t02', { purpose: 'policing' }),
      );
      expect(faultOf(answer)).toMatchObject({ code: 'ROUTING_FORBIDDEN' });
      const after = await auditOf(data.own.id);
      expect(after).toHaveLength(before.length + 1);
      expect(after.at(-1)).toMatchObject({ kind: 'routing.refused' });
    }
  });
});

describe('Adding a party', () => {
  const addParty = (
    dispute: string,
    version: number,
    name: string,
    key: string = randomUUID(),
    who: Asker = OPERATOR,
  ) => installation.ask<Added>(who, ADD_PARTY, { dispute, version, party: { name, role: 'THIRD_PARTY' }, key });

  test('raises the version; a stale one is a conflict that says which is current', async () => {
    const { id } = await opened();
    const added = await addParty(id, 1, '上官测试');
    expect(added.data.addParty.dispute).toMatchObject({ version: 2 });
    expect(added.data.addParty.dispute.parties).toContainEqual({ name: '上官测试', role: 'THIRD_PARTY' });
    const stale = await addParty(id, 1, '皇甫测试');
    expect(faultOf(stale)).toMatchObject({ code: 'CONFLICT', currentVersion: 2 });
    expect((await auditOf(id)).map(({ kind }) => kind)).toEqual(['dispute.opened', 'dispute.party_added']);
  });

  test('again with its key is the first success, although the version has moved on', async () => {
    const { id } = await opened();
    const key = randomUUID();
    await addParty(id, 1, '上官测试', key);
    await addParty(id, 2, '皇甫测试');
    const again = await addParty(id, 1, '上官测试', key);
    expect(again.data.addParty).toMatchObject({ replayed: true, dispute: { version: 3 } });
    expect(again.data.addParty.dispute.parties.filter(({ name }) => name === '上官测试')).toHaveLength(1);
  });

  test('two at once on one version: one is done, the other told of the conflict', async () => {
    const { id } = await opened();
    const answers = await Promise.all([addParty(id, 1, '上官测试'), addParty(id, 1, '皇甫测试')]);
    expect(answers.filter(({ errors }) => errors.length === 0)).toHaveLength(1);
    expect(answers.map(faultOf).filter(Boolean)).toMatchObject([{ code: 'CONFLICT', currentVersion: 2 }]);
  });

  test('to a dispute that is not there, or not the caller’s to see, is NOT_FOUND alike', async () => {
    const { id } = await opened();
    const union = handlerOf('trade-union', { purpose: 'assistance' });
    const hidden = await addParty(id, 1, '上官测试', undefined, union);
    const absent = await addParty('dsp_00000000000000000000000000', 1, '上官测试', undefined, union);
    expect(faultOf(hidden)).toMatchObject({ code: 'NOT_FOUND' });
    expect(hidden.errors).toEqual(absent.errors);
  });
});

describe('Linking a department’s record', () => {
  const link = (act: string, dispute: Dispute, record: object, key: string = randomUUID(), who: Asker = SUPERVISOR) =>
    installation.ask<Linked>(who, act, {
      input: { dispute: dispute.id, expectedVersion: dispute.version, record, reason: '当事人说明是同一件事' },
      key,
    });
  const records = (): { readonly source: string; readonly key: string }[] =>
    people
      .flatMap((person) => person.records)
      .filter((record) => record.source === 'COURTS' && isPlain(record) && record.row.category !== null)
      .map(({ source, row }) => ({ source, key: row.key }));
  let next = 0;
  /** A court case that tells of a dispute of its own and nothing else. */
  async function lonelyCase(): Promise<{ readonly source: string; readonly key: string }> {
    for (const record of records().slice(next)) {
      next += 1;
      const { count } = await installation.db.one<{ count: number }>(
        `select count(*) from dispute_record mine join dispute_record l on l.dispute_id = mine.dispute_id and l.unlinked_at is null
          where mine.record_id = $1 and mine.unlinked_at is null`,
        [recordId(installation.keyring, record.source, record.key)],
      );
      if (count === 1) return record;
    }
    throw new Error('every court case tells of a dispute with others');
  }

  test('and taking it out again: versions, audit entries, and a history that keeps both', async () => {
    const dispute = await opened();
    const record = await lonelyCase();
    const linked = await link(LINK, dispute, record);
    expect(linked.errors).toEqual([]);
    expect(linked.data.act).toMatchObject({ replayed: false, dispute: { id: dispute.id, version: 2 } });
    expect(linked.data.act.dispute.records.map(({ source }) => source).sort()).toEqual(['CENTRE', 'COURTS']);

    const unlinked = await link(UNLINK, linked.data.act.dispute, record);
    expect(unlinked.errors).toEqual([]);
    expect(unlinked.data.act.dispute).toMatchObject({ version: 3, records: [{ source: 'CENTRE' }] });
    expect((await auditOf(dispute.id)).map(({ kind }) => kind)).toEqual([
      'dispute.opened',
      'record.linked',
      'record.unlinked',
    ]);
    expect(
      await installation.db.query(
        `select unlinked_by as "unlinkedBy", unlink_reason as reason, unlink_reason_cipher is not null as sealed
         from dispute_record where dispute_id = $1 and unlinked_at is not null`,
        [dispute.id],
      ),
    ).toEqual([{ unlinkedBy: 'supervisor', reason: 'DESK', sealed: true }]);
  });

  test('again with its key is the first success; twice with another key is a mistake', async () => {
    const dispute = await opened();
    const record = await lonelyCase();
    const key = randomUUID();
    const first = await link(LINK, dispute, record, key);
    const again = await link(LINK, dispute, record, key);
    expect(again.data.act).toEqual({ ...first.data.act, replayed: true });
    const twice = await link(LINK, first.data.act.dispute, record);
    expect(faultOf(twice)).toMatchObject({ code: 'BAD_USER_INPUT', field: 'input.record' });
    const stale = await link(UNLINK, dispute, record);
    expect(faultOf(stale)).toMatchObject({ code: 'CONFLICT', currentVersion: 2 });
  });

  test('a record that is not there, or not the caller’s to read, is NOT_FOUND alike', async () => {
    const dispute = await opened();
    const sealed = people
      .flatMap((person) => person.records)
      .find(({ source, row }) => source === 'COURTS' && row.sealed);
    if (sealed === undefined) throw new Error('the county has no sealed case');
    const hidden = await link(LINK, dispute, { source: 'COURTS', key: sealed.row.key });
    const absent = await link(LINK, dispute, { source: 'COURTS', key: '99999999' });
    expect(faultOf(hidden)).toMatchObject({ code: 'NOT_FOUND', field: 'input.record' });
    expect(hidden.errors).toEqual(absent.errors);
  });

  test('is not for those who only look', async () => {
    const dispute = await opened();
    expect(faultOf(await link(LINK, dispute, await lonelyCase(), undefined, AUDITOR))).toMatchObject({
      code: 'FORBIDDEN',
    });
  });
});

describe('The audit entry', () => {
  test('that cannot be written undoes the act, and the key can be used again', async () => {
    const input = matter();
    const key = randomUUID();
    const before = [await total('dispute'), await total('record'), await total('mention'), await total('idempotency')];
    await installation.db.query(`
      create function refuse_audit() returns trigger language plpgsql as $$ begin raise exception 'no space left'; end $$;
      create trigger refuse before insert on audit_entry for each statement execute function refuse_audit()`);
    try {
      const answer = await open(input, key);
      expect(answer.data).toBeNull();
      expect(faultOf(answer)).toMatchObject({ code: 'INTERNAL' });
    } finally {
      await installation.db.query('drop trigger refuse on audit_entry; drop function refuse_audit()');
    }
    expect([await total('dispute'), await total('record'), await total('mention'), await total('idempotency')]).toEqual(
      before,
    );
    const again = await open(input, key);
    expect(again.errors).toEqual([]);
    expect(again.data.openDispute.replayed).toBe(false);
    expect(await auditOf(again.data.openDispute.dispute?.id ?? '')).toHaveLength(1);
  });
});
