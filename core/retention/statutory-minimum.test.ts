import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createRules, loadRules, type Rules } from '../calendar/load-rules.ts';
import { projectRoot } from '../platform/project-root.ts';
import { withStatutoryMinimum } from './statutory-minimum.ts';

const shipped = loadRules(join(projectRoot, 'schema', 'rules'));
const now = new Date('2026-03-10T00:00:00Z');
const RECORDS = 'kept.provision-record';

/** A county's own rules: the shipped ones, with this one kept for so many months. */
const county = (amount: number): Rules =>
  createRules(
    shipped.all.map((rule) =>
      rule.id === RECORDS ? { ...rule, versions: rule.versions.map((version) => ({ ...version, amount })) } : rule,
    ),
  );

test('A county may keep longer than the law asks, not shorter', () => {
  expect(withStatutoryMinimum(county(60), shipped, now).inForce(RECORDS, '2026-03-10')?.amount).toBe(60);
  expect(() => withStatutoryMinimum(county(35), shipped, now)).toThrow(
    'kept.provision-record keeps for less than 网络数据安全管理条例 12 asks: 36 MONTHS.',
  );
});

test('A version that a county has made ready for a later day is held to the law as well', () => {
  const later = createRules(
    county(60).all.map((rule) => {
      const [first] = rule.versions;
      if (rule.id !== RECORDS || !first) return rule;
      const versions = [
        { ...first, version: '1', to: '2026-03-10' },
        { ...first, version: '2', from: '2026-03-11', amount: 1 },
      ];
      return { ...rule, versions };
    }),
  );
  expect(later.inForce(RECORDS, '2026-03-10')?.amount).toBe(60);
  expect(() => withStatutoryMinimum(later, shipped, now)).toThrow(/keeps for less/);
});

test('What its rules leave out of the law is added, and nothing else', () => {
  const clocks = createRules(shipped.all.filter(({ id }) => !id.startsWith('kept.') && !id.startsWith('retention.')));
  const rules = withStatutoryMinimum(clocks, shipped, now);
  expect(rules.inForce(RECORDS, '2026-03-10')?.amount).toBe(36);
  expect(rules.inForce('retention.closed-words', '2026-03-10')).toBeNull();
});
