import { describe, expect, test } from 'vitest';
import { at, caller, clocks, openAt, playbook, tell, type Stage, type Story } from '../../test/kit/referral.ts';
import type { Act } from './act.ts';

const { acceptance, handling, mediation, petition, redCard, settle } = clocks;
const stage = (...specs: object[]): Stage => ({ playbook: playbook({ clocks: specs }) });
const accept: Act = { type: 'ACCEPT' };
const feedback: Act = { type: 'FEEDBACK', outcome: 'SETTLED', text: 'Done.', informed: [], agreementSha256: null };
const iso = (text: string): string => at(text).toISOString();
const wrong = (field: string) => ({ refused: 'BAD_USER_INPUT', details: { field: `input.${field}` } });

const clockOf = (story: Story, index = 0) => {
  const clock = story.state().clocks[index];
  if (!clock) throw new Error('There is no such clock.');
  return clock;
};
const idOf = (story: Story): string => clockOf(story).id;
const pause = (story: Story, when?: string) =>
  story.act('police', { type: 'PAUSE', clock: idOf(story), reason: 'APPRAISAL' }, when);
const resume = (story: Story, when: string) => story.act('police', { type: 'RESUME', clock: idOf(story) }, when);
const ask = (story: Story, until: string): Act => ({
  ...{ type: 'REQUEST_EXTENSION', clock: idOf(story), note: 'The expert is ill.' },
  until: iso(until),
});
const decide = (story: Story, approve: boolean, note = 'Go on.'): Act => ({
  ...{ type: 'DECIDE_EXTENSION', clock: idOf(story), approve, note },
});

function accepted(...specs: object[]): Story {
  const story = tell(stage(...specs));
  story.act('police', accept);
  return story;
}

test('A clock says what rule and version it runs under, and counts from the day after it starts', () => {
  const story = accepted(handling);
  expect(clockOf(story)).toMatchObject({
    ...{ id: 'clk_1-3', rule: 'handling.routine', ruleVersion: '1', amount: 15, unit: 'DAYS', organisation: 'police' },
    ...{ startedAt: iso('09-01 09:00'), dueAt: iso('09-17 00:00'), nextAt: iso('09-11 19:00'), light: 'GREEN' },
  });
});

test('Yellow at two thirds, red when due, then rung by rung; each is said once', () => {
  const story = accepted(handling);
  expect(story.tick('09-11 18:59')).toEqual([]);
  expect(story.tick('09-11 19:00')).toEqual(['CLOCK_YELLOW']);
  expect(story.tick('09-11 19:00')).toEqual([]);
  expect(story.tick('09-16 23:59')).toEqual([]);
  expect(story.tick('09-17 00:00')).toEqual(['CLOCK_RED', 'SUPERVISED']);
  // Two working days after the 16th: the 17th and the 18th.
  expect(story.tick('09-18 23:59')).toEqual([]);
  expect(story.tick('09-19 00:00')).toEqual(['SUPERVISED']);
  expect(clockOf(story)).toMatchObject({ light: 'RED', rung: 2, nextAt: null, stoppedAt: null });
  expect(story.tick('12-01 00:00')).toEqual([]);
});

test('A worker that was away says late what it would have said in time, and nothing falls later for it', () => {
  const inTime = accepted(handling, mediation);
  for (const when of ['09-11 19:00', '09-17 00:00', '09-20 00:00', '10-20 00:00']) inTime.tick(when);
  const late = accepted(handling, mediation);
  late.tick('10-20 00:00');
  const said = (story: Story) => story.events().map(({ type, body, sequence }) => ({ type, body, sequence }));
  expect(said(late)).toEqual(said(inTime));
  expect(late.state()).toEqual(inTime.state());
});

test('M21: nothing done for more than 15 days since assignment is a red card, not a minute before', () => {
  const story = tell(stage(redCard));
  expect(story.tick('09-16 23:59')).toEqual(['CLOCK_YELLOW']);
  expect(story.tick('09-17 00:00')).toEqual(['RED_CARD']);
});

test('M21: accepting alone is nothing done; any progress is', () => {
  const story = accepted(redCard);
  expect(story.tick('09-17 00:00')).toContain('RED_CARD');
  for (const act of [{ type: 'START' }, { type: 'PROGRESS', note: 'Went there.' }] satisfies Act[]) {
    const done = accepted(redCard);
    done.act('police', act, '09-16 23:59');
    expect(done.tick('12-01 00:00')).toEqual([]);
  }
});

test('M21: asking to give it back does not stop the days, and refused it changes nothing', () => {
  const story = tell(stage(redCard));
  story.act('police', { type: 'RETURN', note: 'Not ours.' }, '09-10 09:00');
  story.act('centre', { type: 'DECIDE_RETURN', agree: false, note: 'It is.' }, '09-11 09:00');
  expect(story.tick('09-17 00:00')).toContain('RED_CARD');
});

test('A clock that stops says nothing more, also when feedback stops and starts it', () => {
  const story = accepted(handling, {
    ...handling,
    id: 'closing',
    name: 'closing',
    starts: ['FEEDBACK'],
    stops: ['FEEDBACK'],
  });
  story.act('police', feedback, '09-05 09:00');
  story.act('police', feedback, '09-06 09:00');
  expect(story.state().clocks.map(({ name, stoppedAt }) => [name, stoppedAt])).toEqual([
    ['handling', iso('09-05 09:00')],
    ['closing', iso('09-06 09:00')],
    ['closing', null],
  ]);
});

test('Closing stops every clock but those that it starts', () => {
  const visit = { ...handling, id: 'visit', starts: ['CLOSED'], stops: ['VISITED'] };
  const story = tell(stage(mediation, visit), { kind: 'INFORMATION' });
  story.act('police', accept);
  story.act('centre', { type: 'CLOSE' });
  expect(story.state().clocks.map(({ name, stoppedAt }) => [name, stoppedAt === null])).toEqual([
    ['mediation', false],
    ['visit', true],
  ]);
});

test('A clock is for its kinds and urgencies only', () => {
  const specs = [
    { ...handling, id: 'urgent', urgencies: ['URGENT'] },
    { ...handling, id: 'warning', kinds: ['WARNING'] },
  ];
  const story = tell(stage(...specs), { urgency: 'URGENT' });
  story.act('police', accept);
  expect(story.state().clocks.map(({ name }) => name)).toEqual(['urgent']);
});

test('Under a rule that is not in force on that day nothing runs', () => {
  const dayOf = (day: string) => openAt(stage(acceptance), new Date(`${day}T09:00:00+08:00`)).state.clocks.length;
  expect([dayOf('2021-12-31'), dayOf('2022-01-01')]).toEqual([0, 1]);
});

test('A clock stands still only for a reason that its rule names, once, and while it has not run out', () => {
  const story = accepted(mediation);
  const asked = (reason: string): Act => ({ type: 'PAUSE', clock: idOf(story), reason });
  expect(story.refuses('police', asked('HOLIDAY'))).toMatchObject(wrong('reason'));
  expect(story.refuses('police', { type: 'PAUSE', clock: 'clk_9', reason: 'APPRAISAL' })).toMatchObject(wrong('clock'));
  expect(story.refuses('police', { type: 'RESUME', clock: idOf(story) }).refused).toBe('ILLEGAL_TRANSITION');
  pause(story);
  expect(story.refuses('police', asked('APPRAISAL'))).toMatchObject(wrong('clock'));
  expect(story.tick('12-01 09:00')).toEqual([]);
  const late = accepted(mediation);
  // Whether or not the worker has said so.
  expect(
    late.refuses('police', { type: 'PAUSE', clock: idOf(late), reason: 'APPRAISAL' }, '12-01 09:00'),
  ).toMatchObject(wrong('clock'));
  const other = accepted(handling);
  expect(other.refuses('police', { type: 'PAUSE', clock: idOf(other), reason: 'APPRAISAL' })).toMatchObject(
    wrong('reason'),
  );
});

test('A pause over the yellow moves it and the due date; nothing is said meanwhile', () => {
  const story = accepted(mediation);
  expect(clockOf(story)).toMatchObject({ yellowAt: iso('09-26 11:00'), dueAt: iso('10-09 00:00') });
  pause(story, '09-20 09:00');
  expect(clockOf(story)).toMatchObject({ nextAt: null, pausedAt: iso('09-20 09:00') });
  expect(story.tick('09-27 09:00')).toEqual([]);
  resume(story, '09-30 09:00');
  // 30 days without the ten in which it stood still end on 11 October, a rest day.
  expect(clockOf(story)).toMatchObject({ dueAt: iso('10-13 00:00'), pausedAt: null, light: 'GREEN' });
  expect(clockOf(story).nextAt).toBe(clockOf(story).yellowAt);
});

test('Feedback while a clock stands still ends it', () => {
  const story = accepted(mediation);
  pause(story);
  story.act('police', feedback, '09-05 09:00');
  expect(clockOf(story)).toMatchObject({ pausedAt: null, nextAt: null, stoppedAt: iso('09-05 09:00') });
});

test('An extension is asked for with a reason, up to what the rule allows, while there is time', () => {
  const story = accepted(handling);
  expect(story.refuses('police', { ...ask(story, '09-20 00:00'), note: ' ' } as Act)).toMatchObject(wrong('reason'));
  expect(story.refuses('police', ask(story, '09-17 00:00'))).toMatchObject(wrong('until'));
  expect(story.refuses('police', ask(story, '10-03 00:00'))).toMatchObject(wrong('until'));
  expect(story.refuses('centre', decide(story, true)).refused).toBe('ILLEGAL_TRANSITION');
  story.act('police', ask(story, '10-02 00:00'));
  expect(story.refuses('police', ask(story, '10-01 00:00'))).toMatchObject(wrong('clock'));
  const late = accepted(handling);
  expect(late.refuses('police', ask(late, '09-20 00:00'), '09-17 00:00')).toMatchObject(wrong('clock'));
});

test('An extension granted sets yellow and due anew, and there is no extension of it where the rule says once', () => {
  const story = accepted(handling);
  story.tick('09-12 00:00');
  story.act('police', ask(story, '10-02 00:00'));
  expect(story.refuses('police', decide(story, true)).refused).toBe('FORBIDDEN');
  expect(story.refuses('centre', decide(story, false, ''))).toMatchObject(wrong('note'));
  story.act('centre', decide(story, true));
  expect(clockOf(story)).toMatchObject({ extendedUntil: iso('10-02 00:00'), extensions: 1, light: 'GREEN', rung: 0 });
  expect(story.tick('10-01 23:59')).toEqual(['CLOCK_YELLOW']);
  expect(story.refuses('police', ask(story, '10-05 00:00'))).toMatchObject(wrong('clock'));
  expect(story.tick('10-02 00:00')).toEqual(['CLOCK_RED', 'SUPERVISED']);
});

test('An extension refused leaves the clock as it was, and may be asked for again', () => {
  const story = accepted(handling);
  story.act('police', ask(story, '10-02 00:00'));
  story.act('centre', decide(story, false, 'Fifteen days suffice.'));
  expect(clockOf(story)).toMatchObject({
    extendedUntil: null,
    extensionAsked: null,
    extensions: 0,
    dueAt: iso('09-17 00:00'),
  });
  story.act('police', ask(story, '09-20 00:00'));
});

test('What was asked for and is over when it is decided is not granted', () => {
  const story = accepted(handling);
  story.act('police', ask(story, '09-20 00:00'));
  expect(story.refuses('centre', decide(story, true), '09-20 00:00')).toMatchObject(wrong('approve'));
  const still = accepted(mediation);
  still.act('police', ask(still, '10-10 00:00'));
  pause(still);
  resume(still, '10-01 09:00');
  expect(still.refuses('centre', decide(still, true))).toMatchObject(wrong('approve'));
  still.act('centre', decide(still, false));
});

test('Where the law leaves it to the head of the unit, the head extends and the sender does not', () => {
  const story = accepted(petition);
  const head = caller('police', 'department.head');
  story.act('police', ask(story, '11-10 00:00'));
  expect(story.offers('centre')).not.toContain('DECIDE_EXTENSION');
  expect(story.refuses('centre', decide(story, true)).refused).toBe('FORBIDDEN');
  expect(story.refuses('police', decide(story, true)).refused).toBe('FORBIDDEN');
  story.act(head, decide(story, true));
  expect(clockOf(story).extendedUntil).toBe(iso('11-10 00:00'));
});

test('Of two extensions asked for each has its own to decide, and both are offered it', () => {
  const story = accepted(petition, handling);
  const [first, second] = story.state().clocks.map(({ id }) => id);
  story.act('police', ask(story, '11-10 00:00'));
  story.act('police', { type: 'REQUEST_EXTENSION', clock: second ?? '', until: iso('09-20 00:00'), note: 'Ill.' });
  expect(story.offers('centre')).toContain('DECIDE_EXTENSION');
  expect(story.refuses('centre', decide(story, true)).refused).toBe('FORBIDDEN');
  story.act('centre', { type: 'DECIDE_EXTENSION', clock: second ?? '', approve: true, note: '' });
  expect(story.offers('centre')).not.toContain('DECIDE_EXTENSION');
  expect(first).toBe(idOf(story));
});

test('What stands still within an extension is added to it, and its yellow counts to the extended date', () => {
  const story = accepted(mediation);
  story.act('police', ask(story, '10-31 00:00'));
  story.act('centre', decide(story, true));
  pause(story, '10-15 09:00');
  resume(story, '10-20 09:00');
  const { dueAt, extendedUntil, yellowAt } = clockOf(story);
  // Five days further is a Wednesday.
  expect([dueAt, extendedUntil]).toEqual([iso('10-09 00:00'), iso('11-05 00:00')]);
  expect(yellowAt > dueAt).toBe(true);
  expect(story.tick('10-21 00:00')).toEqual(['CLOCK_YELLOW']);
});

test('It goes up one level, only after the level below has had its time, however late the worker is', () => {
  const story = tell(stage(settle), { lead: 'grid' });
  expect(story.tick('11-01 00:00')).toEqual(['CLOCK_YELLOW', 'CLOCK_RED', 'SUPERVISED', 'ESCALATED', 'CLOCK_STARTED']);
  expect(story.state()).toMatchObject({
    lead: 'compound',
    status: 'DISPATCHED',
    responsible: 'centre',
    hasTried: false,
  });
  expect(clockOf(story)).toMatchObject({ nextAt: null, stoppedAt: iso('11-01 00:00') });
  expect(clockOf(story, 1)).toMatchObject({ organisation: 'compound', startedAt: iso('11-01 00:00') });
  expect(story.tick('11-01 00:00')).toEqual([]);
  story.tick('11-30 00:00');
  expect(story.state().lead).toBe('community');
});

test('A clock of the matter that runs on counts the next level’s time from when it came up to it', () => {
  const story = tell(stage({ ...settle, starts: ['OPENED'], keepsOnReturn: true }), { lead: 'grid' });
  story.tick('11-02 10:00');
  expect(story.state().lead).toBe('compound');
  expect(clockOf(story)).toMatchObject({ organisation: 'compound', nextAt: iso('11-04 00:00'), stoppedAt: null });
});

test('Whoever accepted stays responsible until the next level accepts', () => {
  const story = tell(stage(settle), { lead: 'grid' });
  story.act('grid', accept);
  story.tick('09-08 00:00');
  expect(story.state()).toMatchObject({ lead: 'compound', status: 'DISPATCHED', responsible: 'grid' });
  story.act('compound', accept);
  expect(story.state().responsible).toBe('compound');
});

test('Who is bound by a decision and passed over is bound no longer: the next level may give it back', () => {
  const bound = tell(stage({ ...settle, starts: ['OPENED', 'JURISDICTION_DECIDED'] }), { from: 'petitions' });
  bound.act('police', { type: 'RETURN', note: 'No.' });
  bound.act('petitions', { type: 'DECIDE_RETURN', agree: false, note: 'Yes.' });
  bound.act(caller('centre', 'centre.supervisor'), { type: 'DECIDE_JURISDICTION', lead: 'grid', note: 'Theirs.' });
  bound.tick('09-20 00:00');
  expect(bound.state()).toMatchObject({ lead: 'compound', isBound: false });
  expect(bound.offers('compound')).toEqual(['ACCEPT', 'RETURN']);
});

test('It does not go up to the sender, to one who has it above, or to nobody: it is listed instead', () => {
  const cases: [Stage, object][] = [
    [stage(settle), { from: 'compound', lead: 'grid' }],
    [{ ...stage(settle), above: ['compound'] }, { lead: 'grid' }],
    [stage(settle), { lead: 'county' }],
  ];
  for (const [where, opening] of cases) {
    const story = tell(where, opening);
    const { lead } = story.state();
    story.tick('12-01 00:00');
    expect(story.state().lead).toBe(lead);
    expect(story.events().at(-1)).toMatchObject({ type: 'SUPERVISED', body: { rung: 'LIST', nextAt: null } });
  }
});

test('It goes up while a return or a withdrawal waits for an answer, which that ends', () => {
  const returning = tell(stage(settle), { lead: 'grid' });
  returning.act('grid', { type: 'RETURN', note: 'Too big.' }, '09-07 09:00');
  returning.tick('09-08 00:00');
  expect(returning.state()).toMatchObject({ lead: 'compound', status: 'DISPATCHED', before: null, superior: null });
  const withdrawing = tell(stage(settle), { lead: 'grid' });
  withdrawing.act('grid', accept);
  withdrawing.act('centre', { type: 'WITHDRAW' }, '09-07 09:00');
  withdrawing.tick('09-08 00:00');
  expect(withdrawing.state()).toMatchObject({
    lead: 'compound',
    status: 'DISPATCHED',
    before: null,
    responsible: 'grid',
  });
});

test('What is answered, given back or over does not go up: it is the sender’s turn', () => {
  const kept = { ...settle, stops: ['VISITED'], keepsOnReturn: true };
  const given = tell(stage(kept), { lead: 'grid' });
  given.act('grid', { type: 'RETURN', note: 'Too big.' });
  given.act('centre', { type: 'DECIDE_RETURN', agree: true, note: '' });
  given.tick('12-01 00:00');
  expect(given.state()).toMatchObject({ lead: 'grid', status: 'RETURNED' });
  const answered = tell(stage(kept, { ...settle, id: 'visit', starts: ['CLOSED'], stops: ['VISITED'] }), {
    lead: 'grid',
    kind: 'INFORMATION',
  });
  answered.act('grid', accept);
  answered.act('grid', feedback);
  answered.tick('12-01 00:00');
  expect(answered.state()).toMatchObject({ lead: 'grid', status: 'FEEDBACK_GIVEN', informed: 0 });
  answered.act('centre', { type: 'CLOSE' });
  answered.tick('12-31 00:00');
  expect(answered.state()).toMatchObject({ lead: 'grid', status: 'CLOSED', responsible: null });
});

test('A clock that its own red stops says nothing after it', () => {
  const story = accepted({ ...handling, stops: ['CLOCK_RED'] });
  expect(story.tick('12-01 00:00')).toEqual(['CLOCK_YELLOW', 'CLOCK_RED']);
  expect(clockOf(story)).toMatchObject({ light: 'RED', nextAt: null, stoppedAt: iso('12-01 00:00') });
});

test('A limit that differs by level is the one of whoever leads, and each level above has its own', () => {
  const level = (id: string, rule: string, ...levels: string[]) => ({
    ...{ ...settle, id, rule, levels },
    starts: ['OPENED', 'REDIRECTED', 'JURISDICTION_DECIDED', 'ESCALATED', 'REOPENED'],
    stops: ['FEEDBACK', 'ESCALATED'],
  });
  const levels = stage(
    level('building', 'm23.building', 'GRID'),
    level('compound', 'm23.compound', 'COMPOUND'),
    level('community', 'm23.community', 'COMMUNITY'),
  );
  const running = (story: Story) =>
    story.state().clocks.flatMap(({ name, stoppedAt, organisation }) => (stoppedAt ? [] : [[name, organisation]]));
  expect(running(tell(levels, { lead: 'compound' }))).toEqual([['compound', 'compound']]);
  expect(running(tell(levels, { lead: 'street' }))).toEqual([]);
  const story = tell(levels, { lead: 'grid' });
  expect(running(story)).toEqual([['building', 'grid']]);
  story.tick('09-08 00:00');
  expect(running(story)).toEqual([['compound', 'compound']]);
  story.tick('09-19 00:00');
  expect(running(story)).toEqual([['community', 'community']]);
});

const returnDecision = {
  ...{ ...acceptance, id: 'return-decision', rule: 'return.decision', presses: 'SENDER' },
  ...{ starts: ['RETURN_REQUESTED'], stops: ['RETURN_DECIDED'] },
};
const redirection = { ...returnDecision, id: 'redirection', starts: ['RETURN_DECIDED'], stops: ['REDIRECTED'] };
const jurisdiction = {
  ...{ ...returnDecision, id: 'jurisdiction', rule: 'jurisdiction.decision', presses: 'SUPERIOR' },
  ...{ starts: ['RETURN_REQUESTED', 'RETURN_DECIDED'], stops: ['JURISDICTION_DECIDED'] },
};
const pressed = (story: Story) =>
  story.state().clocks.flatMap(({ name, organisation, stoppedAt }) => (stoppedAt ? [] : `${name} ${organisation}`));
const giveBack: Act = { type: 'RETURN', note: 'Not ours.' };
const answer = (isAgreed: boolean): Act => ({ type: 'DECIDE_RETURN', agree: isAgreed, note: 'So it is.' });

test('Who has to decide on a return is pressed for it, then whoever has to send it on', () => {
  const story = tell(stage(petition, returnDecision, redirection, jurisdiction), { from: 'petitions' });
  story.act('police', accept);
  story.act('police', giveBack);
  expect(pressed(story)).toEqual(['petition police', 'return-decision petitions']);
  expect(story.tick('09-10 09:00')).toEqual(['CLOCK_YELLOW', 'CLOCK_RED', 'SUPERVISED']);
  // The limit of the matter presses whoever has it.
  story.act('petitions', answer(true));
  expect(pressed(story)).toEqual(['petition petitions', 'redirection petitions']);
  story.act('petitions', { type: 'REDIRECT', lead: 'court', note: 'Theirs.' });
  expect(pressed(story)).toEqual(['petition court']);
});

test('A return that is refused presses the superior until it has decided, or nothing is left to decide', () => {
  const contested = (): Story => {
    const story = tell(stage(returnDecision, redirection, jurisdiction), { from: 'petitions' });
    story.act('police', giveBack);
    story.act('petitions', answer(false));
    expect(pressed(story)).toEqual(['jurisdiction county']);
    return story;
  };
  const decided = contested();
  decided.act(caller('centre', 'centre.supervisor'), { type: 'DECIDE_JURISDICTION', lead: 'court', note: 'Theirs.' });
  expect(pressed(decided)).toEqual([]);
  const taken = contested();
  taken.act('police', accept);
  expect(pressed(taken)).toEqual([]);
});

test('Between two that disagree again only the superior is pressed', () => {
  const story = tell(stage(returnDecision, redirection, jurisdiction), { from: 'petitions' });
  story.act('police', giveBack);
  story.act('petitions', answer(true));
  story.act('petitions', { type: 'REDIRECT', lead: 'police', note: 'Once more.' });
  story.act('police', giveBack);
  expect(pressed(story)).toEqual(['jurisdiction county']);
});

test('What presses another side the lead can neither stop nor extend', () => {
  const closing = { ...mediation, id: 'closing', starts: ['ACCEPTED'], stops: ['CLOSED'], presses: 'SENDER' };
  const story = accepted(closing);
  const other = { ...wrong('clock'), message: 'This clock presses another side.' };
  expect(story.refuses('police', { type: 'PAUSE', clock: idOf(story), reason: 'APPRAISAL' })).toMatchObject(other);
  expect(story.refuses('police', ask(story, '10-10 00:00'))).toMatchObject(other);
});

describe('A task that a consultation gave', () => {
  const task = {
    ...{ ...acceptance, id: 'task', rule: 'consultation.task', presses: 'TASK' },
    ...{ starts: ['CONSULTED'], stops: ['PROGRESS', 'FEEDBACK'] },
  };
  const give = (organisation: string, dueAt: string) => ({ organisation, task: 'See to it.', dueAt: iso(dueAt) });
  const consult = (...tasks: ReturnType<typeof give>[]): Act => ({
    ...{ type: 'CONSULT', with: ['court', 'justice'], heldAt: iso('09-01 09:00'), tasks },
  });

  test('presses whoever got it until the day that was set, and is done when they report', () => {
    const story = accepted(task);
    story.act(
      'police',
      consult(give('court', '09-04 09:00'), give('justice', '09-10 18:00'), give('police', '09-11 09:00')),
    );
    expect(pressed(story)).toEqual(['task court', 'task justice', 'task police']);
    expect(clockOf(story)).toMatchObject({ amount: 72, unit: 'HOURS', dueAt: iso('09-04 09:00') });
    story.act('court', { type: 'PROGRESS', note: 'Done.' }, '09-02 09:00');
    expect(pressed(story)).toEqual(['task justice', 'task police']);
    // The lead's report ends its own.
    story.act('police', feedback);
    expect(pressed(story)).toEqual(['task justice']);
    expect(story.tick('09-10 18:00')).toEqual(['CLOCK_YELLOW', 'CLOCK_RED', 'SUPERVISED']);
  });

  test('stands beside another of the same organisation', () => {
    const story = accepted(task);
    story.act('police', consult(give('court', '09-04 09:00')));
    story.act('police', consult(give('court', '09-20 09:00')));
    expect(pressed(story)).toEqual(['task court', 'task court']);
  });

  test('for a day that is over when it is written down is overdue at once', () => {
    const story = accepted(task);
    story.act('police', consult(give('court', '09-02 09:00')), '09-05 09:00');
    expect(story.tick('09-05 09:00')).toEqual(['CLOCK_YELLOW', 'CLOCK_RED', 'SUPERVISED']);
  });
});
