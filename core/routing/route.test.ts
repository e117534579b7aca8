import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildTree } from '../../demo/county/organisations.ts';
import { projectRoot } from '../platform/project-root.ts';
import { REFERRAL_KINDS } from '../playbooks/playbook.ts';
import { DISPUTE_CATEGORIES } from './category.ts';
import type { RoutedOrganisation } from './nearest.ts';
import { loadResponsibilities, parseResponsibilities } from './responsibility.ts';
import { route, type Question, type Route } from './route.ts';

const paths = new Map<string | null, string>([[null, '']]);
const county: readonly RoutedOrganisation[] = buildTree(700).rows.map(({ code, kind, level, parent }) => {
  const path = `${paths.get(parent)}${code}/`;
  paths.set(code, path);
  return { id: `org_${code}`, code, kind, level, path, parentId: parent && `org_${parent}`, closedAt: null };
});
const list = loadResponsibilities(join(projectRoot, 'demo', 'county', 'responsibility.yaml'));

const org = (code: string): RoutedOrganisation => {
  const found = county.find((one) => one.code === code);
  if (!found) throw new Error(`The county has no ${code}.`);
  return found;
};
const ask = (changes: Partial<Question>): Question => ({
  category: 'NEIGHBOUR',
  isViolent: changes.category === 'DOMESTIC_VIOLENCE',
  kind: 'ASSIGN',
  place: org('t01-c01-p1-g1-m1'),
  organisations: county,
  accused: [],
  sender: org('centre'),
  ...changes,
});
const codes = ({ lead, assisting, guiding, because }: Route) => ({
  lead: lead?.code,
  assisting: assisting.map(({ code }) => code),
  guiding: guiding.map(({ code }) => code),
  reason: because.reason,
});

describe('by the list', () => {
  it('the one responsible leads, with those who assist and guide', () => {
    expect(codes(route(ask({ category: 'MEDICAL' }), list))).toEqual({
      lead: 'mediation-medical',
      assisting: [],
      guiding: ['health'],
      reason: 'RESPONSIBLE',
    });
  });

  it('what is small begins in its compound, also when a micro-grid stands nearer', () => {
    const { lead, guiding, legalBasis } = route(ask({}), list);
    expect(lead?.code).toBe('t01-c01-p1');
    expect(guiding.map(({ code }) => code)).toEqual(['justice-t01']);
    expect(legalBasis).toBe('人民调解法第八条');
    expect(route(ask({ place: org('t01-c01') }), list).lead?.code).toBe('t01-c01');
  });

  it('an office that stands under its own bureau is found by the place it serves', () => {
    const question = ask({ category: 'DOMESTIC_VIOLENCE', place: org('t02-c01-p1') });
    expect(codes(route(question, list))).toMatchObject({
      lead: 'station-t02',
      assisting: ['womens-federation', 'tribunal-t02', 'civil-affairs-t02'],
    });
    // The first township has no tribunal: the court itself.
    expect(codes(route({ ...question, place: org('t01-c01-p1') }, list)).assisting).toContain('court');
  });

  it('the kind of help decides before what it is about; the person is told of the path that law has', () => {
    const { lead, statutoryPath } = route(ask({ kind: 'JUDICIAL_CONFIRMATION' }), list);
    expect(lead?.code).toBe('court');
    expect(statutoryPath?.nameZh).toBe('司法确认');
    expect(route(ask({ kind: 'DELEGATE_MEDIATION', category: 'MEDICAL' }), list).lead?.code).toBe('mediation-medical');
  });

  it('in a smaller place that has its own entry that entry speaks', () => {
    const own = parseResponsibilities(
      `entries:
  - { category: [WELFARE], lead: { code: civil-affairs }, legalBasis: 县 }
  - { category: [WELFARE], place: t01, lead: { code: t01 }, legalBasis: 镇 }
  - { category: '*', place: t01-c01, lead: { code: court }, legalBasis: 社区 }
`,
      'own.yaml',
    );
    expect(route(ask({ category: 'WELFARE' }), own).lead?.code).toBe('t01');
    expect(route(ask({ category: 'WELFARE', place: org('t02') }), own).lead?.code).toBe('civil-affairs');
    expect(route(ask({ category: 'WELFARE', place: null }), own).lead?.code).toBe('civil-affairs');
  });

  it('of two possible leads neither leads: the petition bureau does, they assist, the justice bureau guides', () => {
    const result = route(ask({ category: 'RENOVATION' }), list);
    expect(codes(result)).toEqual({
      lead: 'petitions',
      assisting: ['housing', 'urban-management'],
      guiding: ['justice'],
      reason: 'SEVERAL_RESPONSIBLE',
    });
    expect(result.legalBasis).toContain('信访工作条例第二十四条');
    expect(result.because.entries).toHaveLength(2);
  });

  it('a legal department that is itself one of the two does not guide: the county’s government does', () => {
    expect(codes(route(ask({ category: 'ADMINISTRATIVE' }), list))).toMatchObject({
      lead: 'petitions',
      assisting: ['justice', 't01'],
      guiding: ['county'],
    });
  });

  it('what nobody is responsible for goes to the county centre’s desk', () => {
    expect(codes(route(ask({ category: 'OTHER' }), list))).toMatchObject({
      lead: 'centre',
      reason: 'NOBODY_RESPONSIBLE',
    });
  });

  it('an organisation that has been closed leads nothing', () => {
    const organisations = county.map((one) => (one.code === 'veterans' ? { ...one, closedAt: new Date(0) } : one));
    expect(codes(route(ask({ category: 'VETERANS', organisations }), list))).toMatchObject({ lead: 'centre' });
  });

  it('the sender neither assists nor guides: it is there already', () => {
    expect(codes(route(ask({ category: 'RENOVATION', sender: org('housing') }), list)).assisting).toEqual([
      'urban-management',
    ]);
  });

  it('domestic violence does not go to mediators by itself', () => {
    const question = ask({ category: 'DOMESTIC_VIOLENCE', kind: 'DELEGATE_MEDIATION' });
    expect(route(question, list).lead?.kind).toBe('STATION');
  });

  it('nor is what was taken down as a quarrel in the family, once a record tells of violence', () => {
    const question = ask({ category: 'FAMILY', kind: 'DELEGATE_MEDIATION' });
    const isMediator = ({ lead, assisting }: Route): boolean =>
      [lead, ...assisting].some((one) => one?.kind === 'MEDIATION_BODY');
    expect(isMediator(route(question, list))).toBe(true);
    expect(isMediator(route({ ...question, isViolent: true }, list))).toBe(false);
  });
});

describe('an accusation', () => {
  it('against the one responsible goes to discipline inspection, and nobody else takes part', () => {
    const result = route(ask({ category: 'VETERANS', accused: ['org_veterans'] }), list);
    expect(codes(result)).toEqual({ lead: 'discipline', assisting: [], guiding: [], reason: 'ACCUSED' });
    expect(result.because.entries).toHaveLength(1);
  });

  it('against somebody else goes the usual way, past all who are under the accused: of a kind the next above takes part', () => {
    expect(codes(route(ask({ category: 'DOMESTIC_VIOLENCE', accused: ['org_t01'] }), list))).toEqual({
      lead: 'station-t01',
      assisting: ['civil-affairs', 'court', 'womens-federation'],
      guiding: [],
      reason: 'RESPONSIBLE',
    });
  });

  it('against discipline inspection goes to the level above it', () => {
    const question = ask({ kind: 'DISCIPLINE', accused: ['org_discipline'] });
    expect(codes(route(question, list))).toMatchObject({ lead: 'county', reason: 'ACCUSED' });
  });

  it('against somebody whom the tree does not have goes to discipline inspection: who is under them is not known', () => {
    expect(codes(route(ask({ accused: ['org_gone'] }), list))).toMatchObject({ lead: 'discipline', assisting: [] });
  });

  it('against the whole county has nobody left in it', () => {
    expect(codes(route(ask({ accused: ['org_county'] }), list))).toMatchObject({
      lead: undefined,
      reason: 'NOBODY_LEFT',
    });
  });
});

describe('whatever is asked', () => {
  const organisation = fc.constantFrom(...county);
  const question: fc.Arbitrary<Question> = fc.record({
    category: fc.constantFrom(...DISPUTE_CATEGORIES),
    isViolent: fc.boolean(),
    kind: fc.constantFrom(...REFERRAL_KINDS),
    place: fc.option(organisation),
    sender: organisation,
    accused: fc.uniqueArray(organisation, { maxLength: 4 }).map((rows) => rows.map(({ id }) => id)),
    organisations: fc
      .uniqueArray(organisation, { maxLength: 12 })
      .map((closed) => county.map((one) => (closed.includes(one) ? { ...one, closedAt: new Date(0) } : one))),
  });
  const isBarred = (path: string, { accused }: Question): boolean =>
    county.some((one) => accused.includes(one.id) && path.startsWith(one.path));

  it('no accused and nobody under one gets any part, nobody gets two, and nobody closed gets one', () => {
    fc.assert(
      fc.property(question, (asked) => {
        const { lead, assisting, guiding } = route(asked, list);
        const parts = [...(lead ? [lead] : []), ...assisting, ...guiding];
        expect(parts.filter(({ path, closedAt }) => closedAt !== null || isBarred(path, asked))).toEqual([]);
        expect(new Set(parts.map(({ id }) => id)).size).toBe(parts.length);
      }),
    );
  });

  it('somebody leads, unless nobody is left who may', () => {
    fc.assert(
      fc.property(question, (asked) => {
        const { lead, because } = route(asked, list);
        const left = asked.organisations.some(({ path, closedAt }) => closedAt === null && !isBarred(path, asked));
        expect(lead !== null).toBe(left);
        expect(because.reason === 'NOBODY_LEFT').toBe(!left);
      }),
    );
  });

  it('the same question has the same answer, in whatever order the organisations come', () => {
    fc.assert(
      fc.property(question, fc.integer(), (asked, turn) => {
        const at = Math.abs(turn) % county.length;
        const turned = [...asked.organisations.slice(at), ...asked.organisations.slice(0, at)].reverse();
        expect(codes(route({ ...asked, organisations: turned }, list))).toEqual(codes(route(asked, list)));
      }),
    );
  });
});
