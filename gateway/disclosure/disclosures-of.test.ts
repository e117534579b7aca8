/** Answers written by hand, as they come from the executor with the ids added. */
import { execute, parse, validate } from 'graphql';
import { describe, expect, test } from 'vitest';
import { loadApiSchema } from '../../test/kit/api-schema.ts';
import { addIds, isAbout, takeOut } from './added-fields.ts';
import { disclosuresOf } from './disclosures-of.ts';

const schema = loadApiSchema();

interface Told {
  readonly person?: string;
  readonly record?: string;
  readonly dispute?: string;
  readonly referral?: string;
  readonly groups: string;
  readonly under?: string;
}

/** Answers the query from `root`, a tree of values by field name, and says whom that shows. */
function ask(query: string, root: object, variables: Record<string, unknown> = {}) {
  const asked = parse(query);
  expect(validate(schema, asked)).toEqual([]);
  const { document, alias } = addIds(asked, schema);
  expect(validate(schema, document)).toEqual([]);
  const { data } = execute({ schema, document, rootValue: root, variableValues: variables }) as {
    data: Record<string, unknown> | null;
  };
  const { seen, lookedUp } = disclosuresOf(document, variables, schema, data);
  takeOut(alias, data);
  const told = seen.map(({ personId, recordId, disputeId, referralId, fieldGroups, under }): Told => ({
    ...(personId !== null && { person: personId }),
    ...(recordId !== null && { record: recordId }),
    ...(disputeId !== null && { dispute: disputeId }),
    ...(referralId !== null && { referral: referralId }),
    groups: fieldGroups.join(' '),
    ...(under !== null && under !== personId && { under }),
  }));
  return {
    data: JSON.parse(JSON.stringify(data)) as unknown,
    told,
    lookedUp: lookedUp.map(({ number, field }) => `${field} ${number}`),
  };
}

const li = { id: 'per_li', name: '李梅', sex: 'FEMALE', citizenId: '3301**********1234', phones: ['139****8888'] };
const wang = { id: 'per_wang', name: '王强', sex: 'MALE', citizenId: '330102199001011234', phones: [] };
const theirCase = {
  id: 'rec_1',
  caseNumber: '（2026）浙0102民初1号',
  cause: '离婚纠纷',
  parties: [
    { name: '李梅', role: 'plaintiff', person: li },
    { name: '王强', role: 'defendant', person: wang },
    { name: '赵某', role: 'witness', person: null },
  ],
};
const cases = (...nodes: object[]) => ({
  nodes,
  edges: nodes.map((node) => ({ cursor: 'c', node })),
  totalCount: nodes.length,
});

describe('A person is written down with what was shown of them:', () => {
  test('field groups by the fields asked for, and masked identifiers as masked', () => {
    expect(ask('{ person(id: "1") { name citizenId phones } }', { person: li })).toEqual({
      data: { person: { name: '李梅', citizenId: '3301**********1234', phones: ['139****8888'] } },
      told: [{ person: 'per_li', groups: 'contact.masked identifier.masked identity' }],
      lookedUp: [],
    });
    expect(ask('{ person(id: "1") { citizenId } }', { person: wang }).told).toEqual([
      { person: 'per_wang', groups: 'identifier' },
    ]);
  });

  test('that there is such a person, when nothing else is asked', () => {
    for (const selection of ['__typename', 'id', 'x: id', '... on Person { id }'])
      expect(ask(`{ person(id: "1") { ${selection} } }`, { person: li }).told).toEqual([
        { person: 'per_li', groups: 'existence' },
      ]);
  });

  test('by aliases, fragments, directives and lists alike', () => {
    const query = `query ($no: Boolean = false) {
      persons(filter: { name: "王" }) { edges { node { ...Who sex @include(if: $no) } } again: nodes { ... { id: name } } } }
      fragment Who on Person { number: citizenId ... on Person { tel: phones @skip(if: true) } }`;
    const { told, data } = ask(query, { persons: cases(li, wang) });
    expect(told).toEqual([
      { person: 'per_li', groups: 'identifier.masked identity search' },
      { person: 'per_wang', groups: 'identifier identity search' },
    ]);
    expect(data).toEqual({
      persons: {
        edges: [{ node: { number: '3301**********1234' } }, { node: { number: '330102199001011234' } }],
        again: [{ id: '李梅' }, { id: '王强' }],
      },
    });
  });

  test('an empty list of a department tells that there is nothing; what is null tells nothing', () => {
    const nobody = { ...li, courtCases: cases(), petitions: null, birthDate: null };
    expect(
      ask('{ person(id: "1") { courtCases { totalCount } petitions { totalCount } birthDate } }', { person: nobody })
        .told,
    ).toEqual([{ person: 'per_li', groups: 'courts' }]);
  });

  test('by the record they are named on', () => {
    const query = '{ person(id: "1") { name courtCases { nodes { cause parties { name } } } } }';
    expect(ask(query, { person: { ...li, courtCases: cases(theirCase) } }).told).toEqual([
      { person: 'per_li', groups: 'courts identity' },
      { person: 'per_li', record: 'rec_1', groups: 'courts identity' },
      { person: 'per_wang', record: 'rec_1', groups: 'identity', under: 'per_li' },
      // Nobody knows who that is: then it is the record that somebody on it was shown of.
      { record: 'rec_1', groups: 'identity', under: 'per_li' },
    ]);
  });

  test('as a counterpart in a register, and through a timeline', () => {
    const spouse = {
      id: 'rec_m',
      kind: 'MARRIAGE',
      status: '已登记',
      counterpart: { name: '王强', role: 'spouse', person: wang },
    };
    const person = {
      ...li,
      civilAffairs: { marriages: [spouse] },
      timeline: cases({ at: new Date(0).toISOString(), kind: 'COURT_CASE', source: 'COURTS', courtCase: theirCase }),
    };
    expect(
      ask('{ person(id: "1") { civilAffairs { marriages { status counterpart { name } } } } }', { person }).told,
    ).toEqual([
      { person: 'per_li', groups: 'civil-affairs' },
      { person: 'per_li', record: 'rec_m', groups: 'civil-affairs' },
      { person: 'per_wang', record: 'rec_m', groups: 'identity', under: 'per_li' },
    ]);
    expect(ask('{ person(id: "1") { timeline { nodes { courtCase { cause } } } } }', { person }).told).toEqual([
      { person: 'per_li', groups: 'timeline' },
      { person: 'per_li', record: 'rec_1', groups: 'courts' },
    ]);
  });
});

describe('A dispute or a referral is what was shown where nobody is resolved:', () => {
  const dispute = {
    id: 'dsp_1',
    title: '邻里漏水',
    address: '枫林一里3幢',
    parties: [
      { name: '李梅', role: 'APPLICANT', person: li },
      { name: '王强', role: 'RESPONDENT', person: null },
    ],
    courtCases: cases(theirCase),
  };

  test('what was typed of it and its parties tell of people, its number does not', () => {
    expect(ask('{ dispute(id: "1") { id number } }', { dispute }).told).toEqual([]);
    expect(ask('{ dispute(id: "1") { id title } }', { dispute }).told).toEqual([
      { dispute: 'dsp_1', groups: 'disputes', under: 'DISPUTE' },
    ]);
    expect(ask('{ dispute(id: "1") { parties { name } } }', { dispute }).told).toEqual([
      { dispute: 'dsp_1', groups: 'identity', under: 'DISPUTE' },
    ]);
    expect(ask('{ dispute(id: "1") { address parties { role person { phones } } } }', { dispute }).told).toEqual([
      { dispute: 'dsp_1', groups: 'address party', under: 'DISPUTE' },
      { person: 'per_li', dispute: 'dsp_1', groups: 'contact.masked party', under: 'DISPUTE' },
    ]);
  });

  test('a record of it is shown by itself, and whoever a person’s dispute names is not that person', () => {
    expect(ask('{ dispute(id: "1") { courtCases { nodes { cause } } } }', { dispute }).told).toEqual([
      { record: 'rec_1', dispute: 'dsp_1', groups: 'courts', under: 'DISPUTE' },
    ]);
    const person = { ...wang, disputes: cases(dispute) };
    expect(ask('{ person(id: "1") { disputes { nodes { parties { name } } } } }', { person }).told).toEqual([
      { person: 'per_wang', groups: 'disputes' },
      { dispute: 'dsp_1', groups: 'identity', under: 'DISPUTE' },
    ]);
  });

  test('a duplicate that an act finds by its parties is a look at them', () => {
    const query = `mutation { openDispute(input: { title: "漏水", description: "三个月", category: NEIGHBOUR, channel: WALK_IN,
      place: "o", parties: [] }, idempotencyKey: "k") { dispute { id } duplicates { id } } }`;
    expect(ask(query, { openDispute: { dispute: null, duplicates: [dispute], replayed: false } }).told).toEqual([
      { dispute: 'dsp_1', groups: 'search', under: 'DISPUTE' },
    ]);
  });

  test('that somebody is found shows by a cursor, and by what was not opened: that is a look at them as well', () => {
    const found = { persons: { ...cases(li), pageInfo: { hasNextPage: false, endCursor: 'c' } } };
    const told = [{ person: 'per_li', groups: 'search' }];
    for (const selection of ['edges { cursor }', 'pageInfo { endCursor }', '__typename']) {
      const answer = ask(`{ persons(filter: { phone: "13900000001" }) { ${selection} } }`, found);
      expect(answer.told).toEqual(told);
      expect(JSON.stringify(answer.data)).not.toContain('per_li');
    }
    const query = `mutation { openDispute(input: { title: "漏水", description: "三个月", category: NEIGHBOUR, channel: WALK_IN,
      place: "o", parties: [] }, idempotencyKey: "k") { dispute { id } } }`;
    expect(ask(query, { openDispute: { dispute: null, duplicates: [dispute], replayed: false } }).told).toEqual([
      { dispute: 'dsp_1', groups: 'search', under: 'DISPUTE' },
    ]);
  });

  test('what is said in a referral is about people; that there is one is not', () => {
    const referral = {
      id: 'ref_1',
      number: 'R2026-000001',
      summary: '李梅反映楼上漏水',
      feedback: [{ text: '已修好', partiesInformed: [{ party: '李梅', how: '电话' }] }],
    };
    expect(ask('{ referral(id: "1") { id number status: number } }', { referral }).told).toEqual([]);
    expect(ask('{ referral(id: "1") { summary feedback { partiesInformed { party } } } }', { referral }).told).toEqual([
      { referral: 'ref_1', groups: 'identity referrals', under: 'REFERRAL' },
    ]);
    const chain = { root: referral, events: [{ note: '电话联系李梅' }] };
    expect(ask('{ referralChain(id: "1") { events { note } } }', { referralChain: chain })).toEqual({
      data: { referralChain: { events: [{ note: '电话联系李梅' }] } },
      told: [{ referral: 'ref_1', groups: 'referrals', under: 'REFERRAL' }],
      lookedUp: [],
    });
    const proven = { root: referral, proof: { complete: true, file: '{"events":["电话联系李梅"]}' } };
    expect(ask('{ referralChain(id: "1") { proof { complete } } }', { referralChain: proven }).told).toEqual([]);
    expect(ask('{ referralChain(id: "1") { proof { file } } }', { referralChain: proven }).told).toEqual([
      { referral: 'ref_1', groups: 'referrals', under: 'REFERRAL' },
    ]);
  });
});

describe('Of what is not shown nothing is written:', () => {
  test('null entities, an answer without data, and fields that failed', () => {
    expect(ask('{ person(id: "1") { name } me { subject } }', { person: null }).told).toEqual([]);
    const { document } = addIds(parse('{ person(id: "1") { name } }'), schema);
    expect(disclosuresOf(document, {}, schema, null)).toEqual({ seen: [], lookedUp: [] });
    // A name that fails takes the person with it.
    expect(ask('{ person(id: "1") { name } }', { person: { id: 'per_li' } }).told).toEqual([]);
  });

  test('but a number that nobody is found by is a look-up, by literal or variable', () => {
    const none = { personByCitizenId: null };
    expect(ask('{ personByCitizenId(number: "1") { name } }', none).lookedUp).toEqual(['personByCitizenId 1']);
    const query = 'query ($n: String! = "2") { a: personByCitizenId(number: $n) { name } }';
    expect(ask(query, none).lookedUp).toEqual(['a 2']);
    expect(ask(query, none, { n: '3' }).lookedUp).toEqual(['a 3']);
    expect(ask('{ personByCitizenId(number: "1") { name } }', { personByCitizenId: li }).lookedUp).toEqual([]);
    expect(ask('{ personByCitizenId(number: "1") @skip(if: true) { name } }', none).lookedUp).toEqual([]);
  });

  test('a number stays looked up where something else takes the whole answer with it', () => {
    const query =
      '{ personByCitizenId(number: "1") { name } b: personByCitizenId(number: "2") @skip(if: true) { name } referrals { totalCount } }';
    const { lookedUp } = disclosuresOf(parse(query), {}, schema, null);
    expect(lookedUp).toEqual([{ number: '1', field: 'personByCitizenId' }]);
  });

  test('somebody without an id is not shown at all', () => {
    const document = parse('{ person(id: "1") { name } }');
    expect(() => disclosuresOf(document, {}, schema, { person: { name: '李梅' } })).toThrow('cannot be named');
  });
});

describe('What is added', () => {
  test('has a name that nothing of the client’s has, and leaves no trace', () => {
    const { document, alias } = addIds(parse('{ person(id: "1") { disclosed: name disclosed_: id } }'), schema);
    expect(alias).toBe('disclosed__');
    expect(validate(schema, document)).toEqual([]);
    expect(ask('{ person(id: "1") { disclosed: name disclosed_: id } }', { person: li }).data).toEqual({
      person: { disclosed: '李梅', disclosed_: 'per_li' },
    });
  });

  test('has errors of its own, which are not the client’s', () => {
    expect(isAbout('disclosed', ['person', 'disclosed'])).toBe(true);
    expect(isAbout('disclosed', ['person', 'name'])).toBe(false);
    expect(isAbout('disclosed', undefined)).toBe(false);
  });

  test('is the same for the operation that is meant of several', () => {
    const document = addIds(
      parse('query A { person(id: "1") { name } } query B { person(id: "1") { sex } }'),
      schema,
    ).document;
    const data = { person: { sex: 'FEMALE', disclosed: 'per_li' } };
    expect(disclosuresOf(document, {}, schema, data, 'B').seen).toMatchObject([{ fieldGroups: ['identity'] }]);
  });
});
