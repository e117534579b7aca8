import { expect, test } from 'vitest';
import { at, caller, clocks, playbook, tell, type Stage, type Story } from '../../test/kit/referral.ts';
import type { Act } from './act.ts';

const plain: Stage = { playbook: playbook() };
const accept: Act = { type: 'ACCEPT' };
const giveBack: Act = { type: 'RETURN', note: 'Not our street.' };
const agree: Act = { type: 'DECIDE_RETURN', agree: true, note: '' };
const refuse: Act = { type: 'DECIDE_RETURN', agree: false, note: 'It is.' };
const redirect = (lead: string, note = 'Yours.'): Act => ({ type: 'REDIRECT', lead, note });
const decide = (lead: string, note = 'By article 24.'): Act => ({ type: 'DECIDE_JURISDICTION', lead, note });
const forward = (lead: string, more: Partial<Extract<Act, { type: 'FORWARD' }>> = {}): Act => ({
  ...{ type: 'FORWARD', lead, kind: null, undertaking: [], assisting: [], note: 'Please look.' },
  ...more,
});
const consult = (more: Partial<Extract<Act, { type: 'CONSULT' }>> = {}): Act => ({
  ...{ type: 'CONSULT', with: ['court'], heldAt: at('09-01 09:00').toISOString(), tasks: [] },
  ...more,
});
const supervisor = caller('centre', 'centre.supervisor');
const barred = { refused: 'ROUTING_FORBIDDEN' };
const wrong = (field: string) => ({ refused: 'BAD_USER_INPUT', details: { field: `input.${field}` } });

/** Lead police has given it back and the sender, the petition bureau, did not agree. */
function contested(more: Partial<Stage> = {}): Story {
  const story = tell({ ...plain, ...more }, { from: 'petitions' });
  story.act('police', giveBack);
  story.act('petitions', refuse);
  return story;
}

test('A return needs a reason, leaves responsibility where it is, and ends only when the sender agrees', () => {
  const story = tell({ playbook: playbook({ clocks: [clocks.acceptance] }) });
  expect(story.refuses('police', { type: 'RETURN', note: ' ' })).toMatchObject(wrong('note'));
  story.act('police', accept);
  story.act('police', giveBack);
  expect(story.state()).toMatchObject({ status: 'RETURN_REQUESTED', responsible: 'police', superior: null });
  expect(story.refuses('police', accept).refused).toBe('ILLEGAL_TRANSITION');
  expect(story.refuses('police', agree).refused).toBe('FORBIDDEN');
  story.act('centre', agree);
  expect(story.state()).toMatchObject({ status: 'RETURNED', responsible: 'centre', returnedBy: ['police'] });
  expect(story.offers('police')).toEqual([]);
  expect(story.offers('centre')).toEqual(['REDIRECT', 'WITHDRAW', 'SUPERVISE']);
});

test('A return agreed to stops the lead’s clocks, not the matter’s', () => {
  const story = tell({ playbook: playbook({ clocks: [clocks.handling, clocks.petition] }) });
  story.act('police', accept);
  story.act('police', giveBack);
  expect(story.state().clocks.map(({ stoppedAt }) => stoppedAt)).toEqual([null, null]);
  story.act('centre', agree, '09-02 09:00');
  story.act('centre', redirect('court'));
  expect(story.state().clocks.map(({ name, stoppedAt, organisation }) => [name, stoppedAt, organisation])).toEqual([
    ['handling', at('09-02 09:00').toISOString(), 'police'],
    ['petition', null, 'court'],
  ]);
});

test('A refusal of a return says why, and goes to the common superior', () => {
  const story = tell(plain, { from: 'justice', lead: 'community' });
  story.act('community', accept);
  story.act('community', giveBack);
  expect(story.refuses('justice', { ...refuse, note: '' })).toMatchObject(wrong('note'));
  story.act('justice', refuse);
  expect(story.state()).toMatchObject({
    status: 'ACCEPTED',
    responsible: 'community',
    superior: 'street',
    before: null,
  });
  expect(story.refuses('community', giveBack).refused).toBe('ILLEGAL_TRANSITION');
  expect(story.refuses('justice', { type: 'WITHDRAW' }).refused).toBe('ILLEGAL_TRANSITION');
  expect(story.refuses('justice', decide('grid')).refused).toBe('FORBIDDEN');
  story.act('street', decide('grid'));
  expect(story.state()).toMatchObject({ status: 'DISPATCHED', lead: 'grid', superior: null, isBound: true });
  // Nobody is without it: who accepted first has it until the next accepts.
  expect(story.state().responsible).toBe('community');
  expect(story.refuses('grid', giveBack).refused).toBe('ILLEGAL_TRANSITION');
  story.act('grid', accept);
  expect(story.state().responsible).toBe('grid');
});

test('Sent once more to the same lead, a second return is the superior’s to decide, not the sender’s', () => {
  const story = tell(plain, { from: 'petitions' });
  story.act('police', giveBack);
  story.act('petitions', agree);
  story.act('petitions', redirect('police', 'Look again.'));
  story.act('police', giveBack);
  expect(story.state()).toMatchObject({ status: 'RETURN_REQUESTED', superior: 'county', responsible: 'petitions' });
  for (const act of [agree, refuse]) expect(story.refuses('petitions', act).refused).toBe('ILLEGAL_TRANSITION');
  // The conference at the centre writes down what was decided; an operator does not.
  expect(story.refuses('centre', decide('court')).refused).toBe('FORBIDDEN');
  story.act(supervisor, decide('court'));
  expect(story.state()).toMatchObject({ status: 'DISPATCHED', lead: 'court', before: null });
});

test('A lead that had accepted and keeps it by decision goes on where it was; nobody asks it to accept again', () => {
  const story = tell({ playbook: playbook({ clocks: [clocks.acceptance, clocks.handling] }) }, { from: 'petitions' });
  story.act('police', accept);
  story.act('police', giveBack);
  story.act('petitions', refuse);
  const [event, ...more] = story.act(supervisor, decide('police'));
  expect([event?.type, more]).toEqual(['JURISDICTION_DECIDED', []]);
  expect(story.state()).toMatchObject({ status: 'ACCEPTED', responsible: 'police', isBound: true, superior: null });
  expect(story.offers('police')).not.toContain('RETURN');
});

test('A lead that has not accepted must take what was decided, and its time begins again', () => {
  const story = contested({ playbook: playbook({ clocks: [clocks.acceptance] }) });
  story.act(supervisor, decide('police'), '09-02 15:00');
  expect(story.state()).toMatchObject({ status: 'DISPATCHED', responsible: 'petitions', isBound: true });
  expect(story.state().clocks.map(({ stoppedAt }) => stoppedAt)).toEqual([at('09-02 15:00').toISOString(), null]);
  expect(story.offers('police')).toEqual(['ACCEPT']);
});

test('The superior may find that the matter is the sender’s own, also below another referral', () => {
  const story = contested({ above: ['centre', 'petitions'] });
  expect(story.refuses(supervisor, decide('centre'))).toMatchObject(wrong('lead'));
  expect(story.refuses(supervisor, decide('court', ' '))).toMatchObject(wrong('reason'));
  story.act(supervisor, decide('petitions'));
  expect(story.state()).toMatchObject({ lead: 'petitions', from: 'petitions', responsible: 'petitions' });
});

test('A lead that gives in and accepts leaves nothing to decide', () => {
  const story = contested();
  story.act('police', accept);
  expect(story.state()).toMatchObject({ status: 'ACCEPTED', superior: null });
  expect(story.offers(supervisor)).not.toContain('DECIDE_JURISDICTION');
});

test('A lead that goes on with it leaves nothing to decide; what others tell does not speak for it', () => {
  const story = tell(plain, {
    from: 'petitions',
    participants: [{ organisation: 'court', role: 'ASSISTING', reportedAt: null }],
  });
  story.act('police', accept);
  story.act('police', giveBack);
  story.act('petitions', refuse);
  story.act('court', { type: 'PROGRESS', note: 'Was there.' });
  expect(story.state()).toMatchObject({ status: 'IN_HANDLING', superior: 'county' });
  expect(story.offers(supervisor)).toContain('DECIDE_JURISDICTION');
  story.act('police', { type: 'PROGRESS', note: 'So were we.' });
  expect(story.state().superior).toBeNull();
  story.act('petitions', { type: 'WITHDRAW' });
});

test('A decision while others work on it lets the lead that keeps it go on', () => {
  const story = tell(plain, {
    from: 'petitions',
    participants: [{ organisation: 'court', role: 'ASSISTING', reportedAt: null }],
  });
  story.act('police', accept);
  story.act('police', giveBack);
  story.act('petitions', refuse);
  story.act('court', { type: 'PROGRESS', note: 'Was there.' });
  story.act(supervisor, decide('police'));
  expect(story.state()).toMatchObject({ status: 'IN_HANDLING', isBound: true, superior: null });
});

test('Redirecting goes to somebody else who is not above, is there and is not accused', () => {
  const story = tell({ ...plain, above: ['petitions'], accused: ['street'] });
  story.act('police', giveBack);
  story.act('centre', agree);
  for (const lead of ['centre', 'petitions', 'closed', 'nowhere'])
    expect(story.refuses('centre', redirect(lead))).toMatchObject(wrong('to'));
  for (const lead of ['street', 'justice', 'grid'])
    expect(story.refuses('centre', redirect(lead))).toMatchObject(barred);
  expect(story.refuses('centre', redirect('court', ' '))).toMatchObject(wrong('reason'));
  story.act('centre', redirect('court'));
  expect(story.state()).toMatchObject({ status: 'DISPATCHED', lead: 'court', responsible: 'centre' });
  story.act('court', giveBack);
  story.act('centre', agree);
  // To who gave it back before another did: a circle.
  expect(story.refuses('centre', redirect('police'))).toMatchObject(wrong('to'));
});

test('A participant that becomes the lead takes part no longer', () => {
  const story = tell(plain, { participants: [{ organisation: 'court', role: 'ASSISTING', reportedAt: null }] });
  story.act('police', giveBack);
  story.act('centre', agree);
  story.act('centre', redirect('court'));
  expect(story.state().participants).toEqual([]);
});

test('Forwarding opens a child of the same kind; the parent’s clocks run on', () => {
  const story = tell({ playbook: playbook({ clocks: [clocks.handling] }) });
  story.act('police', accept);
  const [event] = story.act('police', forward('station', { assisting: ['court'] }));
  expect(event).toMatchObject({ type: 'FORWARDED', body: { child: 'ref_child', lead: 'station' } });
  expect(story.state()).toMatchObject({ status: 'IN_HANDLING', lead: 'police', responsible: 'police' });
  expect(story.state().clocks[0]?.stoppedAt).toBeNull();
});

test('Nothing is forwarded in a circle, to nobody, to the accused, or without saying what for', () => {
  const story = tell({ ...plain, above: ['petitions'], accused: ['court'] });
  story.act('police', accept);
  for (const lead of ['police', 'centre', 'petitions', 'closed'])
    expect(story.refuses('police', forward(lead))).toMatchObject(wrong('to'));
  expect(story.refuses('police', forward('court'))).toMatchObject(barred);
  expect(story.refuses('police', forward('station', { assisting: ['court'] }))).toMatchObject(barred);
  expect(story.refuses('police', forward('station', { undertaking: ['nowhere'] }))).toMatchObject(wrong('undertaking'));
  expect(story.refuses('police', forward('station', { assisting: ['closed'] }))).toMatchObject(wrong('assisting'));
  expect(story.refuses('police', forward('station', { note: '' }))).toMatchObject(wrong('note'));
  expect(story.state().status).toBe('ACCEPTED');
});

test('Where levels count, it goes up one at a time and only after this one has told what it tried', () => {
  const story = tell({ playbook: playbook({ tiered: true }) }, { lead: 'grid' });
  story.act('grid', accept);
  story.act('grid', { type: 'START' });
  expect(story.refuses('grid', forward('compound'))).toMatchObject(wrong('to'));
  story.act('grid', forward('court'));
  // Sideways is no way around.
  expect(story.refuses('grid', forward('compound'))).toMatchObject(wrong('to'));
  const tried = tell({ playbook: playbook({ tiered: true }) }, { lead: 'grid' });
  tried.act('grid', accept);
  tried.act('grid', { type: 'PROGRESS', note: 'Spoke with both.' });
  expect(tried.refuses('grid', forward('community'))).toMatchObject(wrong('to'));
  tried.act('grid', forward('compound'));
});

test('A consultation brings in who was there and who was given a task, each once', () => {
  const story = tell(plain);
  story.act('police', accept);
  const tasks = [{ organisation: 'justice', task: 'Draft it.', dueAt: at('09-05 09:00').toISOString() }];
  const [event] = story.act(
    'centre',
    consult({ with: ['court', 'police', 'centre', 'court'], conclusion: 'Buy it back.', tasks }),
  );
  expect(event?.words).toEqual({ note: 'Buy it back.', tasks: ['Draft it.'] });
  expect(story.state()).toMatchObject({ status: 'IN_HANDLING', isConsulted: true });
  expect(story.state().participants.map(({ organisation, role }) => [organisation, role])).toEqual([
    ['court', 'ASSISTING'],
    ['justice', 'ASSISTING'],
  ]);
});

test('A consultation was held by somebody, already, and sets tasks that are still to be done', () => {
  const story = tell({ ...plain, accused: ['court'] });
  story.act('police', accept);
  const task = { organisation: 'justice', task: 'Draft it.', dueAt: at('09-05 09:00').toISOString() };
  const justice = { with: ['justice'] };
  expect(story.refuses('police', consult({ with: [] }))).toMatchObject(wrong('with'));
  expect(story.refuses('police', consult({ with: ['closed'] }))).toMatchObject(wrong('with'));
  expect(story.refuses('police', consult())).toMatchObject(barred);
  expect(story.refuses('police', consult({ ...justice, tasks: [{ ...task, organisation: 'court' }] }))).toMatchObject(
    barred,
  );
  expect(story.refuses('police', consult({ ...justice, heldAt: task.dueAt }))).toMatchObject(wrong('heldAt'));
  const past = { ...task, dueAt: at('08-01 09:00').toISOString() };
  for (const one of [{ ...task, task: ' ' }, past])
    expect(story.refuses('police', consult({ ...justice, tasks: [one] }))).toMatchObject(wrong('tasks'));
  story.act('police', consult({ ...justice, tasks: [task] }));
});
