/**
 * Random callers ask random questions; no answer holds what the rules, written down a second time over the county's truth, forbid.
 * RANDOM_CALLERS=200x100 asks as many as the full tests do.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSchema } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PURPOSES, ROLES, type Purpose, type Role } from '../../core/access/caller.ts';
import { projectRoot } from '../../core/platform/project-root.ts';
import { createRandom } from '../../demo/county/random.ts';
import { readNaiveRules, type Asking } from '../access/naive-rules.ts';
import { randomQuestion, type Pool } from '../access/random-question.ts';
import { openInstallation, seed, start, type Installation, type Program } from '../kit/installation.ts';

const [CALLERS = 25, QUESTIONS = 20] = (process.env['RANDOM_CALLERS'] ?? '25x20').split('x').map(Number);
const SEED = 20_260_301;
const PEOPLE = 800;
const AT_ONCE = 5;
const ACTING: readonly Role[] = ['centre.operator', 'centre.supervisor', 'department.handler', 'department.head'];
const USUAL: readonly Purpose[] = ['mediation', 'supervision'];
/** What a question may be refused for (auditors' lists to others by FORBIDDEN); anything else is a fault of ours. */
const EXPECTED = new Set(['BAD_USER_INPUT', 'FORBIDDEN', 'QUERY_TOO_COMPLEX', 'SOURCE_UNAVAILABLE']);

let dataFolder: string;
let program: Program;
let installation: Installation;
let pool: Pool;
const rules = (): ReturnType<typeof readNaiveRules> => readNaiveRules(installation.countyFolder);

beforeAll(async () => {
  // One of their own: whom they have asked for, every department's cache knows, and others test what is not in it.
  dataFolder = mkdtempSync(join(tmpdir(), 'maplebridge-random-'));
  await seed(dataFolder, PEOPLE, 11);
  program = await start(dataFolder);
  installation = await openInstallation(dataFolder, program.url);
  const { names, citizenIds, guardedIds, organisations } = await rules();
  const idsOf = async (table: string): Promise<string[]> =>
    (await installation.db.query<{ id: string }>(`select id from ${table} order by id limit 400`)).map(({ id }) => id);
  // Also what the caller has never been shown: an id may have been overheard.
  pool = {
    // As many of whom something is hidden as of everybody: else most questions would be about nothing.
    citizenIds: [...citizenIds, ...Array.from({ length: 8 }, () => guardedIds).flat()],
    ...{ names, codes: organisations.map(({ code }) => code) },
    ids: {
      ...{ person: await idsOf('person'), dispute: await idsOf('dispute') },
      referral: ['ref_none', ...(await idsOf('referral'))],
      organisation: await idsOf('organisation'),
      endpoint: ['whe_none', ...(await idsOf('webhook_endpoint'))],
    },
  };
}, 180_000);
afterAll(async () => {
  await installation.close();
  await program.interrupt();
  rmSync(dataFolder, { recursive: true, force: true });
}, 60_000);

test('of random questions by random callers none is answered with what is not theirs', async () => {
  const naive = await rules();
  const random = createRandom(SEED);
  const schema = buildSchema(readFileSync(join(projectRoot, 'schema', 'supergraph.graphql'), 'utf8'), {
    assumeValidSDL: true,
  });
  // Many of the centre and of offices that hold records: most of a county's offices hold none.
  const holders = naive.organisations.filter(({ sources }) => sources.length > 0);
  const wrong: string[] = [];
  let shown = 0;
  const ask = async (
    asking: Asking & { readonly role: Role; readonly purpose: Purpose | null },
    subject: string,
    query: string,
  ): Promise<void> => {
    const { org, role, purpose, reason } = asking;
    const who = { org, roles: [role], subject, purpose, ...(reason !== null && { reason }) };
    const { data, errors } = await installation.ask(who, query);
    const about = `${JSON.stringify(asking)}: ${query}`;
    for (const { extensions } of errors)
      if (!EXPECTED.has(String(extensions['code']))) wrong.push(`${JSON.stringify(extensions)} for ${about}`);
    for (const fault of naive.faults(asking, data)) wrong.push(`${fault} for ${about}`);
    shown += naive.numbersIn(data);
  };
  for (let index = 0; index < CALLERS; index += 1) {
    const org = random.chance(0.3) ? 'centre' : random.pick(random.chance(0.6) ? holders : naive.organisations).code;
    const role = random.pick(random.chance(0.7) ? ACTING : ROLES);
    const questions = Array.from({ length: QUESTIONS }, () => {
      const purpose = random.chance(0.05) ? null : random.pick(random.chance(0.7) ? USUAL : PURPOSES);
      const asking = { org, role, purpose, reason: random.chance(0.4) ? '随机核查' : null };
      return { asking, query: randomQuestion(random, schema, pool) };
    });
    for (let from = 0; from < questions.length; from += AT_ONCE)
      await Promise.all(
        questions.slice(from, from + AT_ONCE).map(({ asking, query }) => ask(asking, `random ${index}`, query)),
      );
  }
  expect(wrong).toEqual([]);
  // Answers without records would prove nothing.
  expect(shown).toBeGreaterThan((CALLERS * QUESTIONS) / 5);
}, 3_600_000);
