import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseLinks, type LinkableMatter } from './candidate-link.ts';
import { compareRecords, isCertain, judgeLink, partiesOf, type ComparableRecord } from './judge-link.ts';
import { shippedLinkRule } from './link-rule.ts';

const rule = shippedLinkRule();
const DAY = 86_400_000;

const of = (source: string, named: Readonly<Record<string, string>>, more: Partial<ComparableRecord> = {}) => ({
  ...{ id: `${source}/1`, source, category: 'LENDING', at: 0, placePath: 'county/t01/c01/' },
  parties: partiesOf(
    source,
    Object.entries(named).map(([personId, role]) => ({ personId, role })),
  ),
  ...more,
});
const incident = of('POLICE', { wang: 'reporter', he: 'party' });
const filed = (named: Readonly<Record<string, string>>, more: Partial<ComparableRecord> = {}) =>
  of('COURTS', named, { at: 30 * DAY, ...more });
const bothAgain = filed({ wang: 'plaintiff', he: 'defendant' });

test('The same people on both sides, one category, one place, a month apart: proposed, and with nothing left open', () => {
  const evidence = judgeLink(incident, bothAgain, rule);
  expect(evidence?.reasons).toEqual(['PARTIES_BOTH_SIDES', 'CATEGORY_SAME', 'PLACE_SAME', 'TIME_CLOSE']);
  expect(evidence && isCertain(evidence, rule)).toBe(true);
});

test('Which of the two is asked about first does not matter', () => {
  const sources = ['POLICE', 'COURTS', 'PETITIONS', 'CIVIL_AFFAIRS', 'CENTRE'];
  const roles = ['reporter', 'party', 'plaintiff', 'defendant', 'petitioner', 'holder', 'agent'];
  const matter = fc
    .record({
      source: fc.constantFrom(...sources),
      named: fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom(...roles)),
      category: fc.constantFrom('LENDING', 'FINANCE', 'NEIGHBOUR'),
      day: fc.nat(200),
      placePath: fc.constantFrom(null, 'county/', 'county/t01/', 'county/t02/'),
    })
    .map(({ source, named, category, day, placePath }) => of(source, named, { category, at: day * DAY, placePath }));
  fc.assert(
    fc.property(matter, matter, (a, b) => {
      const [one, other] = [
        { ...a, id: 'a' },
        { ...b, id: 'b' },
      ];
      expect(judgeLink(one, other, rule)).toEqual(judgeLink(other, one, rule));
    }),
  );
});

describe('Not proposed', () => {
  test.each([
    ['who is sued is another', incident, filed({ wang: 'plaintiff', li: 'defendant' })],
    ['who claims there answers here', of('PETITIONS', { he: 'petitioner' }), bothAgain],
    ['only the agent is the same', of('PETITIONS', { fang: 'agent' }), filed({ fang: 'agent', li: 'plaintiff' })],
    ['the place is another', incident, { ...bothAgain, placePath: 'county/t02/' }],
    ['the category has nothing to do with it', incident, { ...bothAgain, category: 'MEDICAL' }],
    ['it is too long ago', incident, { ...bothAgain, at: 100 * DAY }],
    ['one department has both', filed({ wang: 'plaintiff' }, { id: 'COURTS/0' }), bothAgain],
    ['civil affairs came first', of('CIVIL_AFFAIRS', { wang: 'holder' }), bothAgain],
    [
      'of those who petition together only some sue',
      of('PETITIONS', { wang: 'petitioner', li: 'petitioner' }),
      bothAgain,
    ],
  ])('%s', (_, a, b) => {
    expect(judgeLink(a, b, rule)).toBeNull();
  });
});

test('An entry of civil affairs names one of several who claim together, and that is enough', () => {
  const entry = of('CIVIL_AFFAIRS', { li: 'holder' }, { at: 40 * DAY });
  const together = filed({ wang: 'plaintiff', li: 'plaintiff', he: 'defendant' });
  expect(judgeLink(together, entry, rule)?.reasons[0]).toBe('PARTIES_ONE_SIDE');
});

test('A category that two offices take down one matter in is related; a matter that takes long has longer', () => {
  expect(compareRecords(incident, { ...bothAgain, category: 'FINANCE' }, rule)?.category).toBe('RELATED');
  const slow = { category: 'CONSTRUCTION' };
  expect(compareRecords({ ...incident, ...slow }, { ...bothAgain, ...slow, at: 100 * DAY }, rule)?.time).toBe('NEAR');
});

test('What does not say where it was is proposed, and joins by itself nowhere', () => {
  const evidence = judgeLink({ ...incident, placePath: null }, bothAgain, rule);
  expect(evidence && isCertain(evidence, rule)).toBe(false);
});

describe('Between two disputes', () => {
  const nobody = { offices: [], accused: [] };
  const matter = (record: ComparableRecord, disputeId: string, more: Partial<LinkableMatter> = {}): LinkableMatter => ({
    ...{ ...record, disputeId, kind: 'DISPUTE', barrier: nobody },
    ...more,
  });

  test('the heaviest evidence is proposed, once', () => {
    const petition = of('PETITIONS', { wang: 'petitioner' }, { at: 10 * DAY });
    const found = chooseLinks(
      [
        [matter(petition, 'd1'), matter(bothAgain, 'd2')],
        [matter(incident, 'd1'), matter(bothAgain, 'd2')],
      ],
      rule,
    );
    expect([...found.values()].map(({ beside, record }) => [beside.id, record.id])).toEqual([['POLICE/1', 'COURTS/1']]);
  });

  test('an accusation is not proposed with what the accused hold', () => {
    const accused = { offices: ['county/petitions/'], accused: ['county/police/'] };
    const held = { offices: ['county/police/t01-station/'], accused: [] };
    const pair = [matter(incident, 'd1', { barrier: held }), matter(bothAgain, 'd2', { barrier: accused })] as const;
    expect(chooseLinks([pair], rule).size).toBe(0);
    expect(chooseLinks([[pair[0], matter(bothAgain, 'd2')]], rule).size).toBe(1);
  });
});
