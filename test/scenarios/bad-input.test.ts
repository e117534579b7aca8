/** What must not be taken, and must not come back: not in an answer, not in a log. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { systemClock } from '../../core/platform/clock.ts';
import { STAR_OPPONENT, STAR_PERSON } from '../../demo/county/star.ts';
import { openDemoIssuer } from '../../demo/issuer/issuer.ts';
import { maplebridge, openInstallation, until, type Answer, type Installation } from '../kit/installation.ts';
import { OPERATOR } from './county.ts';

/** The star's, with one digit mistyped. */
const MISTYPED = '990102197103150027';
const BY_NUMBER = 'query ($number: String!) { personByCitizenId(number: $number) { name } }';
const ME = '{ me { subject } }';

let installation: Installation;
let port: number;
beforeAll(async () => {
  const { dataFolder, url } = inject('installation');
  installation = await openInstallation(dataFolder, url);
  port = Number(new URL(url).port);
});
afterAll(() => installation.close());

const codes = ({ errors }: Answer): unknown[] => errors.map(({ extensions }) => extensions['code']);

/** The log is complete up to this answer, and nothing of it stands there. */
async function expectNotLogged(answer: Answer, ...values: string[]): Promise<void> {
  const log = await until('the request is in the log', async () => {
    const text = installation.log();
    return text.includes(answer.requestId) ? text : null;
  });
  for (const value of values) expect(log.includes(value)).toBe(false);
}

describe('Who asks must be known:', () => {
  test('without a token nobody is answered', async () => {
    const answer = await installation.post({}, JSON.stringify({ query: ME }));
    expect(answer.status).toBe(401);
    expect(answer).toMatchObject({ data: null, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  });

  test('a token of another issuer, an expired one, a mangled one and one of an unknown organisation are all refused alike', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'maplebridge-foreign-'));
    const foreign = await openDemoIssuer({ folder, audience: 'maplebridge', clock: systemClock });
    const identity = { org: 'centre', roles: ['centre.supervisor'], subject: 'stranger', name: 'Stranger' };
    const good = await installation.token(OPERATOR);
    const tokens = {
      foreign: await foreign.mintToken(identity),
      expired: await installation.token(OPERATOR, -3_600),
      mangled: `${good.slice(0, -4)}AAAA`,
      unsigned: `${Buffer.from('{"alg":"none"}').toString('base64url')}.${good.split('.')[1]}.`,
      unknown: await installation.token({ org: 'nowhere', roles: ['centre.operator'] }),
    };
    rmSync(folder, { recursive: true });
    const told = new Set<string>();
    for (const [kind, token] of Object.entries(tokens)) {
      const answer = await installation.post({ authorization: `Bearer ${token}` }, JSON.stringify({ query: ME }));
      expect(answer.status, kind).toBe(401);
      expect(codes(answer), kind).toEqual(['UNAUTHENTICATED']);
      told.add(answer.text);
      await expectNotLogged(answer, token);
    }
    expect(told.size).toBe(1);
  });

  test('without a purpose nobody’s data are read, and who asks for nobody needs none', async () => {
    const who = { ...OPERATOR, purpose: null };
    const refused = await installation.ask(who, BY_NUMBER, { number: STAR_PERSON.citizenId });
    expect(refused.data).toBeNull();
    expect(refused.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', field: 'x-purpose' } }]);
    expect((await installation.ask(who, ME)).data).toEqual({ me: { subject: 'operator' } });
    const made = await installation.ask({ ...OPERATOR, purpose: 'curiosity' }, ME);
    expect(made.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', field: 'x-purpose' } }]);
  });
});

describe('A citizen ID that was sent comes back in no error and reaches no log:', () => {
  const number = STAR_OPPONENT.citizenId;
  const cases: readonly (readonly [string, string, object])[] = [
    ['mistyped', BY_NUMBER, { number: MISTYPED }],
    ['mistyped, as a literal', `{ personByCitizenId(number: "${MISTYPED}") { name } }`, {}],
    [
      'in a variable of the wrong type',
      'query ($first: Int) { persons(filter: { name: "何" }, first: $first) { nodes { id } } }',
      { first: number },
    ],
    ['as a number', BY_NUMBER, { number: Number(number) }],
    ['in a list', BY_NUMBER, { number: [number] }],
    ['in an object', BY_NUMBER, { number: { value: number } }],
    [
      'as a date',
      'query ($from: DateTime) { disputes(filter: { openedFrom: $from }) { nodes { id } } }',
      { from: number },
    ],
    ['as a literal of the wrong type', `{ persons(filter: { name: "何" }, first: "${number}") { nodes { id } } }`, {}],
    ['as an enum', `{ disputes(orderBy: X${number}) { nodes { id } } }`, {}],
    ['as a field', `{ me { x${number} } }`, {}],
    ['as an argument', `{ me(x${number}: 1) { subject } }`, {}],
    [
      'as a cursor',
      'query ($after: String) { persons(filter: { name: "何" }, after: $after) { nodes { id } } }',
      { after: number },
    ],
    [
      'in a key of an input',
      'query ($filter: PersonFilter!) { persons(filter: $filter) { nodes { id } } }',
      { filter: { [`x${number}`]: 1 } },
    ],
    ['in a query that is no GraphQL', `{ personByCitizenId(number: "${number}" { name }`, {}],
    ['in a directive', `{ me @x${number} { subject } }`, {}],
    ['in a fragment that is not there', `{ me { ...x${number} } }`, {}],
    ['in the name of an operation', `query Q { me { ...F } } query x${number} { me { subject } }`, {}],
  ];
  test.each(cases)('%s', async (_title, query, variables) => {
    const answer = await installation.ask(OPERATOR, query, variables);
    expect([null, { personByCitizenId: null }]).toContainEqual(answer.data);
    expect(answer.errors.length).toBeGreaterThan(0);
    for (const code of codes(answer)) expect(code).toBe('BAD_USER_INPUT');
    expect(answer.text).not.toContain(number);
    expect(answer.text).not.toContain(MISTYPED);
    await expectNotLogged(answer, number, MISTYPED);
  });

  test('in the address of a GET, and in a body that is no JSON', async () => {
    const { url } = inject('installation');
    const authorization = `Bearer ${await installation.token(OPERATOR)}`;
    const query = encodeURIComponent(`{ personByCitizenId(number: "${MISTYPED}") { name } }`);
    const got = await fetch(`${url}/graphql?query=${query}`, {
      headers: { authorization, 'x-purpose': 'mediation', 'apollo-require-preflight': '1' },
    });
    expect(await got.text()).not.toContain(MISTYPED);
    const lost = await fetch(`${url}/nobody/${number}`);
    expect(lost.status).toBe(404);
    expect(await lost.text()).not.toContain(number);
    const answer = await installation.post({ authorization }, `{"query": "${number}`);
    expect(answer.status).toBe(400);
    expect(answer.text).not.toContain(number);
    await expectNotLogged(answer, number, MISTYPED);
  });

  test('a good one is not logged either', async () => {
    const answer = await installation.ask(OPERATOR, BY_NUMBER, { number });
    expect(answer.errors).toEqual([]);
    await expectNotLogged(answer, number, STAR_PERSON.citizenId, STAR_OPPONENT.name, STAR_PERSON.name);
  });
});

describe('What is not there or too much is said clearly:', () => {
  test('an id that nobody has is null, for a person, a dispute and an organisation alike', async () => {
    const answer = await installation.ask(
      OPERATOR,
      '{ person(id: "per_00000000000000000000000000") { id } dispute(id: "nonsense") { id } organisation(code: "nowhere") { id } }',
    );
    expect(answer.errors).toEqual([]);
    expect(answer.data).toEqual({ person: null, dispute: null, organisation: null });
  });

  test('malformed GraphQL is the caller’s mistake, with its place', async () => {
    const answer = await installation.ask(OPERATOR, '{ me { subject ');
    expect(answer.status).toBe(400);
    expect(answer.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' }, locations: [{ line: 1 }] }]);
  });

  const deep = (levels: number): string =>
    `{ organisation(code: "centre") { ${'parent { '.repeat(levels)} code ${'} '.repeat(levels)} } }`;
  const tooMuch: readonly (readonly [string, string])[] = [
    ['too deep', deep(60)],
    ['too many aliases', `{ ${Array.from({ length: 200 }, (_, n) => `a${n}: me { subject }`).join(' ')} }`],
    ['too many aliases below', `{ me { ${Array.from({ length: 200 }, (_, n) => `a${n}: subject`).join(' ')} } }`],
    ['too many words', `{ me { ${'subject '.repeat(20_000)} } }`],
    [
      'too many objects',
      '{ persons(filter: { name: "王" }, first: 100) { nodes { disputes(first: 100) { nodes { timeline(first: 100) { nodes { at } } } } } } }',
    ],
    [
      'a fragment that unfolds into a bomb',
      `{ me { organisation { ...F0 } } } ${Array.from({ length: 12 }, (_, n) => `fragment F${n} on Organisation { ${'id code name '.repeat(3)} ${n < 11 ? `...F${n + 1} parent { ...F${n + 1} }` : ''} }`).join(' ')}`,
    ],
  ];
  test.each(tooMuch)('%s', async (_title, query) => {
    const answer = await installation.ask(OPERATOR, query);
    expect(answer.data).toBeNull();
    expect(codes(answer)).toEqual(['QUERY_TOO_COMPLEX']);
  });

  test('a body too large is not read', async () => {
    const query = `{ me { subject } } # ${'x'.repeat(3_000_000)}`;
    const answer = await installation.ask(OPERATOR, query);
    expect(codes(answer)).toEqual(['QUERY_TOO_COMPLEX']);
  });

  test.each([0, -1, 101])('a page of %i is refused, naming the field', async (first) => {
    for (const query of [
      `{ persons(filter: { name: "王" }, first: ${first}) { nodes { id } } }`,
      `{ disputes(first: ${first}) { nodes { id } } }`,
      `{ organisations(first: ${first}) { nodes { id } } }`,
      `{ personByCitizenId(number: "${STAR_PERSON.citizenId}") { courtCases(first: ${first}) { nodes { id } } } }`,
      `{ personByCitizenId(number: "${STAR_PERSON.citizenId}") { timeline(first: ${first}) { nodes { at } } } }`,
    ]) {
      const answer = await installation.ask(OPERATOR, query);
      expect(answer.errors, query).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', field: 'first' } }]);
    }
  });

  test('a forged cursor, and one of another list, are refused', async () => {
    const { data } = await installation.ask<{ disputes: { pageInfo: { endCursor: string } } }>(
      OPERATOR,
      '{ disputes(first: 1) { pageInfo { endCursor } } }',
    );
    const cursor = data.disputes.pageInfo.endCursor;
    const forged = [cursor, `${cursor.slice(0, -3)}AAA`, 'MTIz', Buffer.from('{"id":1}').toString('base64')];
    for (const after of forged) {
      const answer = await installation.ask(
        OPERATOR,
        'query ($after: String) { persons(filter: { name: "王" }, after: $after) { nodes { id } } }',
        { after },
      );
      expect(answer.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', field: 'after' } }]);
    }
  });
});

describe('Settings that would let strangers in refuse to start:', () => {
  const folder = mkdtempSync(join(tmpdir(), 'maplebridge-settings-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const DATABASE_URL = 'postgresql://somebody:a-password@127.0.0.1:5432/real';

  test('with DATABASE_URL and no issuer', async () => {
    const settings = { MAPLEBRIDGE_DATA: folder, DATABASE_URL, PORT: '0' };
    const demo = await maplebridge(['start'], settings);
    expect(demo.code).toBe(1);
    expect(demo.stderr).toContain('DATABASE_URL: the demo does not run on a database of yours');
    const real = await maplebridge(['start'], { ...settings, MAPLEBRIDGE_DEMO: 'off' });
    expect(real.code).toBe(1);
    for (const setting of ['OIDC_ISSUER', 'MAPLEBRIDGE_KEYS', 'MAPLEBRIDGE_CONFIG'])
      expect(real.stderr).toContain(`${setting}: is not set`);
    expect(demo.stderr + real.stderr).not.toContain('a-password');
  }, 60_000);

  test('the demo on an address that others can reach, with every fault in one answer', async () => {
    const { code, stderr } = await maplebridge(['start'], {
      MAPLEBRIDGE_DATA: folder,
      HOST: '0.0.0.0',
      PORT: 'many',
      NODE_ENV: 'production',
    });
    expect(code).toBe(1);
    for (const setting of ['HOST', 'PORT', 'NODE_ENV']) expect(stderr).toContain(`  ${setting}: `);
  }, 60_000);

  test('the installation that runs is not disturbed by any of it', async () => {
    expect(port).toBeGreaterThan(0);
    expect((await installation.ask(OPERATOR, ME)).errors).toEqual([]);
  });
});
