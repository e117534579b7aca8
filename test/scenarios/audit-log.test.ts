/** The audit log from outside: its tiles and checkpoint as any client of such logs reads them, and a chain that proves itself. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { informed, createReferralDesk, type ReferralDesk, type ShownReferral } from '../kit/referral-desk.ts';
import { maplebridge, openInstallation, until, type Asker, type Installation } from '../kit/installation.ts';
import {
  checkTiles,
  leafOf,
  readCheckpoint,
  readEntries,
  readLeaves,
  type TlogCheckpoint,
} from '../kit/tlog-client.ts';
import { AUDITOR, handlerOf, OPERATOR } from './county.ts';

let installation: Installation;
let desk: ReferralDesk;
let url: string;
let folder: string;
beforeAll(async () => {
  const given = inject('installation');
  ({ url } = given);
  installation = await openInstallation(given.dataFolder, url);
  desk = createReferralDesk(installation, OPERATOR);
  folder = mkdtempSync(join(tmpdir(), 'maplebridge-audit-'));
});
afterAll(async () => {
  await installation.close();
  rmSync(folder, { recursive: true, force: true });
});

const getAs = (who: Asker | null) => async (path: string) => {
  const headers = who === null ? {} : { authorization: `Bearer ${await installation.token(who)}` };
  const response = await fetch(`${url}/audit/${path}`, { headers });
  return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) };
};
const get = getAs(null);
const text = async (path: string): Promise<string> => (await get(path)).bytes.toString();

const checkpoint = async (): Promise<TlogCheckpoint> => readCheckpoint(await text('checkpoint'), await text('vkey'));

const closed = async (): Promise<ShownReferral> => {
  let referral = await desk.mustOpen(OPERATOR, {
    ...{ dispute: await desk.openDispute(), kind: 'ASSIGN', lead: await desk.idOf('police') },
    summary: '请派出所先行调解。',
  });
  const police = handlerOf('police');
  referral = await desk.must(police, 'acceptReferral', referral);
  referral = await desk.must(police, 'reportProgress', referral, { note: '已联系双方。' });
  referral = await desk.must(police, 'submitFeedback', referral, {
    ...{ outcome: 'AGREED_WRITTEN', text: '双方签了协议。', partiesInformed: informed() },
  });
  return desk.must(OPERATOR, 'closeReferral', referral);
};

/** Every event has its place, under a checkpoint. */
const placed = (id: string): Promise<number[]> =>
  until('every event has a place in the log', async () => {
    const { data } = await installation.ask<{ referral: { events: { auditIndex: number | null }[] } }>(
      OPERATOR,
      'query ($id: ID!) { referral(id: $id) { events { auditIndex } } }',
      { id },
    );
    const places = data.referral.events.map(({ auditIndex }) => auditIndex);
    return places.every((place) => place !== null) && places;
  });

describe('As C2SP has it', () => {
  test('a client written from the texts alone reads checkpoint, tiles and entries, and finds them to agree', async () => {
    const places = await placed((await closed()).id);
    const { origin, size, root } = await checkpoint();
    expect(origin).toMatch(/\/audit$/);
    expect(size).toBeGreaterThan(Math.max(...places));
    expect((await checkTiles(get, size)).equals(root)).toBe(true);
    const entries = await readEntries(getAs(AUDITOR), size);
    const leaves = await readLeaves(get, size);
    expect(entries.map((entry) => leafOf(entry).toString('hex'))).toEqual(leaves.map((leaf) => leaf.toString('hex')));
    expect(entries[places[0] ?? 0]?.toString()).toContain('"kind":"referral.opened"');
  });

  test('entries are for auditors; what does not exist is not there', async () => {
    expect((await get('tile/entries/000.p/1')).status).toBe(401);
    expect((await getAs(OPERATOR)('tile/entries/000.p/1')).status).toBe(403);
    for (const path of ['tile/0/999', 'tile/64/000', 'tile/0/000.p/256', 'tile/0/000.p/0', 'tile/x/000', 'nothing'])
      expect((await get(path)).status, path).toBe(404);
  });

  test('no entry and no tile holds anybody’s words or name', async () => {
    await placed((await closed()).id);
    const { size } = await checkpoint();
    const entries = (await readEntries(getAs(AUDITOR), size)).map(String).join('\n');
    for (const words of ['已联系双方', '双方签了协议', '请派出所先行调解']) expect(entries).not.toContain(words);
    // A number of 18 digits is a citizen's.
    expect(entries).not.toMatch(/\b\d{17}[\dX]\b/);
  });
});

describe('For auditors', () => {
  const ENTRIES = `query ($filter: AuditFilter!, $first: Int, $after: String) {
    auditEntries(filter: $filter, first: $first, after: $after) {
      nodes { index kind subject body leafHash actor { organisation { code } role system } }
      pageInfo { hasNextPage endCursor }
    }
  }`;
  interface Page {
    readonly nodes: readonly { index: number; kind: string; subject: string; body: string; leafHash: string }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
  }
  const entriesOf = async (filter: object, more: object = {}, who = AUDITOR): Promise<Page> => {
    const { data, errors } = await installation.ask<{ auditEntries: Page }>(who, ENTRIES, { filter, ...more });
    expect(errors).toEqual([]);
    return data.auditEntries;
  };

  test('a referral’s entries are found page by page, newest first, and their bytes are those of the leaves', async () => {
    const { id } = await closed();
    const places = await placed(id);
    const all = await entriesOf({ referral: id, kind: ['referral.opened', 'referral.accepted', 'referral.closed'] });
    expect(all.nodes.map(({ kind }) => kind)).toEqual(['referral.closed', 'referral.accepted', 'referral.opened']);
    const found: number[] = [];
    for (let after: string | undefined; ;) {
      const page = await entriesOf({ referral: id }, { first: 3, after });
      found.push(...page.nodes.map(({ index }) => index));
      if (!page.pageInfo.hasNextPage) break;
      after = page.pageInfo.endCursor;
    }
    expect(found).toEqual(expect.arrayContaining(places));
    expect(found).toEqual([...found].sort((a, b) => b - a));
    const [first] = all.nodes;
    expect(leafOf(Buffer.from(first?.body ?? '')).toString('base64')).toBe(first?.leafHash);
  });

  test('looking is itself an entry; others than auditors are refused', async () => {
    const { id } = await closed();
    await placed(id);
    await entriesOf({ referral: id });
    await until('the look is in the log', async () => {
      const { nodes } = await entriesOf({ referral: id, kind: ['audit.read'] });
      return nodes.length > 0;
    });
    const { errors } = await installation.ask(OPERATOR, ENTRIES, { filter: { referral: id } });
    expect(errors[0]?.extensions['code']).toBe('FORBIDDEN');
  });

  test('proofs are given of what is published, and of nothing else', async () => {
    const [place = 0] = await placed((await closed()).id);
    const { size } = await checkpoint();
    const ask = (query: string) => installation.ask<Record<string, { hashes: string[] }>>(AUDITOR, query);
    const { data } = await ask(`{ auditInclusion(index: ${place}, treeSize: ${size}) { leafHash hashes } }`);
    expect(data['auditInclusion']?.hashes.length).toBeGreaterThan(0);
    expect((await ask(`{ auditConsistency(from: 1, to: ${size}) { hashes } }`)).errors).toEqual([]);
    for (const query of [
      `{ auditInclusion(index: ${size}, treeSize: ${size}) { hashes } }`,
      `{ auditInclusion(index: 0, treeSize: ${size + 100_000}) { hashes } }`,
      '{ auditConsistency(from: 0, to: 1) { hashes } }',
      '{ auditConsistency(from: 2, to: 1) { hashes } }',
    ])
      expect((await ask(query)).errors[0]?.extensions['code'], query).toBe('BAD_USER_INPUT');
  });
});

describe('A chain', () => {
  const settings = (): Record<string, string> => ({ MAPLEBRIDGE_DATA: installation.dataFolder });

  test('is exported, and verified off line with the key alone; a changed copy is not', async () => {
    const { id } = await closed();
    const exported = await maplebridge(['audit', 'export', id], settings());
    expect(exported.stderr).toBe('');
    const [file, key, changed] = [join(folder, 'chain.json'), join(folder, 'vkey'), join(folder, 'changed.json')];
    writeFileSync(file, exported.stdout);
    writeFileSync(key, await text('vkey'));
    writeFileSync(changed, exported.stdout.replace('referral.closed', 'referral.rated_'));
    const verified = await maplebridge(['audit', 'verify', file, '--key', key], {});
    expect(verified).toMatchObject({ code: 0, stderr: '' });
    expect(verified.stdout).toMatch(
      new RegExp(`^OK: the chain of ${id}, complete at .* events unchanged; as of the checkpoint of .*\\n$`),
    );
    const failed = await maplebridge(['audit', 'verify', changed, '--key', key], {});
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(/NOT PROVED: Entry \d+ \(place \d+\) does not stand at place/);
    const unknown = await maplebridge(['audit', 'export', 'ref_none'], settings());
    expect(unknown).toMatchObject({ code: 1, stdout: '' });
  });

  test('is also proved over the API, to whoever may see it', async () => {
    const { id } = await closed();
    const { data, errors } = await installation.ask<{
      referralChain: { proof: { complete: boolean; file: string; checkpoint: { treeSize: number; note: string } } };
    }>(
      OPERATOR,
      'query ($id: ID!) { referralChain(id: $id) { proof { complete file checkpoint { treeSize note } } } }',
      { id },
    );
    expect(errors).toEqual([]);
    const { proof } = data.referralChain;
    expect(proof.complete).toBe(true);
    expect(readCheckpoint(proof.checkpoint.note, await text('vkey')).size).toBe(proof.checkpoint.treeSize);
    const [file, key] = [join(folder, 'api.json'), join(folder, 'vkey')];
    writeFileSync(file, proof.file);
    writeFileSync(key, await text('vkey'));
    expect(await maplebridge(['audit', 'verify', file, '--key', key], {})).toMatchObject({ code: 0 });
  });
});

test('/readyz says for how long entries have waited', async () => {
  const answer = (await (await fetch(`${url}/readyz`)).json()) as { figures: { auditLagMs: number } };
  expect(answer.figures.auditLagMs).toBeLessThan(5_000);
});

describe('Callers', () => {
  test('that somebody came is an entry, once a token; so is what was refused to them', async () => {
    const who = { ...OPERATOR, subject: 'newcomer' };
    await installation.ask(who, '{ me { subject } }');
    await installation.ask(who, '{ me { subject } }');
    const refused = await installation.ask(who, '{ mine: irregularities { nodes { kind } } }');
    expect(refused.errors[0]?.extensions['code']).toBe('FORBIDDEN');
    const entries = await installation.db.query<{ kind: string; body: object }>(
      `select kind, body from audit_trail where actor_subject = 'newcomer' order by id`,
    );
    expect(entries).toMatchObject([
      { kind: 'caller.signed-in', body: { until: expect.stringMatching(/Z$/) as string } },
      { kind: 'caller.refused', body: { fields: ['irregularities'] } },
    ]);
  });
});

describe('Lists that ask a human to look', () => {
  const asAuditor = async <Data>(query: string, variables: object = {}): Promise<Data> => {
    const { data, errors } = await installation.ask<Data>(AUDITOR, query, variables);
    expect(errors).toEqual([]);
    return data;
  };

  test('a visit written down for another day, and a matter closed again, are listed; others than auditors see no list', async () => {
    let referral = await closed();
    // Before the matter was closed, let alone before it was written down.
    referral = await desk.must(OPERATOR, 'recordReturnVisit', referral, {
      ...{ visitedAt: '2020-01-06T09:00:00+08:00', holds: false, interviewed: 2, note: '又漏水了。' },
    });
    referral = await desk.must(handlerOf('police'), 'submitFeedback', referral, {
      ...{ outcome: 'AGREED_WRITTEN', text: '修好了。', partiesInformed: informed() },
    });
    await desk.must(OPERATOR, 'closeReferral', referral);
    const query = `{ irregularities(first: 100) { nodes { kind referral { id } actor { organisation { code } } } } }`;
    type Found = { irregularities: { nodes: { kind: string; referral: { id: string } | null }[] } };
    const { irregularities } = await asAuditor<Found>(query);
    const kinds = irregularities.nodes.map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['VISIT_BACKDATED', 'CLOSED_AGAIN']));
    expect((await installation.ask(OPERATOR, query)).errors[0]?.extensions['code']).toBe('FORBIDDEN');
  });

  test('readers are told that what they read is recorded', async () => {
    const { data } = await installation.ask<{ me: { notices: string[] } }>(OPERATOR, '{ me { notices } }');
    expect(data.me.notices.join()).toMatch(/recorded/);
  });
});
