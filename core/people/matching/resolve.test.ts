import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkCharacter } from '../../platform/citizen-id.ts';
import { shippedWeights } from '../matcher.ts';
import { createReadAddress } from './address.ts';
import { decidedOf, settle, type Decision } from './decision.ts';
import { createComparer } from './evidence.ts';
import { resolve, type Matchable, type Resolution } from './resolve.ts';
import { readTraits, type Said } from './trait.ts';

const RUNS = process.env['FULL'] ? 300 : 100;

const weights = shippedWeights();
const readAddress = createReadAddress([{ name: '枫香苑', level: 'COMPOUND', path: '1/' }]);

const numberOf = (birth: string, sequence: number): string => {
  const first17 = `330602${birth.replaceAll('-', '')}${String(sequence).padStart(3, '0')}`;
  return `${first17}${checkCharacter(first17)}`;
};
const HOME = '枫香苑3幢2单元501室';
const BORN = '1985-03-12';
const NUMBER = numberOf(BORN, 102);
const who = (fields: Partial<Said> = {}): Said => ({
  ...{ name: '魏霞丹', citizenId: null, birthDate: BORN, sex: 'FEMALE', phone: null, address: null },
  ...fields,
});
const mention = (id: string, fields: Partial<Said> = {}): Matchable => ({
  id,
  traits: readTraits(who(fields), readAddress),
});
const decided = (a: string, b: string, same: boolean, at = 0): Decision => ({ a, b, same, at });
const work = (mentions: readonly Matchable[], decisions: readonly Decision[] = []): Resolution =>
  resolve(mentions, createComparer(weights).among(mentions, { decided: decidedOf(decisions) }), decisions, weights);
const parts = (...args: Parameters<typeof work>): string[] => work(...args).parts.map((part) => part.join(' '));
const asked = (...args: Parameters<typeof work>): string[] => work(...args).reviews.map(({ a, b }) => `${a} ${b}`);

test('A number, a name, a birth date or a home that was written otherwise keeps nobody apart', () => {
  const mentions = [
    mention('1', { citizenId: NUMBER, phone: '13800000001', address: HOME }),
    mention('2', { name: '魏霞单', phone: '13800000001' }),
    mention('3', { birthDate: '1985-12-03', address: '枫香苑3-2-501' }),
    mention('4', { citizenId: `${NUMBER.slice(0, 16)}9${NUMBER.slice(17)}` }),
  ];
  expect(parts(mentions)).toEqual(['1 2 3 4']);
  const { reasons } = work(mentions);
  expect(reasons.get('2')).toMatchObject({
    rule: 'SCORE',
    evidence: { comparison: { name: 'SOUND', birthDate: 'EQUAL' } },
  });
});

test('Two valid numbers are never one person by a score, however much else agrees; a human is asked', () => {
  const same = { phone: '13800000001', address: HOME };
  const mentions = [
    mention('1', { citizenId: NUMBER, ...same }),
    mention('2', { citizenId: numberOf(BORN, 104), ...same }),
  ];
  expect(parts(mentions)).toEqual(['1', '2']);
  expect(asked(mentions)).toEqual(['1 2']);
  expect(parts(mentions, [decided('1', '2', true)])).toEqual(['1 2']);
});

test('A household, a telephone and an address join nobody: not husband and wife, not twins, not the victim and who beat her', () => {
  const home = { phone: '13800000001', address: HOME };
  expect(
    parts([
      mention('wife', home),
      mention('husband', { ...home, name: '魏国强', birthDate: '1983-07-01', sex: 'MALE' }),
      mention('twin', { ...home, name: '魏霞萍' }),
      mention('child', { ...home, name: '魏霞丹', birthDate: '2012-05-06', citizenId: numberOf('2012-05-06', 8) }),
      mention('mother', { ...home, citizenId: NUMBER }),
    ]),
  ).toEqual(['child', 'husband', 'mother wife', 'twin']);
});

test('A mother’s number on a child’s form joins neither; her own is asked about only where the child’s is not known', () => {
  const child = { name: '李子轩', birthDate: '2012-05-06', sex: 'MALE' } as const;
  const borrowed = mention('2', { ...child, citizenId: NUMBER });
  expect(parts([mention('1', { citizenId: NUMBER }), borrowed])).toEqual(['1', '2']);
  expect(asked([mention('1', { citizenId: NUMBER }), borrowed])).toEqual(['1 2']);
  const own = mention('3', { ...child, citizenId: numberOf('2012-05-06', 9), address: HOME });
  expect(asked([mention('1', { citizenId: NUMBER }), borrowed, own])).toEqual(['2 3']);
});

test('A twin’s mistyped number, a digit away from the other’s, joins no twins at one door', () => {
  const [one, other] = [numberOf(BORN, 102), numberOf(BORN, 104)];
  // The other's, with the first one's check digit.
  const mistyped = `${other.slice(0, 17)}${one.slice(17)}`;
  const home = { phone: '13800000001', address: HOME };
  const mentions = [
    mention('1', { ...home, citizenId: one }),
    mention('2', { ...home, name: '魏晓芳', citizenId: mistyped }),
    mention('3', { ...home, name: '魏晓芳', citizenId: other }),
  ];
  expect(parts(mentions)).toEqual(['1', '2 3']);
  expect(parts(mentions.slice(0, 2))).toEqual(['1', '2']);
});

test('A spouse born on the same day, under the other’s number, is told apart', () => {
  expect(
    parts([mention('1', { citizenId: NUMBER }), mention('2', { citizenId: NUMBER, name: '王国强', sex: 'MALE' })]),
  ).toEqual(['1', '2']);
});

test('Who might be either of two namesakes is asked about, both times', () => {
  const mentions = [
    mention('1', { citizenId: NUMBER }),
    mention('2', { citizenId: numberOf(BORN, 104) }),
    mention('3', {}),
  ];
  expect(parts(mentions)).toEqual(['1', '2', '3']);
  expect(asked(mentions)).toEqual(expect.arrayContaining(['1 3', '2 3']));
  const nearer = [
    ...mentions.slice(0, 2),
    mention('3', { phone: '13800000001' }),
    mention('4', { citizenId: NUMBER, phone: '13800000001' }),
  ];
  expect(parts(nearer)).toEqual(['1 3 4', '2']);
});

test('What a human has decided is not overruled, and is not asked again', () => {
  const [a, b] = [mention('1', { citizenId: NUMBER }), mention('2', { citizenId: NUMBER })];
  const apart = [decided('1', '2', false)];
  expect(parts([a, b], apart)).toEqual(['1', '2']);
  expect(asked([a, b], apart)).toEqual([]);
  // Nor by way of a third, who might be either: that is asked.
  const third = [a, b, mention('3', { citizenId: NUMBER })];
  expect(parts(third, apart)).toEqual(['1', '2', '3']);
  expect(asked(third, apart)).toEqual(['1 3', '2 3']);
  expect(parts(third, [...apart, decided('2', '3', true)])).toEqual(['1', '2 3']);
});

test('Those who stay when somebody is taken out of a person stay one', () => {
  const mentions = ['1', '2', '3', '4'].map((id) => mention(id, { citizenId: NUMBER }));
  const out = ['1', '2', '3'].map((id) => decided(id, '4', false));
  expect(parts(mentions, out)).toEqual(['1 2 3', '4']);
});

test('Of decisions that cannot all hold, the later word holds', () => {
  const [ab, bc, ac] = [decided('a', 'b', true, 1), decided('b', 'c', true, 2), decided('a', 'c', false, 3)];
  expect(settle([ab, bc, ac])).toEqual({ standing: [ac, bc], overruled: [ab] });
  expect(settle([bc, { ...ac, at: 0 }, ab])).toEqual({ standing: [bc, ab], overruled: [{ ...ac, at: 0 }] });
});

test('What stands of decisions can hold at once, and what is overruled is what would not', () => {
  const aDecision = fc
    .tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 }), fc.boolean(), fc.integer({ max: 9 }))
    .filter(([a, b]) => a < b)
    .map(([a, b, same, at]) => decided(String(a), String(b), same, at));
  fc.assert(
    fc.property(fc.array(aDecision, { maxLength: 12 }), (decisions) => {
      const { standing, overruled } = settle(decisions);
      expect(settle([...decisions].reverse())).toEqual({ standing, overruled });
      // One by one, as plainly as can be.
      let parts = ['0', '1', '2', '3', '4', '5'].map((id) => [id]);
      for (const { a, b, same } of standing)
        if (same) {
          const [x, y] = [parts.find((part) => part.includes(a)), parts.find((part) => part.includes(b))];
          if (x && y && x !== y) parts = [...parts.filter((part) => part !== x && part !== y), [...x, ...y]];
        }
      const areOne = ({ a, b }: Decision): boolean => parts.some((part) => part.includes(a) && part.includes(b));
      for (const decision of standing) expect(areOne(decision)).toBe(decision.same);
      for (const decision of overruled) expect(standing.some(({ at }) => at >= decision.at)).toBe(true);
      expect(standing.length + overruled.length).toBe(decisions.length);
    }),
    { seed: 13, numRuns: 500 },
  );
});

const CHARACTERS = ['魏霞丹', '魏霞单', '魏霞萍', '霞丹', '小丹', '魏丹'];
const BIRTHS = [BORN, '1985-12-03', '1986-03-12', null];
const aSaid: fc.Arbitrary<Partial<Said>> = fc.record({
  name: fc.constantFrom(...CHARACTERS),
  birthDate: fc.constantFrom(...BIRTHS),
  citizenId: fc.constantFrom(NUMBER, numberOf(BORN, 104), `${NUMBER.slice(0, 16)}9${NUMBER.slice(17)}`, null),
  phone: fc.constantFrom('13800000001', '13800000002', null),
  address: fc.constantFrom(HOME, '枫香苑1幢1单元101室', null),
  sex: fc.constantFrom('FEMALE', 'MALE', 'UNKNOWN'),
});
const aCrowd = fc.array(aSaid, { minLength: 2, maxLength: 8 }).chain((crowd) =>
  fc.record({
    mentions: fc.constant(crowd.map((said, index) => mention(String(index), said))),
    decisions: fc.array(
      fc.record({
        a: fc.integer({ min: 0, max: crowd.length - 2 }).map(String),
        b: fc.constant(String(crowd.length - 1)),
        same: fc.boolean(),
        at: fc.integer({ min: 0, max: 2 }),
      }),
      { maxLength: 3 },
    ),
    order: fc.shuffledSubarray([...crowd.keys()], { minLength: crowd.length }),
  }),
);

test('The same mentions in any order make the same persons and the same questions', () => {
  fc.assert(
    fc.property(aCrowd, ({ mentions, decisions, order }) => {
      const shuffled = order.map((index) => mentions[index] as Matchable);
      const [one, other] = [work(mentions, decisions), work(shuffled, [...decisions].reverse())];
      expect(other.parts).toEqual(one.parts);
      expect(other.reviews).toEqual(one.reviews);
    }),
    { seed: 11, numRuns: RUNS },
  );
});

test('Whatever the evidence: everybody once, no two valid numbers by a score, nobody together who was decided apart', () => {
  fc.assert(
    fc.property(aCrowd, ({ mentions, decisions }) => {
      const { parts: found, reviews } = work(mentions, decisions);
      expect(found.flat().sort()).toEqual(mentions.map(({ id }) => id).sort());
      const partOf = new Map(found.flatMap((part) => part.map((id) => [id, part])));
      for (const { a, b, same } of settle(decisions).standing) expect(partOf.get(a) === partOf.get(b)).toBe(same);
      for (const { a, b } of reviews) expect(partOf.get(a)).not.toBe(partOf.get(b));
      if (decisions.some(({ same }) => same)) return;
      for (const part of found) {
        const numbers = part.flatMap((id) => {
          const number = mentions.find((one) => one.id === id)?.traits.citizenId;
          return number?.valid ? [number.text] : [];
        });
        expect(new Set(numbers).size).toBeLessThanOrEqual(1);
      }
    }),
    { seed: 12, numRuns: RUNS },
  );
});

test('Of whom the same is said, by records and by humans, is compared as one, also when somebody was taken out of many', () => {
  const many = Array.from({ length: 200 }, (_, index) =>
    mention(`m${String(index).padStart(3, '0')}`, { citizenId: NUMBER }),
  );
  const [leaves, ...stay] = many.map(({ id }) => id);
  const split = stay.map((id) => decided(leaves ?? '', id, false));
  expect(createComparer(weights).among(many, { decided: decidedOf(split) }).length).toBeLessThan(250);
  expect(work(many, split).parts.map((part) => part.length)).toEqual([1, 199]);
});
