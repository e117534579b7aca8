/** Every root field × every role × own and other organisation, against a table that a lawyer can read: matrix.csv. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROLES, type Caller, type Role } from '../../core/access/caller.ts';
import { makeDisclosureMonth } from '../../core/audit/disclosure-month.ts';
import { projectRoot } from '../../core/platform/project-root.ts';
import { memoryAnchor, testSequencer } from '../kit/log-rig.ts';
import { citizenId, participant, record } from '../kit/paper-department.ts';
import { openOffice, referredBy, type Answer, type Office } from './office.ts';
import { QUESTIONS, type Matter } from './questions.ts';

const FILE = join(projectRoot, 'test', 'access', 'matrix.csv');

/** Whose matter it is, and an office of the same kind of people that has nothing to do with it. */
const OFFICE_OF: Readonly<Record<Role, readonly [own: string, other: string]>> = {
  'centre.operator': ['centre', 'street-centre'],
  'centre.supervisor': ['centre', 'street-centre'],
  'department.handler': ['station', 'community'],
  'department.head': ['station', 'community'],
  auditor: ['centre', 'community'],
  analyst: ['centre', 'community'],
  'department.system': ['station', 'community'],
};
const COLUMNS = ROLES.flatMap((role) => (['own', 'other'] as const).map((whose) => ({ role, whose })));
const HEAD = ['field', ...COLUMNS.map(({ role, whose }) => `${role} (${whose})`)];

let office: Office;
let matter: Matter;
beforeAll(async () => {
  office = await openOffice();
  const number = citizenId(1);
  office.police.put(
    record('POLICE', 'p1', {
      ...{ office: 'station', category: 'NEIGHBOUR', place: 'place' },
      participants: [participant('1', { citizenId: number, phone: '13800000001' })],
    }),
    // Perhaps the same: that is asked.
    record('POLICE', 'p2', {
      ...{ office: 'station', place: 'place' },
      participants: [participant('1', { name: '王晓明', birthDate: '1940-01-02' })],
    }),
  );
  await office.readIn.read('POLICE');
  const head = await office.who('station', 'department.head');
  const endpoint = await office.must<{ registerWebhookEndpoint: { endpoint: { id: string } } }>(
    head,
    `mutation { registerWebhookEndpoint(idempotencyKey: "e", input: {
      organisation: "org_station", url: "https://8.8.8.8/hook", types: ["referral.*"] }) { endpoint { id } } }`,
  );
  const centre = await office.who('centre', 'centre.operator');
  const { id: dispute } = await office.db.one<{ id: string }>('select id from dispute');
  const referral = await referredBy(office, centre, { dispute, lead: 'org_station' });
  await office.dispatch();
  const { id: delivery } = await office.db.one<{ id: string }>('select id from delivery');
  const found = await office.must<{ personByCitizenId: { id: string } }>(
    head,
    'query ($number: String!) { personByCitizenId(number: $number) { id } }',
    { number },
  );
  const { id: review } = await office.db.one<{ id: string }>('select id from identity_review');
  // The same man went to court, and nobody has said that it is the same matter.
  office.courts.put(
    record('COURTS', 'c1', {
      ...{ kind: 'COURT_CASE', office: 'court', category: 'NEIGHBOUR', place: 'place', at: '2026-03-02T02:00:00.000Z' },
      participants: [participant('1', { role: 'plaintiff', citizenId: number })],
    }),
  );
  await office.readIn.read('COURTS');
  await office.comparing.compare();
  const { id: proposal } = await office.db.one<{ id: string }>('select id from dispute_link_proposal');
  const now = office.clock.wall();
  await makeDisclosureMonth(office.db, now);
  await office.db.query(
    `insert into disclosure (at, request_id, subject, organisation_id, person_id, field_groups, link)
     values ($2, 'req', 'li', 'org_station', $1, '{identity}', 'OWN_RECORD')`,
    [found.personByCitizenId.id, now],
  );
  // Somebody read a hundred people in a day, and took time off a clock.
  await office.db.query(
    `insert into disclosure (at, request_id, subject, organisation_id, person_id, field_groups)
     select $1, 'req', 'curious', 'org_station', 'per_' || n, '{identity}' from generate_series(1, 100) n`,
    [now],
  );
  await office.db.query(
    `insert into referral_event (id, referral_id, sequence, type, at, version, step, actor_subject, actor_role, actor_organisation_id, body)
     values ('evt_edited', $1, 99, 'CLOCK_PAUSED', $2, 1, '', 'li', '', 'org_station', '{}')`,
    [referral, office.clock.business()],
  );
  await testSequencer(office.db, memoryAnchor()).run();
  matter = {
    ...{ number, review, proposal, person: found.personByCitizenId.id, dispute, referral, delivery },
    endpoint: endpoint.registerWebhookEndpoint.endpoint.id,
  };
});
afterAll(() => office.drop());

/** Who acted is told; whoever got as far as being told what is wrong with it could have. */
const REFUSED: Readonly<Record<string, string>> = { FORBIDDEN: 'may not', NOT_FOUND: 'not there' };

function toWord(isMutation: boolean, shows: readonly (readonly [string, string])[], answer: Answer): string {
  const [error] = answer.errors;
  if (isMutation) return error ? (REFUSED[String(error.code)] ?? 'acts') : 'acts';
  if (error?.code === 'FORBIDDEN') return 'may not';
  if (error) return error.details['field'] === 'x-purpose' ? 'refused' : `fails: ${error.message}`;
  const text = JSON.stringify(answer.data);
  return shows.find(([sign]) => text.includes(sign))?.[1] ?? 'absent';
}

async function wordFor(field: string, role: Role, whose: 'own' | 'other'): Promise<string> {
  const question = QUESTIONS[field];
  if (!question) throw new Error(`Nobody has written down how ${field} is asked: test/access/questions.ts.`);
  const [own, other] = OFFICE_OF[role];
  const caller: Caller = await office.who(whose === 'own' ? own : other, role);
  const { query, variables = {}, shows = [] } = question(matter);
  const key = `${field} ${role} ${whose}`;
  const answer = await office.ask(caller, query, { ...variables, key });
  return toWord(query.startsWith('mutation'), shows, answer);
}

const fields = ((): string[] => {
  const sdl = readFileSync(join(projectRoot, 'schema', 'supergraph.graphql'), 'utf8');
  const schema = buildSchema(sdl, { assumeValidSDL: true });
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  return roots.flatMap((root) => Object.keys(root?.getFields() ?? {})).sort();
})();

const parseTable = (): Map<string, readonly string[]> => {
  const [, ...lines] = readFileSync(FILE, 'utf8').trim().split('\n');
  return new Map(lines.map((line) => line.split(',')).map(([field = '', ...cells]) => [field, cells]));
};

describe('Who is shown what, and who may do what (test/access/matrix.csv):', () => {
  test('every root field has a row, and every row a field', async () => {
    if (process.env['UPDATE']) {
      const rows: string[][] = [HEAD];
      for (const field of fields) {
        const cells: string[] = [];
        for (const { role, whose } of COLUMNS) cells.push(await wordFor(field, role, whose));
        rows.push([field, ...cells]);
      }
      writeFileSync(FILE, `${rows.map((cells) => cells.join(',')).join('\n')}\n`);
    }
    expect(readFileSync(FILE, 'utf8').split('\n')[0]).toBe(HEAD.join(','));
    expect([...parseTable().keys()].sort()).toEqual(fields);
  });

  test.each(fields)('%s', async (field) => {
    const expected = parseTable().get(field) ?? [];
    const found: Record<string, string> = {};
    for (const { role, whose } of COLUMNS) found[`${role} (${whose})`] = await wordFor(field, role, whose);
    expect(found).toEqual(Object.fromEntries(HEAD.slice(1).map((column, index) => [column, expected[index]])));
  });
});
