/** Domain rule 1, played: a complaint of a street's official, and everybody of the street looking for it at every step. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Caller } from '../../core/access/caller.ts';
import { createDisclosureWriter } from '../../core/audit/disclosure-writer.ts';
import { memoryAnchor, testSequencer } from '../kit/log-rig.ts';
import { citizenId, participant, record } from '../kit/paper-department.ts';
import { actOn, tryAct } from './act.ts';
import { openedBy, openOffice, referredBy, type Office } from './office.ts';

const PETITIONER = citizenId(1);
const STRANGER = citizenId(9);
const party = { name: '周正言', role: 'APPLICANT', citizenId: PETITIONER, phone: '13500000001' };

let office: Office;
/** The street, its community, a supervisor of its own centre with a reason, its system, its auditor. */
let accused: readonly Caller[];
let centre: Caller;
beforeEach(async () => {
  office = await openOffice();
  centre = await office.who('centre', 'centre.operator');
  const street = await office.who('street', 'department.head', { reason: '核实' });
  accused = [
    street,
    await office.who('community'),
    await office.who('street-petitions', 'department.handler', { purpose: 'petition' }),
    await office.who('street-centre', 'centre.supervisor', { purpose: 'supervision', reason: '督查' }),
    await office.who('street', 'department.system'),
    await office.who('street', 'auditor'),
  ];
  await office.must(
    street,
    `mutation { registerWebhookEndpoint(idempotencyKey: "e", input: { organisation: "org_street",
      url: "https://8.8.8.8/street", types: ["referral.*", "dispute.*", "person.*"] }) { endpoint { id } } }`,
  );
  // They know the petitioner by a matter of their own, and carry a referral of it.
  const own = await openedBy(office, street, { category: 'HOMESTEAD', place: 'org_community', parties: [party] });
  await referredBy(office, street, { dispute: own, lead: 'org_community' });
  await office.dispatch();
});
afterEach(() => office.drop());

const PEOPLE = `{ disputes(first: 100) { nodes { id number version stage } pageInfo { hasNextPage } }
  persons(filter: { name: "周正言" }) { nodes { id name phones records { source kind key } disputes { totalCount nodes { id } }
    timeline { totalCount nodes { at kind source } } } } }`;
const MATTERS = `{ referrals(first: 100) { nodes { id number version nextActs events { sequence } children { id } } }
  webhookEndpoints { id waiting } webhookDeliveries(first: 100) { nodes { id type sequence } } }`;

/** All that they can find. */
const world = async (): Promise<string> => {
  const found: unknown[] = [];
  for (const who of accused) found.push(await office.must(who, PEOPLE), await office.must(who, MATTERS));
  return JSON.stringify(found);
};

const refusal = async (...args: Parameters<typeof tryAct>): Promise<unknown> => (await tryAct(...args)).errors[0]?.code;

const accusation = {
  ...{ title: '反映街道干部', category: 'VILLAGE_AFFAIRS', place: 'org_community', parties: [party] },
  ...{ petitionPurpose: 'ACCUSATION', accused: ['org_street'] },
};

test('of the accusation, its transfers, its children, its consultation and its superior, the street and its people find nothing', async () => {
  const before = await world();
  const dispute = await openedBy(office, centre, accusation);
  const unchanged = async (step: string): Promise<void> => {
    await office.dispatch();
    expect(await world(), step).toBe(before);
  };
  await unchanged('taken down');

  const referral = await referredBy(office, centre, { dispute, kind: 'DISCIPLINE', lead: 'org_discipline' });
  await unchanged('referred');
  const discipline = await office.who('discipline', 'department.head');
  await actOn(office, discipline, 'acceptReferral', referral);
  await unchanged('accepted');
  const [child = ''] = await actOn(office, discipline, 'forwardReferral', referral, {
    ...{ to: 'org_petitions', note: '请核实' },
  });
  expect(child).toMatch(/^ref_/);
  await unchanged('forwarded');
  await actOn(office, discipline, 'consultReferral', referral, {
    ...{ with: ['org_court'], heldAt: '2026-03-09T00:00:00Z', conclusion: '继续核查' },
    tasks: [{ organisation: 'org_court', task: '提供卷宗', dueAt: '2026-04-01T00:00:00Z' }],
  });
  await unchanged('consulted');
  const petitions = await office.who('petitions', 'department.head');
  await actOn(office, petitions, 'returnReferral', child, { note: '不属于本单位' });
  await actOn(office, discipline, 'decideReturn', child, { agree: false, note: '属于' });
  await unchanged('before the common superior');
  const { n: withSuperior } = await office.db.one<{ n: number }>(
    `select count(*) as n from referral_party where referral_id = $1 and role = 'SUPERIOR'`,
    [child],
  );
  expect(withSuperior).toBe(1);
  const supervisor = await office.who('centre', 'centre.supervisor');
  await actOn(office, supervisor, 'decideJurisdiction', child, {
    lead: 'org_housing',
    reason: '由住建核查',
  });
  await unchanged('decided');
  await actOn(office, supervisor, 'superviseReferral', referral, { rung: 'REMIND', note: '请抓紧' });
  await unchanged('supervised');

  // By name it does not exist either, whichever way it is asked for, and says so in the same words as what never was.
  for (const who of accused) {
    const DISPUTE = 'query ($id: ID!) { dispute(id: $id) { id referrals: number } }';
    expect(await office.must(who, DISPUTE, { id: dispute })).toEqual({ dispute: null });
    for (const id of [referral, child]) {
      const ONE = 'query ($id: ID!) { referral(id: $id) { id nextActs } }';
      const CHAIN = 'query ($id: ID!) { referralChain(id: $id) { referrals { id } } }';
      expect(await office.must(who, ONE, { id })).toEqual({ referral: null });
      expect(await office.must(who, CHAIN, { id })).toEqual({ referralChain: null });
    }
    const filtered = 'query ($id: ID!) { referrals(filter: { dispute: $id }) { nodes { id } } }';
    expect(await office.must(who, filtered, { id: dispute })).toEqual({ referrals: { nodes: [] } });
  }
});

test('nobody hands it on to the street, its people or a helper under it, and each attempt is written down', async () => {
  const dispute = await openedBy(office, centre, accusation);
  const referral = await referredBy(office, centre, { dispute, kind: 'DISCIPLINE', lead: 'org_discipline' });
  const discipline = await office.who('discipline', 'department.head');
  await actOn(office, discipline, 'acceptReferral', referral);
  for (const helper of ['org_street', 'org_community', 'org_street-centre']) {
    const OPEN = `mutation ($input: OpenReferralInput!, $key: String!) {
      openReferral(input: $input, idempotencyKey: $key) { referral { id } } }`;
    const opened = await office.ask(centre, OPEN, {
      input: { dispute, kind: 'ASSIGN', lead: helper, summary: '请处理' },
      key: helper,
    });
    expect(opened.errors[0]?.code).toBe('ROUTING_FORBIDDEN');
    const others = [{ undertaking: [helper] }, { assisting: [helper] }];
    for (const more of others) {
      const input = { to: 'org_petitions', note: '请核实', ...more };
      expect(await refusal(office, discipline, 'forwardReferral', referral, input)).toBe('ROUTING_FORBIDDEN');
    }
    const consulting = { with: [helper], heldAt: '2026-03-09T00:00:00Z' };
    expect(await refusal(office, discipline, 'consultReferral', referral, consulting)).toBe('ROUTING_FORBIDDEN');
  }
  const { n } = await office.db.one<{ n: number }>(
    `select count(*) as n from audit_entry where kind = 'routing.refused'`,
  );
  expect(n).toBe(12);
});

test('whoever of the street takes down the same matter is told of no duplicate, in as many statements as if there were none', async () => {
  const OPEN = `mutation ($input: OpenDisputeInput!, $key: String!) {
    openDispute(input: $input, idempotencyKey: $key) { dispute { id } duplicates { id } } }`;
  const open = (who: Caller, key: string, citizen: string) => {
    const parties = [{ ...party, phone: null, citizenId: citizen }];
    const input = { ...accusation, parties, description: '…', channel: 'WALK_IN', petitionPurpose: null, accused: [] };
    return office.ask<{ openDispute: { duplicates: unknown[]; dispute: unknown } }>(who, OPEN, { input, key });
  };
  await openedBy(office, centre, accusation);
  const [street] = accused;
  if (!street) throw new Error('nobody is accused');
  const hidden = await open(street, 'a', PETITIONER);
  const absent = await open(street, 'b', STRANGER);
  expect(hidden.errors).toEqual([]);
  expect(hidden.data.openDispute.duplicates).toEqual([]);
  expect(hidden.statements).toBe(absent.statements);
  const seen = await open(centre, 'c', PETITIONER);
  expect(seen.data.openDispute.duplicates).not.toEqual([]);
});

test('of whom the accusation is shown, an auditor of the accused learns nothing, and one of a street only of the street’s readers', async () => {
  const dispute = await openedBy(office, centre, { ...accusation, accused: ['org_housing'] });
  const referral = await referredBy(office, centre, { dispute, kind: 'DISCIPLINE', lead: 'org_discipline' });
  const { person, record } = await office.db.one<{ person: string; record: string }>(
    `select m.person_id as person, m.record_id as record from mention m join dispute_record l using (record_id)
     where l.dispute_id = $1`,
    [dispute],
  );
  const write = createDisclosureWriter(office);
  const nowhere = { personId: null, recordId: null, disputeId: null, referralId: null, fieldGroups: ['identity'] };
  const shownTo = async (code: string, more: object): Promise<void> =>
    write({
      ...{ reader: await office.who(code), at: office.clock.wall(), lookedUp: [] },
      shown: [{ ...nowhere, link: 'DISPUTE', ...more }],
    });
  await shownTo('street', { personId: person, link: 'OWN_RECORD' });
  await shownTo('court', { personId: person });
  await shownTo('discipline', { personId: person });
  await shownTo('discipline', { personId: person, disputeId: dispute });
  await shownTo('discipline', { recordId: record });
  await shownTo('discipline', { referralId: referral });
  const LIST = 'query ($person: ID!) { disclosures(person: $person) { nodes { organisation { id } dispute } } }';
  const readers = async (code: string): Promise<string[]> => {
    const { disclosures } = await office.must<{ disclosures: { nodes: { organisation: { id: string } }[] } }>(
      await office.who(code, 'auditor'),
      LIST,
      { person },
    );
    return disclosures.nodes.map(({ organisation }) => organisation.id);
  };
  expect(await readers('court')).toEqual([...Array<string>(4).fill('org_discipline'), 'org_court', 'org_street']);
  expect(await readers('housing')).toEqual(['org_court', 'org_street']);
  expect(await readers('street')).toEqual(['org_street']);
});

test('an auditor of the accused finds no entry that names the accusation, not even among what a person was shown through', async () => {
  const dispute = await openedBy(office, centre, { ...accusation, accused: ['org_housing'] });
  const { person, record } = await office.db.one<{ person: string; record: string }>(
    `select m.person_id as person, m.record_id as record from mention m join dispute_record l using (record_id)
     where l.dispute_id = $1`,
    [dispute],
  );
  const write = createDisclosureWriter(office);
  const nowhere = { personId: null, recordId: null, disputeId: null, referralId: null, fieldGroups: ['identity'] };
  for (const more of [
    { personId: person, disputeId: dispute },
    { personId: person, recordId: record },
    { recordId: record },
  ])
    await write({
      ...{ reader: await office.who('discipline'), at: office.clock.wall(), lookedUp: [] },
      shown: [{ ...nowhere, link: 'DISPUTE', ...more }],
    });
  await testSequencer(office.db, memoryAnchor()).run();
  const LIST = '{ auditEntries(filter: {}, first: 100) { nodes { kind body } } }';
  const told = async (code: string): Promise<string> =>
    JSON.stringify(await office.must(await office.who(code, 'auditor'), LIST));
  expect(await told('discipline')).toContain(record);
  // The same for all others, so that what is missing does not say against whom it is.
  for (const code of ['housing', 'court']) {
    const found = await told(code);
    expect(found).toContain('agreement.changed');
    expect(found).not.toContain(record);
    expect(found).not.toContain(dispute);
  }
});

test('what the accused hold themselves keeps its dispute when an accusation names it', async () => {
  const petition = (key: string, more: object) => ({
    ...record('PETITIONS', key, { category: 'VILLAGE_AFFAIRS', ...more }),
    ...{ kind: 'PETITION', purpose: 'APPEAL', form: 'LETTER', collective: false },
  });
  const participants = [participant('1', { name: '周正言', citizenId: PETITIONER })];
  office.petitions.put(petition('own', { office: 'street-petitions', participants }));
  await office.readIn.read('PETITIONS');
  const before = await world();
  expect(before).toContain('PETITION');
  office.petitions.put({
    ...petition('against', {
      ...{ office: 'petitions', accused: ['street'], participants, at: '2026-03-02T00:00:00.000Z' },
      references: [{ source: 'PETITIONS', number: 'PETITIONS-own' }],
    }),
    ...{ purpose: 'ACCUSATION' },
  });
  await office.readIn.read('PETITIONS');
  expect(await world()).toBe(before);
});

test('how many records there are of a source that they hold themselves does not grow by it', async () => {
  const petition = (key: string, purpose: string, more: object) => ({
    ...record('PETITIONS', key, { category: 'VILLAGE_AFFAIRS', ...more }),
    ...{ kind: 'PETITION', purpose, form: 'LETTER', collective: false },
  });
  const counted = async (code: string): Promise<unknown> => {
    const who = await office.who(code, 'department.handler', { purpose: 'petition' });
    const { sources } = await office.must<{ sources: { code: string; records: number }[] }>(
      who,
      '{ sources { code records } }',
    );
    return sources.find((source) => source.code === 'PETITIONS')?.records;
  };
  office.petitions.put(petition('own', 'APPEAL', { office: 'street-petitions' }));
  await office.readIn.read('PETITIONS');
  expect(await counted('street-petitions')).toBe(1);
  office.petitions.put(petition('against', 'ACCUSATION', { office: 'petitions', accused: ['street'] }));
  await office.readIn.read('PETITIONS');
  expect(await counted('street-petitions')).toBe(1);
  expect(await counted('petitions')).toBe(2);
});

test('nobody links it by hand with what the accused hold, and each attempt is written down for discipline inspection', async () => {
  const participants = [participant('1', { name: '周正言', citizenId: PETITIONER })];
  const petition = (key: string, purpose: string, more: object) => ({
    ...record('PETITIONS', key, { category: 'VILLAGE_AFFAIRS', participants, ...more }),
    ...{ kind: 'PETITION', purpose, form: 'LETTER', collective: false },
  });
  office.petitions.put(petition('own', 'APPEAL', { office: 'street-petitions' }));
  await office.readIn.read('PETITIONS');
  const { id: theirs } = await office.db.one<{ id: string }>(
    `select l.dispute_id as id from dispute_record l join record r on r.id = l.record_id where r.source = 'PETITIONS'`,
  );
  office.petitions.put(petition('against', 'ACCUSATION', { office: 'petitions', accused: ['street'] }));
  await office.readIn.read('PETITIONS');
  const supervisor = await office.who('centre', 'centre.supervisor', { purpose: 'petition' });
  const against = await openedBy(office, supervisor, accusation);
  const before = await world();
  const LINK = `mutation ($i: LinkRecordInput!, $k: String!) {
    linkRecord(input: $i, idempotencyKey: $k) { dispute { id } } }`;
  const link = async (who: Caller, dispute: string, key: string): Promise<unknown> => {
    const input = { dispute, expectedVersion: 1, record: { source: 'PETITIONS', key }, reason: '同一件事' };
    return (await office.ask(who, LINK, { i: input, k: `${dispute} ${key}` })).errors[0]?.code;
  };
  // Either way round.
  expect(await link(supervisor, theirs, 'against')).toBe('ROUTING_FORBIDDEN');
  expect(await link(supervisor, against, 'own')).toBe('ROUTING_FORBIDDEN');
  await office.dispatch();
  expect(await world()).toBe(before);
  const refused = await office.db.query(
    `select subject, body->>'operation' as operation, actor_subject as actor from audit_trail where kind = 'routing.refused' order by id`,
  );
  const attempt = { operation: 'linkRecord', actor: supervisor.subject };
  expect(refused).toEqual([
    { subject: theirs, ...attempt },
    { subject: against, ...attempt },
  ]);
  // And they link their own as ever: nothing says that another tried.
  const street = await office.who('street-petitions', 'department.head', { purpose: 'petition' });
  const other = await openedBy(office, street, { category: 'VILLAGE_AFFAIRS' });
  expect(await link(street, other, 'own')).toBeUndefined();
});
