/** What might be one dispute is shown to whoever decides on it and sees both sides of it; to everybody else it is not there. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { storeAgreements } from '../../core/access/agreement.ts';
import type { Caller } from '../../core/access/caller.ts';
import { citizenId, participant, record } from '../kit/paper-department.ts';
import { openOffice, referredBy, type Answer, type Office } from './office.ts';

const [WANG, HE] = [citizenId(1), citizenId(2)];
let office: Office;
let centre: Caller;
beforeEach(async () => {
  office = await openOffice();
  centre = await office.who('centre', 'centre.operator');
});
afterEach(() => office.drop());

const wang = (role: string) => participant('1', { role, name: '王小明', citizenId: WANG });
type Fields = Parameters<typeof record>[2];
const day = (count: number): string => new Date(Date.parse('2026-03-01T02:00:00Z') + count * 86_400_000).toISOString();

const petition = (more: Fields & { readonly purpose?: string } = {}): void =>
  office.petitions.put({
    ...record('PETITIONS', 'x1', {
      ...{ kind: 'PETITION', office: 'street-petitions', category: 'NEIGHBOUR', place: 'place', at: day(0) },
      participants: [wang('petitioner')],
      ...more,
    }),
    ...{ form: 'VISIT', purpose: more.purpose ?? 'APPEAL', collective: false },
  });
const filed = (more: Fields = {}): void =>
  office.courts.put(
    record('COURTS', 'c1', {
      ...{ kind: 'COURT_CASE', office: 'court', category: 'NEIGHBOUR', place: 'place', at: day(9) },
      participants: [wang('plaintiff'), participant('2', { role: 'defendant', name: '何守田', citizenId: HE })],
      ...more,
    }),
  );
async function compared(): Promise<void> {
  for (const source of office.readIn.sources) await office.readIn.read(source);
  await office.comparing.compare();
}
const proposed = async (): Promise<string> => {
  petition();
  filed();
  await compared();
  return (await office.db.one<{ id: string }>('select id from dispute_link_proposal')).id;
};

const LIST = `query ($status: ProposalStatus, $first: Int, $after: String) {
  disputeLinkProposals(status: $status, first: $first, after: $after) {
    nodes { id status reasons reason proposedAt record { source kind matchedBy } dispute { id category records { source } }
      decidedBy { role system organisation { code } } }
    totalCount pageInfo { hasNextPage endCursor } } }`;
interface Listed {
  readonly disputeLinkProposals: {
    readonly nodes: readonly {
      readonly id: string;
      readonly dispute: { readonly id: string; readonly records: readonly object[] };
    }[];
    readonly totalCount: number;
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}
const list = async (who: Caller, status = 'OPEN', page: object = {}) =>
  (await office.must<Listed>(who, LIST, { status, ...page })).disputeLinkProposals;
const count = async (who: Caller): Promise<[number, number]> => {
  const { nodes, totalCount } = await list(who);
  return [nodes.length, totalCount];
};

const DECIDE = `mutation ($id: ID!, $accept: Boolean!, $reason: String!, $key: String!) {
  decideDisputeLink(id: $id, accept: $accept, reason: $reason, idempotencyKey: $key) {
    dispute { id version records { source matchedBy } } replayed } }`;
interface Decided {
  readonly decideDisputeLink: {
    readonly dispute: { readonly id: string; readonly records: readonly object[] };
    readonly replayed: boolean;
  };
}
const decide = (who: Caller, id: string, accept: boolean, key: string = randomUUID()): Promise<Answer<Decided>> =>
  office.ask<Decided>(who, DECIDE, { id, accept, reason: '同一事项。', key });
const codeOf = ({ errors }: Answer<unknown>): unknown => errors[0]?.code;

describe('A proposal', () => {
  test('is told to the centre with its reasons, and to nobody who does not decide, or sees one side only', async () => {
    await proposed();
    const { nodes, totalCount } = await list(centre);
    expect(totalCount).toBe(1);
    expect(nodes).toMatchObject([
      {
        ...{ status: 'OPEN', reason: null, decidedBy: null },
        record: { source: 'COURTS', kind: 'COURT_CASE', matchedBy: 'SINGLE' },
        dispute: { category: 'NEIGHBOUR', records: [{ source: 'PETITIONS' }] },
      },
    ]);
    expect(JSON.stringify(nodes)).toContain('PARTIES_ONE_SIDE: the same person claims');
    expect(await count(await office.who('centre', 'centre.supervisor'))).toEqual([1, 1]);
    for (const [code, role] of [
      ['centre', 'auditor'],
      ['centre', 'department.handler'],
      ['court', 'department.head'],
      // By its role it decides, and it sees one of the two.
      ['court', 'centre.operator'],
      ['street-petitions', 'centre.supervisor'],
      ['street-centre', 'centre.operator'],
    ] as const)
      expect(await count(await office.who(code, role))).toEqual([0, 0]);
    const purpose = await office.ask(await office.who('centre', 'centre.operator', { purpose: null }), LIST);
    expect(purpose.errors[0]?.details).toMatchObject({ field: 'x-purpose' });
  });

  test('with an accusation is not told to the accused, nor counted for them, and is not made with what they hold', async () => {
    petition({ accused: ['centre'], purpose: 'ACCUSATION' });
    filed();
    await compared();
    expect(await office.db.query('select from dispute_link_proposal')).toHaveLength(1);
    expect(await count(centre)).toEqual([0, 0]);
    petition({ accused: ['court'], purpose: 'ACCUSATION' });
    await compared();
    expect(await office.db.query('select from dispute_link_proposal')).toHaveLength(0);
  });

  test('is there only as long as both departments’ records are shared on a basis', async () => {
    await proposed();
    await storeAgreements(
      office.db,
      [{ source: 'COURTS', purposes: ['mediation'], fieldGroups: ['contents'], expires: '2099-12-31' }],
      office.clock.wall(),
    );
    expect(await count(centre)).toEqual([0, 0]);
  });

  test('goes with its record: sealed since, or become a matter of violence, it is not there at once', async () => {
    await proposed();
    await office.db.query(`update record set sealed = true where source = 'COURTS'`);
    expect(await count(centre)).toEqual([0, 0]);
    await office.db.query('update record set sealed = false');
    expect(await count(centre)).toEqual([1, 1]);
    await office.db.query(`update dispute set category = 'DOMESTIC_VIOLENCE'`);
    expect(await count(centre)).toEqual([0, 0]);
  });

  test('is listed a page at a time, newest first, and a cursor of one status is none of another', async () => {
    await proposed();
    office.clock.advance(1_000);
    filed({ key: 'c2', number: 'COURTS-c2', at: day(20) });
    office.courts.put(
      record('COURTS', 'c2', {
        ...{ kind: 'COURT_CASE', office: 'court', category: 'NEIGHBOUR', place: 'place', at: day(20) },
        participants: [wang('plaintiff')],
      }),
    );
    await compared();
    const first = await list(centre, 'OPEN', { first: 1 });
    expect(first).toMatchObject({ totalCount: 2, pageInfo: { hasNextPage: true } });
    const after = first.pageInfo.endCursor;
    const second = await list(centre, 'OPEN', { first: 1, after });
    expect(second.pageInfo.hasNextPage).toBe(false);
    expect(second.nodes[0]?.id).not.toBe(first.nodes[0]?.id);
    expect(codeOf(await office.ask(centre, LIST, { status: 'REJECTED', after }))).toBe('BAD_USER_INPUT');
  });
});

describe('Deciding', () => {
  test('accepted, the two are one, with who and why; the same key says it again, and another finds it decided', async () => {
    const id = await proposed();
    const [key, other] = [randomUUID(), randomUUID()];
    const { data } = await decide(centre, id, true, key);
    expect(data.decideDisputeLink).toMatchObject({
      dispute: { records: [{ source: 'COURTS' }, { source: 'PETITIONS' }] },
      replayed: false,
    });
    expect(await office.disputes()).toEqual(['COURTS/c1 PETITIONS/x1']);
    const again = await decide(centre, id, true, key);
    expect(again.data.decideDisputeLink).toMatchObject({
      dispute: { id: data.decideDisputeLink.dispute.id },
      replayed: true,
    });
    expect(codeOf(await decide(centre, id, false, other))).toBe('CONFLICT');
    expect((await list(centre, 'ACCEPTED')).nodes).toMatchObject([
      { reason: '同一事项。', decidedBy: { role: 'centre.operator', system: false, organisation: { code: 'centre' } } },
    ]);
    const entries = await office.db.query<{ kind: string; subject: string }>(
      `select kind, subject from audit_entry where kind = 'record.linked'`,
    );
    expect(entries).toEqual([{ kind: 'record.linked', subject: data.decideDisputeLink.dispute.id }]);
  });

  test('rejected, they stay two and are not proposed again', async () => {
    const id = await proposed();
    const { data } = await decide(centre, id, false);
    expect(data.decideDisputeLink.dispute.records).toEqual([{ source: 'PETITIONS', matchedBy: 'SINGLE' }]);
    filed({ at: day(10) });
    await compared();
    expect(await office.disputes()).toEqual(['COURTS/c1', 'PETITIONS/x1']);
    expect(await count(centre)).toEqual([0, 0]);
    expect((await list(centre, 'REJECTED')).nodes).toMatchObject([{ id, reason: '同一事项。' }]);
  });

  test('what is hidden is not there, at the same cost as what does not exist', async () => {
    const id = await proposed();
    for (const who of [await office.who('court', 'centre.operator'), await office.who('centre', 'department.head')]) {
      const hidden = await decide(who, id, true);
      const absent = await decide(who, 'dlp_0', true);
      expect(codeOf(hidden)).toBe('NOT_FOUND');
      expect({ ...hidden }).toEqual({ ...absent });
    }
    const court = await office.who('court', 'centre.operator');
    const listed = await office.ask(court, LIST);
    await office.db.query('delete from dispute_link_proposal');
    expect((await office.ask(court, LIST)).statements).toBe(listed.statements);
  });

  test('the one that is in hand takes the other in; two that are both in hand are not put together', async () => {
    const id = await proposed();
    const of = async (source: string): Promise<string> =>
      (
        await office.db.one<{ id: string }>(
          'select l.dispute_id as id from dispute_record l join record r on r.id = l.record_id where r.source = $1',
          [source],
        )
      ).id;
    const [petitioned, sued] = [await of('PETITIONS'), await of('COURTS')];
    await referredBy(office, centre, { dispute: sued, lead: 'org_court' });
    await referredBy(office, centre, { dispute: petitioned, lead: 'org_street' });
    expect(codeOf(await decide(centre, id, true))).toBe('CONFLICT');
    await office.db.query(
      `update referral set closed_at = now(), responsible_id = null, status = 'CLOSED' where dispute_id = $1`,
      [petitioned],
    );
    const { data } = await decide(centre, id, true);
    expect(data.decideDisputeLink.dispute.id).toBe(sued);
  });

  test('an accusation that those who hold the other side came to be accused by is not joined; the attempt is written down', async () => {
    const id = await proposed();
    await office.db.query(`update dispute set accused_ids = '{org_court}' where id in (
      select l.dispute_id from dispute_record l join record r on r.id = l.record_id where r.source = 'PETITIONS')`);
    expect(codeOf(await decide(centre, id, true))).toBe('ROUTING_FORBIDDEN');
    expect(await office.db.query(`select from audit_entry where kind = 'routing.refused'`)).toHaveLength(1);
  });
});

describe('At the desk', () => {
  const OPEN = `mutation ($input: OpenDisputeInput!, $key: String!) {
    openDispute(input: $input, idempotencyKey: $key) { dispute { id } duplicates { id } } }`;
  const open = (who: Caller, number: string, more: object = {}) =>
    office.ask<{ openDispute: { dispute: { id: string } | null; duplicates: object[] } }>(who, OPEN, {
      key: randomUUID(),
      input: {
        ...{ title: '漏水', description: '…', category: 'NEIGHBOUR', channel: 'WALK_IN', place: 'org_place' },
        parties: [{ name: '王小明', role: 'APPLICANT', citizenId: number }],
        ...more,
      },
    });
  const raised = () =>
    office.db.query<{ origin: string }>(`select origin from dispute_link_proposal where origin = 'INTAKE'`);

  test('what is a dispute already that the caller may not see is opened, and the centre asked, at the same cost as what is new', async () => {
    filed();
    await compared();
    const street = await office.who('street-centre', 'centre.operator');
    // What is read once a process has been read, and he has been at the desk before, of something else.
    await open(street, WANG, { category: 'MEDICAL' });
    const known = await open(street, WANG);
    const fresh = await open(street, citizenId(7));
    expect(known.data.openDispute).toMatchObject({ dispute: {}, duplicates: [] });
    expect(known.statements).toBe(fresh.statements);
    expect(await raised()).toHaveLength(1);
    expect(await count(street)).toEqual([0, 0]);
    const { nodes } = await list(centre);
    expect(nodes).toMatchObject([{ record: { source: 'CENTRE' } }]);
    expect(JSON.stringify(nodes)).toContain('INTAKE_DUPLICATE: ');
    await office.comparing.compare();
    expect(await raised()).toHaveLength(1);
    expect(codeOf(await decide(centre, nodes[0]?.id ?? '', true))).toBeUndefined();
    expect((await office.disputes()).filter((one) => one.includes('COURTS/c1'))).toEqual([
      expect.stringMatching(/^CENTRE\/\S+ COURTS\/c1$/),
    ]);
  });

  test('what the caller may see comes back, and nothing is raised', async () => {
    filed();
    await compared();
    const { data } = await open(centre, WANG);
    expect(data.openDispute.duplicates).toHaveLength(1);
    expect(await raised()).toEqual([]);
  });

  test('nothing is raised of what is protected, of a child, or of what those hold whom it accuses', async () => {
    filed({ protected: true });
    await compared();
    const street = await office.who('street-centre', 'centre.operator');
    await open(street, WANG);
    expect(await raised()).toEqual([]);
    filed();
    await compared();
    await open(street, WANG, { petitionPurpose: 'ACCUSATION', accused: ['org_court'] });
    expect(await raised()).toEqual([]);
  });
});
