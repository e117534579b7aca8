/** The queries of README and docs/client.md, asked of a running installation in the order in which they stand. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { curlBodyOf, queriesOf, readPage } from '../docs/document.ts';
import { openInstallation, type Answer, type Installation } from '../kit/installation.ts';
import { OPERATOR, SUPERVISOR } from './county.ts';

let installation: Installation;

beforeAll(async () => {
  const { dataFolder, url } = inject('installation');
  installation = await openInstallation(dataFolder, url);
});
afterAll(() => installation.close());

interface FirstAnswer {
  readonly personByCitizenId: Readonly<
    Record<'courtCases' | 'policeIncidents' | 'petitions', { nodes: unknown[]; freshness: { status: string } }>
  > & {
    readonly civilAffairs: { marriages: unknown[]; freshness: { status: string } };
    readonly disputes: { nodes: { records: { source: string }[] }[] };
  };
}

test('README’s first query answers with a record of every department and a dispute known to three', async () => {
  const [first] = queriesOf(readPage('README.md'));
  const { data, errors } = await installation.ask<FirstAnswer>(OPERATOR, first?.query ?? '');
  expect(errors).toEqual([]);
  const { courtCases, policeIncidents, petitions, civilAffairs, disputes } = data.personByCitizenId;
  for (const { nodes } of [courtCases, policeIncidents, petitions]) expect(nodes.length).toBeGreaterThan(0);
  expect(civilAffairs.marriages.length).toBeGreaterThan(0);
  const known = disputes.nodes.map(({ records }) => new Set(records.map(({ source }) => source)).size);
  expect(Math.max(...known)).toBe(3);
});

test('README’s request by curl is answered', async () => {
  const token = await installation.token(OPERATOR);
  const headers = { authorization: `Bearer ${token}`, 'x-purpose': 'mediation' };
  const { errors, data } = await installation.post(headers, curlBodyOf(readPage('README.md')));
  expect(errors).toEqual([]);
  expect(data).toMatchObject({ personByCitizenId: { name: '宋枫桥' } });
});

/** The key of a petition that alone founded a dispute nobody has touched: it may be linked to another. */
const LONELY = `query Lonely($after: String) {
  disputes(first: 100, after: $after) {
    nodes { version records { source key } }
    pageInfo { endCursor hasNextPage }
  }
}`;

interface Lonely {
  readonly disputes: {
    readonly nodes: { readonly version: number; readonly records: { source: string; key: string | null }[] }[];
    readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
  };
}

async function lonelyPetition(): Promise<string> {
  for (let after: string | null = null; ;) {
    const { data }: Answer<Lonely> = await installation.ask<Lonely>(SUPERVISOR, LONELY, { after });
    for (const { version, records } of data.disputes.nodes) {
      const [only, ...others] = records;
      if (version === 1 && others.length === 0 && only?.source === 'PETITIONS' && only.key) return only.key;
    }
    if (!data.disputes.pageInfo.hasNextPage) throw new Error('every petition tells of a dispute known to others');
    after = data.disputes.pageInfo.endCursor;
  }
}

interface Act {
  readonly dispute?: { readonly id?: string; readonly version: number } | null;
  readonly referral?: { readonly id: string };
  readonly person?: { readonly id: string; readonly records: readonly { source: string; key: string }[] };
}

/** Of whom the centre has no dispute in hand, its supervisor decides, and says why. */
const REVIEWER = { ...SUPERVISOR, purpose: 'supervision', reason: '核对身份' } as const;
const isAboutWho = (query: string): boolean => /identityReviews|decideIdentityReview|splitPerson/.test(query);

test('The queries of the client’s page are answered, one after another', async () => {
  // What a reader fills in: ids and versions of the answers before.
  const filled: Record<string, unknown> = { record: await lonelyPetition() };
  for (const { query, variables } of queriesOf(readPage('docs/client.md'))) {
    const given = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, filled[name] ?? value]));
    const { data, errors, text } = await installation.ask<Record<string, unknown>>(
      isAboutWho(query) ? REVIEWER : SUPERVISOR,
      query,
      given,
    );
    expect(errors, query).toEqual([]);
    expect(text).not.toContain('"data":null');
    if ('organisation' in data) filled['place'] = (data['organisation'] as { id: string }).id;
    if ('disputeLinkProposals' in data)
      filled['proposal'] = (data['disputeLinkProposals'] as { nodes: { id: string }[] }).nodes[0]?.id;
    if ('identityReviews' in data)
      filled['question'] = (data['identityReviews'] as { nodes: { id: string }[] }).nodes[0]?.id;
    if (!query.trimStart().startsWith('mutation')) continue;
    const { dispute, referral, person } = Object.values(data)[0] as Act;
    if (person) {
      filled['person'] = person.id;
      filled['wrong'] = person.records.slice(0, 1).map(({ source, key }) => ({ source, key }));
    }
    filled['dispute'] = dispute?.id ?? filled['dispute'];
    filled['version'] = dispute?.version ?? filled['version'];
    filled['referral'] = referral?.id;
  }
  expect(filled['version']).toBe(4);
});
