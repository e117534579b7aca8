import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadRules } from '../calendar/load-rules.ts';
import { ORGANISATION_LEVELS } from '../organisations/organisation.ts';
import { AppError } from '../platform/errors.ts';
import { projectRoot } from '../platform/project-root.ts';
import { loadPlaybooks, readPlaybooks } from './load-playbooks.ts';

const hasRule = (id: string): boolean => id === 'limit';
const read = (texts: Readonly<Record<string, string>>) => readPlaybooks(new Map(Object.entries(texts)), hasRule);
const refusal = (texts: Readonly<Record<string, string>>): string => {
  try {
    read(texts);
  } catch (error) {
    if (error instanceof AppError && error.code === 'BAD_USER_INPUT') return error.message;
    throw error;
  }
  throw new Error('They were taken.');
};

const base = `id: BASE
version: '1'
name: Base
nameZh: 基础
place: any
steps:
  - { id: first, name: First, nameZh: 一, then: { ACCEPTED: second, RETURN_DECIDED: first } }
  - { id: second, name: Second, nameZh: 二, then: { CLOSED: last } }
  - { id: last, name: Last, nameZh: 终 }
clocks:
  - { id: limit, name: Limit, nameZh: 限, rule: limit, starts: [OPENED], stops: [ACCEPTED], kinds: [ASSIGN, WHISTLE] }
  - { id: other, name: Other, nameZh: 他, rule: limit, starts: [OPENED], stops: [ACCEPTED], kinds: [RELIEF] }
`;
const own = (rest: string, version = '1', extended = 'BASE'): string => `extends: ${extended}
id: OWN
version: '${version}'
nameZh: 自己
${rest}`;

it('what a playbook says goes over what the one it extends says; steps and clocks keep their order', () => {
  const playbooks = read({
    'base.yaml': base,
    'own.yaml': own(`steps:
  - { id: second, name: Changed, then: { STARTED: between } }
  - { id: between, before: last, name: Between, nameZh: 间, then: { CLOSED: last, FEEDBACK: after } }
  - { id: after, name: After, nameZh: 后, then: { CLOSED: last } }
clocks:
  - { id: other, remove: true }
  - { id: limit, stops: [STARTED] }
`),
  });
  const playbook = playbooks.get('OWN');
  expect(playbook).toMatchObject({ name: 'Base', nameZh: '自己', place: 'any' });
  expect(playbook?.steps.map(({ id }) => id)).toEqual(['first', 'second', 'between', 'last', 'after']);
  expect(playbook?.steps[1]).toMatchObject({ name: 'Changed', then: { CLOSED: 'last', STARTED: 'between' } });
  expect(playbook?.clocks).toMatchObject([{ id: 'limit', starts: ['OPENED'], stops: ['STARTED'] }]);
});

it('a playbook for a few kinds leaves the clocks for others behind', () => {
  const playbooks = read({ 'base.yaml': base, 'own.yaml': own('kinds: [WHISTLE]') });
  expect(playbooks.get('OWN')?.clocks).toMatchObject([{ id: 'limit', kinds: ['WHISTLE'] }]);
});

it('several versions stand side by side; the highest is the latest', () => {
  const playbooks = read({
    'base.yaml': base,
    'own.yaml': own('', '1'),
    'own@2.yaml': own('', '2'),
    'own@10.yaml': own('', '10'),
  });
  expect(playbooks.latest('OWN')?.version).toBe('10');
  expect(playbooks.get('OWN')?.version).toBe('10');
  expect(playbooks.get('OWN', '2')?.version).toBe('2');
  expect(playbooks.get('OWN', '3')).toBeNull();
  expect(playbooks.latest('NONE')).toBeNull();
  expect(playbooks.all.map(({ id, version }) => `${id} ${version}`)).toEqual(['BASE 1', 'OWN 1', 'OWN 2', 'OWN 10']);
});

it('an extended playbook of several versions must be named with one, so that a new one changes nothing under way', () => {
  const second = base.replace("'1'", "'2'").replace('nameZh: 基础', 'nameZh: 新');
  const texts = { 'base.yaml': base, 'base@2.yaml': second };
  expect(refusal({ ...texts, 'own.yaml': own('') })).toContain('own.yaml line 1: extends: there are several versions');
  expect(read({ ...texts, 'own.yaml': own('', '1', 'BASE@1') }).get('OWN')?.steps).toHaveLength(3);
});

it('all faults of all files are reported at once, each in the file and on the line where it was written', () => {
  const message = refusal({
    'base.yaml': base.replace('rule: limit, starts: [OPENED], stops: [ACCEPTED], kinds: [RELIEF]', 'starts: [OPENED]'),
    'own.yaml': own(`closing:
  rated: [PERSON]
raters: [WHISTLER]
clocks:
  - { id: other, rule: limit, stops: [CLOSED] }
  - { id: limit, rule: nowhere }
  - { id: none, remove: true }
`),
    'broken.yaml': 'id: "BROKEN',
    'typo.yaml': own('stpes: []').replace('OWN', 'TYPO'),
  });
  expect(message.split('\n')).toEqual([
    'Playbooks are not right:',
    expect.stringContaining('broken.yaml line 1: is not YAML'),
    '  base.yaml line 12: clocks.other.rule: is missing; write it down',
    '  base.yaml line 12: clocks.other.stops: is missing; write it down',
    '  own.yaml line 10: clocks.limit.rule: there is no rule `nowhere`; name one of schema/rules, or write it there',
    expect.stringContaining('own.yaml line 6: closing.rated: waits for ratings that nobody may give'),
    '  typo.yaml line 5: stpes: there is no such setting; remove it or mend its name',
    '  own.yaml line 11: clocks.none: there is no `none` to remove; take this entry out',
  ]);
});

it('a playbook that extends itself in the end, or what is not there, is refused', () => {
  const message = refusal({
    'own.yaml': own('', '1', 'OTHER'),
    'other.yaml': own('', '1', 'OWN').replace('id: OWN', 'id: OTHER'),
    'lost.yaml': own('', '1', 'NOWHERE').replace('id: OWN', 'id: LOST'),
  });
  expect(message).toContain('line 1: extends itself in the end; break the circle');
  expect(message).toContain('lost.yaml line 1: extends: there is no such playbook');
});

it.each([
  ['a step that is not there', 'CLOSED: last', 'CLOSED: lsat', 'line 8: steps.second.then.CLOSED: leads to a step'],
  ['a step to which nothing leads', 'ACCEPTED: second', 'ACCEPTED: last', 'line 8: steps.second: no step leads to'],
  ['a step from which nothing leads on', 'CLOSED: last', 'STARTED: first', 'nothing leads to the end'],
  ['a clock twice', 'id: other', 'id: limit', 'clocks.limit: `limit` stands there twice'],
  ['an id twice', 'id: last', 'id: first', 'steps.first: `first` stands there twice'],
  ['a question without its answer', 'nameZh: 一,', 'nameZh: 一, acts: [ACCEPT, RETURN],', 'add DECIDE_RETURN'],
  ['a side for an act it lacks', 'nameZh: 一,', 'nameZh: 一, acts: [ACCEPT], by: { START: [LEAD] },', 'by.START: says'],
  [
    'a side whose act it never is',
    'nameZh: 一,',
    'nameZh: 一, by: { CLOSE: [SENDER, LEAD] },',
    'by.CLOSE: names LEAD,',
  ],
  ['a clock for a kind it does not carry', 'place: any', 'place: any\nkinds: [ASSIGN, WHISTLE]', '(RELIEF)'],
  [
    'handing the lead up by a clock that presses another',
    'stops: [ACCEPTED], kinds: [RELIEF]',
    'stops: [ACCEPTED], kinds: [RELIEF], presses: SENDER, ladder: [{ after: { amount: 1, unit: DAYS }, do: ESCALATE }]',
    'clocks.other.ladder: hands the lead up',
  ],
  [
    'a clock for tasks that no consultation gave',
    'stops: [ACCEPTED], kinds: [RELIEF]',
    'stops: [ACCEPTED], kinds: [RELIEF], presses: TASK',
    'clocks.other.starts: is by more than CONSULTED',
  ],
  [
    'a level that there is not',
    'rule: limit',
    'rule: limit, levels: [STREET]',
    'line 11: clocks.limit.levels.0: Invalid',
  ],
  ['a version that is a number', "version: '1'", 'version: 1', 'line 2: version: is missing or a number'],
  ['an id that is not its file’s', 'id: BASE', 'id: BASIS', 'line 1: id: the file must be named basis.yaml or'],
])('%s is a fault', (_, found, instead, expected) => {
  expect(refusal({ 'base.yaml': base.replace(found, instead) })).toContain(expected);
});

it('two files of one id and version are a fault', () => {
  expect(refusal({ 'base.yaml': base, 'base@1.yaml': base })).toContain('base@1.yaml line 2: BASE version 1 stands in');
});

const folder = join(projectRoot, 'schema', 'playbooks');
const { all: rules } = loadRules(join(projectRoot, 'schema', 'rules'));
const committed = loadPlaybooks(folder, (id) => rules.some((rule) => rule.id === id));

it('the committed playbooks load against the committed rules', () => {
  expect(committed.all.map(({ id }) => id)).toEqual(['M01', 'M03', 'M13', 'M14', 'M21', 'M22', 'M23', 'STANDARD']);
});

it('M13 has its six steps, in their order, and closes when all have rated after a consultation', () => {
  const playbook = committed.get('M13');
  expect(playbook?.steps.map(({ nameZh }) => nameZh)).toEqual(['吹哨', '报到', '会商', '落实', '反馈', '评价']);
  expect(playbook?.closing).toMatchObject({ consulted: true, rated: ['PERSON', 'WHISTLER', 'RESPONDER'] });
});

it('in M13 nothing is fed back or closed from a step before the consultation', () => {
  const steps = committed.get('M13')?.steps.slice(0, 3) ?? [];
  for (const { acts } of steps) expect(acts?.filter((act) => act === 'FEEDBACK' || act === 'CLOSE')).toEqual([]);
});

it('in M22 a consultation is the expert panel, from whatever step', () => {
  const steps = committed.get('M22')?.steps.slice(0, 3) ?? [];
  expect(steps.map(({ then }) => then?.CONSULTED)).toEqual(['panel', 'panel', 'panel']);
});

it.each(['M22', 'M23'])(
  'in %s a dispute has exactly one limit at whatever level it is, and up only from below',
  (id) => {
    const limits = committed
      .get(id)
      ?.clocks.filter(
        ({ kinds, urgencies, levels }) => kinds?.includes('ASSIGN') && urgencies?.includes('ROUTINE') && levels,
      );
    const amounts = ORGANISATION_LEVELS.map((level) => {
      const [only, ...others] = limits?.filter(({ levels }) => levels?.includes(level)) ?? [];
      expect(others).toEqual([]);
      return rules.find((rule) => rule.id === only?.rule)?.versions[0]?.amount;
    });
    expect(amounts).toEqual(id === 'M22' ? [30, 15, 7, 7, 7, 7, 7] : [15, 15, 15, 7, 3, 3, 3]);
    for (const { levels, ladder } of limits ?? [])
      expect(ladder.at(-1)?.do).toBe(levels?.includes('COUNTY') ? 'LIST' : 'ESCALATE');
  },
);

it('every limit of the general playbook is used by one, and what the sender and the superior owe presses them', () => {
  const used = new Set(committed.all.flatMap(({ clocks }) => clocks.map(({ rule }) => rule)));
  const own = rules.filter(({ source }) => ['通用办理流程', '六步接办'].includes(source));
  expect(own.map(({ id }) => id).filter((id) => !used.has(id))).toEqual([]);
  const pressing = (side: string) =>
    committed.get('STANDARD')?.clocks.flatMap(({ id, presses }) => (presses === side ? id : []));
  expect(pressing('SENDER')).toEqual(['return-decision', 'redirection', 'closing']);
  expect(pressing('SUPERIOR')).toEqual(['jurisdiction']);
});

it('in M01 the first response is owed to who asks the court, not by whom the court asks', () => {
  const promised = committed.get('M01')?.clocks.filter(({ id }) => ['first-response', 'fast-lane'].includes(id));
  expect(promised).toHaveLength(2);
  for (const { kinds } of promised ?? []) {
    expect(kinds).toContain('WHISTLE');
    expect(kinds).not.toContain('JUDICIAL_SUGGESTION');
  }
});

it('M21 shows a red card 15 days after assignment unless something was done; acceptance alone is nothing done', () => {
  const clock = committed.get('M21')?.clocks.find(({ redCard }) => redCard);
  const rule = rules.find(({ id }) => id === clock?.rule)?.versions[0];
  expect(rule).toMatchObject({ amount: 15, unit: 'DAYS' });
  expect(clock?.starts).toContain('OPENED');
  expect(clock?.stops).toEqual(expect.arrayContaining(['PROGRESS', 'CONSULTED', 'FEEDBACK']));
  expect(clock?.stops).not.toContain('ACCEPTED');
});

it('in M03 only the resident’s acceptance slip closes', () => {
  expect(committed.get('M03')).toMatchObject({ closing: { rated: ['PERSON'], withoutFeedback: [] }, tiered: true });
});

it('a level that is passed over is done with its clock: ESCALATE stands last on every ladder', () => {
  for (const { clocks } of committed.all)
    for (const { ladder } of clocks) expect(ladder.slice(0, -1).map((rung) => rung.do)).not.toContain('ESCALATE');
});
