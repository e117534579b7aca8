import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { projectRoot } from '../platform/project-root.ts';
import { loadRules } from './load-rules.ts';
import { ruleList } from './rule.ts';

const folder = join(projectRoot, 'schema/rules');
const rules = loadRules(folder);

let own = '';
beforeEach(() => {
  own = mkdtempSync(join(tmpdir(), 'maplebridge-rules-'));
});
afterEach(() => rmSync(own, { recursive: true }));
const write = (name: string, text: string): void => writeFileSync(join(own, name), text);

const version = `
    - version: '1'
      from: 2022-05-01
      to: null
      amount: 15
      unit: DAYS
      rolls: true
      starts: Received.
      stops: Told.
      pauses: []
      extension: null
`;
const good = `- id: petition.notice
  name: Tell the petitioner
  nameZh: 告知
  source: 信访工作条例
  article: '23'
  versions:${version}`;

test('Laws and playbooks have their limits as the domain lists them', () => {
  const limits = Object.fromEntries(
    rules.all.map(({ id, versions }) => [id, `${versions.at(-1)?.amount} ${versions.at(-1)?.unit}`]),
  );
  expect(limits).toMatchObject({
    'petition.registration': '15 DAYS',
    'petition.notice': '15 DAYS',
    'petition.objection': '5 WORKING_DAYS',
    'petition.conclusion': '60 DAYS',
    'petition.review.application': '30 DAYS',
    'petition.review.decision': '30 DAYS',
    'petition.re-review.decision': '30 DAYS',
    'mediation.online.choice': '2 WORKING_DAYS',
    'mediation.online.appointment': '3 WORKING_DAYS',
    'mediation.online.confirmation': '3 WORKING_DAYS',
    'mediation.online.consent': '3 WORKING_DAYS',
    'mediation.delegated': '30 DAYS',
    'mediation.entrusted.ordinary': '15 DAYS',
    'mediation.entrusted.summary': '7 DAYS',
    'mediation.medical': '30 WORKING_DAYS',
    'mediation.traffic': '10 DAYS',
    'mediation.public-order.second': '7 WORKING_DAYS',
    'confirmation.application': '30 DAYS',
    'confirmation.decision': '30 DAYS',
    'judicial-suggestion.answer': '2 MONTHS',
    'judicial-suggestion.answer.minors': '1 MONTHS',
    'protection-order.decision': '72 HOURS',
    'protection-order.decision.urgent': '24 HOURS',
    'protection-order.validity': '6 MONTHS',
    'protection-order.reconsideration': '5 DAYS',
    'legal-aid.decision': '7 DAYS',
    'legal-aid.appointment': '3 DAYS',
    'labour.mediation': '15 DAYS',
    'labour.acceptance': '5 DAYS',
    'labour.award': '45 DAYS',
    'review.decision': '60 DAYS',
    'kept.impact-assessment': '36 MONTHS',
    'kept.provision-record': '36 MONTHS',
    'kept.network-log': '6 MONTHS',
    'm01.first-response': '2 WORKING_DAYS',
    'm21.red-card': '15 DAYS',
  });
});

test('A running clock learns its basis, why it may stand still and how far it may be extended', () => {
  expect(rules.inForce('petition.conclusion', '2025-03-01')).toMatchObject({
    version: '2022',
    basis: '信访工作条例 34',
    rolls: true,
    extension: { atMost: { amount: 30, unit: 'DAYS' }, times: 1, by: 'HEAD_OF_UNIT', tellThePerson: true },
  });
  expect(rules.inForce('mediation.delegated', '2025-03-01')?.pauses.map(({ reason }) => reason)).toEqual(['APPRAISAL']);
  expect(rules.inForce('mediation.entrusted.summary', '2025-03-01')?.pauses).toEqual([]);
  expect(rules.inForce('m21.red-card', '2025-03-01')).toMatchObject({ setting: true, basis: '三源共治', rolls: false });
});

test('No limit in hours rolls, every legal limit in days does, and a playbook says for itself', () => {
  for (const { id, setting, versions } of rules.all) {
    for (const { unit, rolls } of versions) {
      const lasts = id.startsWith('kept.') || id === 'protection-order.validity';
      expect([id, rolls]).toEqual([id, unit !== 'HOURS' && !setting && !lasts]);
    }
  }
});

test('A rule is in force from its first to its last day, and its clocks keep the version they started under', () => {
  const second = version.replace(`'1'`, `'2'`).replace('2022-05-01', '2026-01-01').replace('amount: 15', 'amount: 10');
  write('a.yaml', good.replace('to: null', 'to: 2025-12-31') + second);
  const { inForce, ofVersion } = loadRules(own);
  const on = (day: string) => inForce('petition.notice', day)?.version ?? null;
  expect(['2022-04-30', '2022-05-01', '2025-12-31', '2026-01-01', '2040-01-01'].map(on)).toEqual([
    null,
    '1',
    '1',
    '2',
    '2',
  ]);
  expect(ofVersion('petition.notice', '1')?.amount).toBe(15);
  expect([ofVersion('petition.notice', '3'), inForce('petition.nothing', '2025-01-01')]).toEqual([null, null]);
});

test('Two versions in force on the same day are refused with file and line', () => {
  write('a.yaml', good + version.replace(`'1'`, `'2'`).replace('2022-05-01', '2026-01-01'));
  expect(() => loadRules(own)).toThrow(
    /a\.yaml is not right:\n {2}line 19: 0\.versions\.1\.from: .* end that one the day before/,
  );
});

test('An id stands only once, in one file or in several', () => {
  write('a.yaml', good);
  write('b.yaml', `\n${good}`);
  expect(() => loadRules(own)).toThrow(
    /b\.yaml is not right:\n {2}line 2: 0\.id: stands in a\.yaml already; give this rule another id/,
  );
  rmSync(join(own, 'b.yaml'));
  write('a.yaml', good + good);
  expect(() => loadRules(own)).toThrow(/line 17: 1\.id: stands in this file already/);
});

test.each([
  ['unit: DAYS', 'unit: HOURS', /line 12: 0\.versions\.0\.rolls: must be false/],
  ['unit: DAYS', 'unit: WEEKS', /line 11: 0\.versions\.0\.unit: is none of HOURS/],
  ['amount: 15', 'amount: 0.5', /line 10: 0\.versions\.0\.amount: is not a whole number/],
  ['to: null', 'to: 2021-01-01', /line 9: 0\.versions\.0\.to: is before from/],
  [
    'pauses: []',
    'pauses: [{ reason: appraisal, nameZh: 鉴定, basis: 26 }]',
    /line 15: 0\.versions\.0\.pauses\.0\.reason: is not a code/,
  ],
  ['rolls: true', 'roll: true', /line 12: 0\.versions\.0\.roll: there is no such setting/],
])('"%s" written as "%s" is a fault with its line', (right, wrong, fault) => {
  write('a.yaml', good.replace(right, wrong));
  expect(() => loadRules(own)).toThrow(fault);
});

test('A folder without rules is one clear error', () => {
  expect(() => loadRules(own)).toThrow(/holds no rules; give the folder/);
  expect(() => loadRules(join(own, 'nowhere'))).toThrow(/nowhere cannot be read; give a folder that can/);
});

test('The JSON Schema of a rule file is what the loader takes (vitest -u writes it anew)', async () => {
  const file = join(folder, 'rule.schema.json');
  const schema = JSON.stringify(z.toJSONSchema(ruleList, { io: 'input' }));
  await expect(await format(schema, { ...(await resolveConfig(file)), parser: 'json' })).toMatchFileSnapshot(file);
});
