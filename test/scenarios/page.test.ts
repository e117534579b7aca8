/** A page of people with all that the departments hold of them. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { departmentNames } from '../../demo/county/model.ts';
import { openInstallation, type Installation } from '../kit/installation.ts';
import { OPERATOR } from './county.ts';

const PAGE = `query Page($after: String) {
  persons(filter: { name: "王" }, first: 50, after: $after) {
    nodes {
      id
      name
      courtCases { nodes { caseNumber stage } freshness { status } }
      policeIncidents { nodes { incidentNumber kind } freshness { status } }
      petitions { nodes { petitionNumber subject } freshness { status } }
      civilAffairs { marriages { kind } assistance { kind } guardianships { kind } other { kind } freshness { status } }
    }
    pageInfo { hasNextPage endCursor }
  }
}`;

interface Part {
  readonly nodes: readonly object[];
  readonly freshness: { readonly status: string };
}
interface Page {
  readonly persons: {
    readonly nodes: readonly {
      readonly id: string;
      readonly name: string;
      readonly courtCases: Part;
      readonly policeIncidents: Part;
      readonly petitions: Part;
      readonly civilAffairs: { readonly freshness: { readonly status: string } };
    }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

let installation: Installation;
beforeAll(async () => {
  const { dataFolder, url } = inject('installation');
  installation = await openInstallation(dataFolder, url);
});
afterAll(() => installation.close());

test('A page of fifty persons with all their records makes at most one call by key to each department', async () => {
  for (const name of departmentNames) await installation.department(name).reset();
  const { data, errors } = await installation.ask<Page>(OPERATOR, PAGE);
  expect(errors).toEqual([]);
  expect(data.persons.nodes).toHaveLength(50);
  const shown = data.persons.nodes.flatMap(({ courtCases, policeIncidents, petitions }) => [
    [courtCases.nodes.length, policeIncidents.nodes.length, petitions.nodes.length],
  ]);
  // Not because there was nothing to ask for.
  for (const part of [0, 1, 2]) expect(shown.reduce((sum, counts) => sum + (counts[part] ?? 0), 0)).toBeGreaterThan(3);

  const calls = await Promise.all(
    departmentNames.map(async (name) => [name, (await installation.department(name).counters()).byKey] as const),
  );
  for (const [name, byKey] of calls) expect(byKey, name).toBeLessThanOrEqual(1);
});

test('The next page goes on where the first one ended, and nobody stands on both', async () => {
  const first = (await installation.ask<Page>(OPERATOR, PAGE)).data.persons;
  expect(first.pageInfo.hasNextPage).toBe(true);
  const second = (await installation.ask<Page>(OPERATOR, PAGE, { after: first.pageInfo.endCursor })).data.persons;
  expect(second.nodes.length).toBeGreaterThan(0);
  const ids = [...first.nodes, ...second.nodes].map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect([...ids].sort()).toEqual(ids);
});
