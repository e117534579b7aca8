import { expect, test } from 'vitest';
import { at, caller, playbook, tell, type Stage, type Story } from '../../test/kit/referral.ts';
import type { RatedBy } from '../playbooks/playbook.ts';
import type { Act } from './act.ts';

const told = { party: 'Li', how: 'phone', at: at('09-01 09:00').toISOString() };
const feedback = (more: Partial<Extract<Act, { type: 'FEEDBACK' }>> = {}): Act => ({
  ...{ type: 'FEEDBACK', outcome: 'SETTLED', text: 'They agreed.', informed: [told], agreementSha256: null },
  ...more,
});
const rate = (by: RatedBy, objects = false, score = 3): Act => ({ type: 'RATE', by, score, objects });
const visit = (holds: boolean, more: Partial<Extract<Act, { type: 'VISIT' }>> = {}): Act => ({
  ...{ type: 'VISIT', visitedAt: at('09-01 09:00').toISOString(), holds, interviewed: 2 },
  ...more,
});
const close: Act = { type: 'CLOSE' };
const progress: Act = { type: 'PROGRESS', note: 'Done.' };
const wrong = (field: string) => ({ refused: 'BAD_USER_INPUT', details: { field: `input.${field}` } });
const helpers = ['court', 'petitions'].map((organisation, index) => ({
  ...{ organisation, reportedAt: null },
  role: index === 0 ? ('ASSISTING' as const) : ('GUIDING' as const),
}));

function answered(more: Partial<Stage> = {}, opening = {}): Story {
  const story = tell({ playbook: playbook(), ...more }, opening);
  story.act('police', { type: 'ACCEPT' });
  story.act('police', feedback());
  return story;
}

/** Not because of the status: what it says tells what is missing. */
function refusesToClose(story: Story, why: RegExp): void {
  const refusal = story.refuses('centre', close);
  expect(refusal).toMatchObject({ refused: 'ILLEGAL_TRANSITION', details: { status: story.state().status } });
  expect(refusal.details?.['allowed']).not.toContain('CLOSE');
  expect(refusal.message).toMatch(why);
}

test('Feedback says what came of it, and who was told, how, and when: not tomorrow', () => {
  const story = tell({ playbook: playbook() });
  story.act('police', { type: 'ACCEPT' });
  expect(story.refuses('police', feedback({ text: '  ' }))).toMatchObject(wrong('text'));
  for (const one of [
    { ...told, party: '' },
    { ...told, how: ' ' },
    { ...told, at: at('09-02 09:00').toISOString() },
  ])
    expect(story.refuses('police', feedback({ informed: [one] }))).toMatchObject(wrong('partiesInformed'));
  const [event] = story.act('police', feedback());
  // Names stand with the words, which are kept encrypted; the event itself only counts them.
  expect(event?.body).toEqual({ outcome: 'SETTLED', informed: 1, pathTold: false, agreementSha256: null });
  expect(event?.words?.informed).toEqual([told]);
});

test('Feedback given again replaces the first, with who was told and who has rated', () => {
  const story = answered();
  story.act('centre', rate('WHISTLER'));
  story.act('police', feedback({ informed: [] }));
  expect(story.state()).toMatchObject({ status: 'FEEDBACK_GIVEN', informed: 0, rated: [] });
  refusesToClose(story, /At least 1 of the parties/);
});

test('It does not close over an open child', () => {
  const story = answered({ openChildren: 1 });
  refusesToClose(story, /still open/);
  story.set({ openChildren: 0 });
  story.act('centre', close);
});

test('The person’s objection keeps it open until they say otherwise; better feedback alone does not', () => {
  const story = answered();
  story.act('centre', rate('PERSON', true, 1));
  refusesToClose(story, /objects/);
  story.act('police', feedback({ text: 'More.' }));
  refusesToClose(story, /objects/);
  // A good mark by somebody else lifts nothing.
  story.act('centre', rate('WHISTLER', false, 5));
  refusesToClose(story, /objects/);
  story.act('centre', rate('PERSON', false, 4));
  story.act('centre', close);
});

test('Only the person objects, and not after it is closed', () => {
  const story = answered();
  expect(story.refuses('centre', rate('WHISTLER', true))).toMatchObject(wrong('objects'));
  story.act('centre', close);
  expect(story.refuses('centre', rate('PERSON', true))).toMatchObject(wrong('objects'));
  story.act('centre', rate('PERSON'));
  expect(story.state()).toMatchObject({ status: 'CLOSED', rated: ['PERSON'] });
});

test('Who is judged does not write down the judgement', () => {
  const story = answered({}, { from: 'petitions' });
  for (const by of ['PERSON', 'WHISTLER'] as const) expect(story.refuses('police', rate(by)).refused).toBe('FORBIDDEN');
  expect(story.refuses('petitions', rate('RESPONDER')).refused).toBe('FORBIDDEN');
  expect(story.refuses('centre', rate('WHISTLER')).refused).toBe('FORBIDDEN');
  expect(story.refuses('court', rate('PERSON')).refused).toBe('FORBIDDEN');
  story.act('centre', rate('PERSON'));
  story.act('petitions', rate('WHISTLER'));
  story.act('police', rate('RESPONDER'));
  expect(story.state().rated).toEqual(['PERSON', 'WHISTLER', 'RESPONDER']);

  const centreLeads = tell({ playbook: playbook() }, { from: 'petitions', lead: 'centre' });
  centreLeads.act('centre', { type: 'ACCEPT' });
  centreLeads.act('centre', feedback());
  expect(centreLeads.refuses('centre', rate('PERSON')).refused).toBe('FORBIDDEN');
});

test('A score is 1 to 5, by whom the playbook lets rate', () => {
  const story = answered({ playbook: playbook({ raters: ['PERSON'] }) });
  for (const score of [0, 6, 2.5])
    expect(story.refuses('centre', rate('PERSON', false, score))).toMatchObject(wrong('score'));
  expect(story.refuses('centre', rate('WHISTLER'))).toMatchObject(wrong('by'));
});

test('Where the playbook waits for ratings it waits for those since the last feedback', () => {
  const story = answered({ playbook: playbook({ closing: { rated: ['PERSON', 'RESPONDER'] } }) });
  story.act('centre', rate('PERSON'));
  refusesToClose(story, /by: RESPONDER/);
  story.act('police', rate('RESPONDER'));
  story.act('police', feedback());
  refusesToClose(story, /by: PERSON, RESPONDER/);
});

test('Where the law has a path for it, it closes when the person was told of it in writing, by the latest feedback', () => {
  const ofPath: Stage = { playbook: playbook({ closing: { pathTold: true } }) };
  const statutoryPath = { name: 'Civil suit', nameZh: '民事诉讼', basis: '民事诉讼法第一百二十二条' };
  const inWriting = feedback({ informed: [told, { ...told, how: 'letter', pathInWriting: true }] });
  for (const opening of [{ statutoryPath }, { kind: 'STATUTORY_PATH' as const }]) {
    const story = answered(ofPath, opening);
    refusesToClose(story, /not been told in writing/);
    story.act('police', inWriting);
    story.act('police', feedback());
    refusesToClose(story, /not been told in writing/);
    story.act('police', inWriting);
    story.act('centre', close);
    // What has come up again is told anew.
    story.act('centre', visit(false));
    story.act('police', feedback());
    refusesToClose(story, /not been told in writing/);
  }
  expect(answered(ofPath, { statutoryPath }).state().statutoryPath).toEqual(statutoryPath);
  answered(ofPath).act('centre', close);
});

test('Where everybody has to report, those who were late still can; who guides need not', () => {
  const story = answered({ playbook: playbook({ closing: { everybodyReported: true } }) }, { participants: helpers });
  refusesToClose(story, /Not everybody/);
  story.act('court', progress);
  expect(story.state().status).toBe('FEEDBACK_GIVEN');
  story.act('centre', close);
});

test('Where a consultation is needed it can still be held after the feedback', () => {
  const story = answered({ playbook: playbook({ closing: { consulted: true } }) });
  refusesToClose(story, /consultation/);
  story.act('police', { type: 'CONSULT', with: ['court'], heldAt: told.at, tasks: [] });
  expect(story.state().status).toBe('FEEDBACK_GIVEN');
  story.act('centre', close);
});

test('What is only passed on closes with its acceptance, anything else not before feedback', () => {
  const passed = tell({ playbook: playbook() }, { kind: 'INFORMATION' });
  expect(passed.refuses('centre', close).refused).toBe('ILLEGAL_TRANSITION');
  passed.act('police', { type: 'ACCEPT' });
  passed.act('centre', close);
  const assigned = tell({ playbook: playbook() });
  assigned.act('police', { type: 'ACCEPT' });
  expect(assigned.offers('centre')).not.toContain('CLOSE');
  expect(assigned.refuses('centre', close).refused).toBe('ILLEGAL_TRANSITION');
});

test('Only the sender closes, and only once', () => {
  const story = answered({}, { from: 'petitions' });
  for (const who of ['police', 'centre', 'court', caller('petitions', 'auditor')])
    expect(story.refuses(who, close).refused).toBe('FORBIDDEN');
  story.act('petitions', close);
  expect(story.refuses('petitions', close).details).toEqual({ status: 'CLOSED', allowed: ['RATE', 'VISIT'] });
});

test('A visit that finds it holds is written down and changes nothing', () => {
  const story = answered();
  story.act('centre', close);
  expect(story.refuses('centre', visit(true, { visitedAt: at('10-01 09:00').toISOString() }))).toMatchObject(
    wrong('visitedAt'),
  );
  expect(story.refuses('centre', visit(true, { interviewed: 0 }))).toMatchObject(wrong('interviewed'));
  expect(story.refuses('police', visit(true)).refused).toBe('FORBIDDEN');
  expect(story.act('centre', visit(true)).map(({ type }) => type)).toEqual(['VISITED']);
  expect(story.state().status).toBe('CLOSED');
});

test('What has rebounded is reopened with its history, and closes again only with new feedback', () => {
  const story = answered({ playbook: playbook({ closing: { rated: ['PERSON'] } }) });
  story.act('centre', rate('PERSON'));
  story.act('centre', close);
  expect(story.act('centre', visit(false)).map(({ type }) => type)).toEqual(['VISITED', 'REOPENED']);
  expect(story.state()).toMatchObject({
    status: 'IN_HANDLING',
    responsible: 'police',
    informed: null,
    rated: [],
    step: 'handle',
  });
  expect(story.events().map(({ type }) => type)).toEqual([
    'OPENED',
    'ACCEPTED',
    'FEEDBACK',
    'RATED',
    'CLOSED',
    'VISITED',
    'REOPENED',
  ]);
  for (const act of [close, rate('PERSON')]) expect(story.refuses('centre', act).refused).toBe('ILLEGAL_TRANSITION');
  story.act('police', feedback());
  refusesToClose(story, /not been rated/);
  story.act('centre', rate('PERSON'));
  story.act('centre', close);
});
