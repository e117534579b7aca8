/**
 * Random queries over every federation of these tests and over the product's own supergraph: ours against plain graphql-js over the
 * merged data and against stock Apollo; and against graphql-js again while fields fail. More of them: FULL=1; others: SEED=….
 */
import { afterAll, describe, expect, test } from 'vitest';
import { shownErrors, type Answer } from './kit/answer.ts';
import { foundations } from './kit/declaration.ts';
import { noFaults, randomFaults } from './kit/faults.ts';
import { openFederation, type Federation } from './kit/federation.ts';
import { fuzzSubjects } from './kit/fuzz-subject.ts';
import { knownDifference } from './kit/known-difference.ts';
import { misfits } from './kit/misfits.ts';
import { randomQuery } from './kit/random-query.ts';
import { reduceQuery } from './kit/reduce-query.ts';
import type { Args } from './kit/world.ts';

const SEED = Number(process.env['SEED'] ?? 20_260_401);
const QUERIES = process.env['FULL'] ? 1_300 : 20;
const TIME = process.env['FULL'] ? 1_800_000 : 60_000;
/** Of them, as having too many ways (too-many-ways.test.ts): more would say that the limit is too low. */
const MOST_REFUSED = Math.ceil(QUERIES / 100);
/** Of what differs; one fault mostly shows in many queries. */
const TOLD = 3;

type Ask = (query: string, variables: Args) => Promise<Answer>;
/** Whether ours is as it should be beside another’s answer. */
type Compare = (ours: Answer, other: Answer, query: string) => boolean;

const opened: Promise<Federation>[] = [];
afterAll(async () => {
  for (const federation of opened) await (await federation).close();
});

describe.each(fuzzSubjects())('$name', ({ declaration, options, pool }) => {
  const open = (): Promise<Federation> => {
    const federation = openFederation(declaration, options);
    opened.push(federation);
    return federation;
  };
  let shared: Promise<Federation> | null = null;
  const queries = (federation: Federation) =>
    Array.from({ length: QUERIES }, (_, index) => randomQuery(SEED, index, federation.apiSchema, pool));

  /** Nothing, or the smallest queries of which ours is answered otherwise. */
  async function differences(federation: Federation, askOther: Ask, same: Compare, before: (index: number) => void) {
    let refused = 0;
    const differs = async (query: string, variables: Args): Promise<boolean> => {
      const ours = await federation.askOurs(query, variables);
      if (isRefused(ours)) {
        // Stock would go on planning for ever.
        refused += 1;
        return false;
      }
      return !same(ours, await askOther(query, variables), query);
    };
    const told: string[] = [];
    for (const [index, { query, variables }] of queries(federation).entries()) {
      before(index);
      if (!(await differs(query, variables))) continue;
      const smallest = await reduceQuery(query, federation.apiSchema, (one) => differs(one, variables));
      const answers = [await federation.askOurs(smallest, variables), await askOther(smallest, variables)];
      told.push(
        [`${SEED}/${index}`, smallest, ...[variables, ...answers].map((one) => JSON.stringify(one))].join('\n'),
      );
      if (told.length === TOLD) break;
    }
    expect(refused, 'operations that are refused').toBeLessThanOrEqual(MOST_REFUSED);
    return told.join('\n\n');
  }

  test(
    'random queries are answered as without federation',
    async () => {
      const federation = await (shared ??= open());
      const same: Compare = (a, b) => JSON.stringify(a.data) === JSON.stringify(b.data) && sameErrors(a, b);
      expect(
        await differences(
          federation,
          (...asked) => federation.askReference(...asked),
          same,
          () => undefined,
        ),
      ).toBe('');
    },
    TIME,
  );

  test(
    'random queries are answered as by stock Apollo, but for what it is known to get wrong',
    async () => {
      const federation = await (shared ??= open());
      const same: Compare = (a, b, query) =>
        sameData(a, b) || knownDifference(query, federation.apiSchema, declaration) !== null;
      expect(
        await differences(
          federation,
          (...asked) => federation.askStock(...asked),
          same,
          () => undefined,
        ),
      ).toBe('');
    },
    TIME,
  );

  test(
    'while fields fail, the rest is answered, and errors show where they would without federation',
    async () => {
      const federation = await (shared ??= open());
      const spared = foundations(declaration);
      const fail = (seed: number) => {
        federation.faults = randomFaults({ seed, chance: 0.08, spared: (field) => spared.has(field), absences: false });
      };
      const same: Compare = (a, b) => sameData(a, b) && sameErrors(a, b);
      expect(await differences(federation, (...asked) => federation.askReference(...asked), same, fail)).toBe('');
      federation.faults = noFaults;
    },
    TIME,
  );

  test(
    'whatever fails, fields or things or subgraphs, an answer comes that fits the query',
    async () => {
      const federation = await open();
      const names = declaration.subgraphs.map(({ name }) => name);
      const unfit: string[] = [];
      let refused = 0;
      for (const [index, { query, variables }] of queries(federation).entries()) {
        federation.faults = randomFaults({ seed: index, chance: 0.15, spared: () => false, absences: true });
        for (const [place, name] of names.entries())
          federation.service(name).conduct = CONDUCTS[(index + place * 5) % CONDUCTS.length] ?? 'answers';
        const ours = await federation.askOurs(query, variables);
        if (isRefused(ours)) refused += 1;
        else unfit.push(...reproach(federation, query, ours));
      }
      expect(refused, 'operations that are refused').toBeLessThanOrEqual(MOST_REFUSED);
      expect(unfit.slice(0, TOLD).join('\n\n')).toBe('');
    },
    TIME,
  );
});

const CONDUCTS = ['answers', 'answers', 'status 500', 'answers', 'malformed', 'answers', 'closes'] as const;

const isRefused = ({ errors = [] }: Answer): boolean =>
  errors.some(({ extensions }) => extensions?.['code'] === 'QUERY_TOO_COMPLEX');

function reproach({ apiSchema }: Federation, query: string, { data, errors = [] }: Answer): string[] {
  const faults = [
    ...(data === undefined ? ['there is no data'] : misfits(apiSchema, query, data)),
    ...(data === null && errors.length === 0 ? ['null without an error'] : []),
  ];
  return faults.length > 0 ? [[faults.join('; '), query, JSON.stringify({ data, errors })].join('\n')] : [];
}

const sameData = (a: Answer, b: Answer): boolean => sorted(a.data) === sorted(b.data);

const sameErrors = (a: Answer, b: Answer): boolean =>
  JSON.stringify([...shownErrors(a)].sort()) === JSON.stringify([...shownErrors(b)].sort());

/** Without the order of fields. */
const sorted = (data: unknown): string =>
  JSON.stringify(data, (_key, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
