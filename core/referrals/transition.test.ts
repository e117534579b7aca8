import { expect, test } from 'vitest';
import { at, caller, clocks, playbook, tell } from '../../test/kit/referral.ts';
import type { Act } from './act.ts';
import { replay } from './evolve.ts';

const plain = { playbook: playbook() };
const accept: Act = { type: 'ACCEPT' };
const feedback: Act = {
  type: 'FEEDBACK',
  outcome: 'SETTLED',
  text: 'They agreed.',
  informed: [{ party: 'Li', how: 'phone', at: at('09-01 10:00').toISOString() }],
  agreementSha256: null,
};
const progress = (note = 'Went there.'): Act => ({ type: 'PROGRESS', note });
const supervise: Act = { type: 'SUPERVISE', rung: 'REMIND', note: 'By Friday.' };

test('The sender is responsible until the lead has accepted, then the lead until it is closed', () => {
  const story = tell(plain);
  expect(story.state()).toMatchObject({ status: 'DISPATCHED', responsible: 'centre', version: 1, sequence: 1 });
  story.act('police', accept);
  expect(story.state()).toMatchObject({ status: 'ACCEPTED', responsible: 'police', version: 2, step: 'handle' });
  story.act('police', { type: 'START' });
  expect(story.state().status).toBe('IN_HANDLING');
  story.act('police', feedback, '09-02 09:00');
  expect(story.state()).toMatchObject({ status: 'FEEDBACK_GIVEN', responsible: 'police', informed: 1 });
  story.act('centre', { type: 'CLOSE' });
  expect(story.state()).toMatchObject({ status: 'CLOSED', responsible: null, step: 'close', version: 5 });
});

test('An act that the status does not have is refused with the status and what it has, and changes nothing', () => {
  const story = tell(plain);
  const before = story.state();
  expect(story.refuses('police', { type: 'START' })).toEqual({
    refused: 'ILLEGAL_TRANSITION',
    message: 'This cannot be done with the referral as it stands.',
    details: { status: 'DISPATCHED', allowed: ['ACCEPT', 'RETURN', 'WITHDRAW', 'SUPERVISE'] },
  });
  expect(story.state()).toBe(before);
  story.act('police', accept);
  expect(story.refuses('police', accept)).toMatchObject({
    refused: 'ILLEGAL_TRANSITION',
    details: { status: 'ACCEPTED' },
  });
});

test('An act of another side is refused as forbidden, whoever else may do it', () => {
  const story = tell(plain);
  for (const who of ['centre', 'court', 'station', caller('police', 'auditor')])
    expect(story.refuses(who, accept).refused).toBe('FORBIDDEN');
  expect(story.refuses('police', { type: 'WITHDRAW' }).refused).toBe('FORBIDDEN');
  expect(story.refuses('police', supervise).refused).toBe('FORBIDDEN');
});

test('Each status offers each side its acts', () => {
  const story = tell(plain, { participants: [{ organisation: 'station', role: 'ASSISTING', reportedAt: null }] });
  const offers = () => ['centre', 'police', 'station', 'court'].map((who) => story.offers(who).join(' '));
  const handling = 'FORWARD CONSULT PROGRESS PAUSE REQUEST_EXTENSION FEEDBACK';
  expect(offers()).toEqual(['WITHDRAW SUPERVISE', 'ACCEPT RETURN', '', '']);
  story.act('police', accept);
  expect(offers()).toEqual(['CONSULT WITHDRAW SUPERVISE', `START RETURN ${handling}`, 'PROGRESS', '']);
  story.act('police', { type: 'START' });
  expect(offers()).toEqual(['CONSULT WITHDRAW SUPERVISE', handling, 'PROGRESS', '']);
  story.act('police', feedback, '09-02 09:00');
  expect(offers()).toEqual(['CONSULT CLOSE RATE SUPERVISE', 'CONSULT PROGRESS FEEDBACK RATE', 'PROGRESS', '']);
  story.act('centre', { type: 'CLOSE' });
  expect(offers()).toEqual(['RATE VISIT', 'RATE', '', '']);
});

test('A step narrows which acts there are and whose, and supervision stays possible', () => {
  const steps = [
    {
      ...{ id: 'only', name: 'Only', nameZh: '唯一' },
      acts: ['ACCEPT', 'WITHDRAW'],
      by: { ACCEPT: ['LEAD', 'ASSISTING'], WITHDRAW: ['CENTRE'] },
    },
  ];
  const story = tell(
    { playbook: playbook({ steps }) },
    {
      participants: [{ organisation: 'court', role: 'ASSISTING', reportedAt: null }],
    },
  );
  expect(story.refuses('police', { type: 'RETURN', note: 'No.' })).toMatchObject({
    details: { allowed: ['ACCEPT', 'WITHDRAW', 'SUPERVISE'] },
  });
  // Naming somebody whose act it is not widens nothing.
  expect(story.refuses('court', accept).refused).toBe('FORBIDDEN');
  expect(story.offers('centre')).toEqual(['SUPERVISE']);
  story.act('centre', supervise);
});

test('Every act raises the version by one; what clocks say does not, unless the referral changes hands', () => {
  const story = tell({ playbook: playbook({ clocks: [clocks.settle] }) }, { lead: 'grid' });
  story.tick('09-05 00:00');
  expect(story.state()).toMatchObject({ version: 1, lead: 'grid' });
  story.tick('09-08 00:00');
  expect(story.state()).toMatchObject({ version: 2, lead: 'compound' });
  story.act('centre', supervise);
  expect(story.state().version).toBe(2);
});

test('The first progress begins the handling; a blank one is refused', () => {
  const story = tell(plain, { participants: [{ organisation: 'court', role: 'UNDERTAKING', reportedAt: null }] });
  story.act('police', accept);
  expect(story.refuses('police', progress(' '))).toMatchObject({
    refused: 'BAD_USER_INPUT',
    details: { field: 'input.note' },
  });
  story.act('court', progress(), '09-03 08:00');
  expect(story.state()).toMatchObject({
    status: 'IN_HANDLING',
    hasTried: false,
    participants: [{ organisation: 'court', reportedAt: at('09-03 08:00').toISOString() }],
  });
  story.act('court', progress('Again.'), '09-04 08:00');
  expect(story.state().participants[0]?.reportedAt).toBe(at('09-03 08:00').toISOString());
  story.act('police', progress());
  expect(story.state().hasTried).toBe(true);
});

test('A bureau that acts for its station reports as the station', () => {
  const lead = tell(plain, { lead: 'station' });
  lead.act('police', accept);
  const [told] = lead.act('police', progress());
  expect(told?.body).toEqual({ organisation: 'station' });
  expect(lead.state().hasTried).toBe(true);
  const helper = tell(plain, {
    lead: 'court',
    participants: [{ organisation: 'station', role: 'ASSISTING', reportedAt: null }],
  });
  helper.act('court', accept);
  helper.act('police', progress());
  expect(helper.state().participants[0]?.reportedAt).not.toBeNull();
});

test('Nobody takes part twice, and the lead in no other way', () => {
  const story = tell(plain, {
    participants: [
      { organisation: 'police', role: 'ASSISTING', reportedAt: null },
      { organisation: 'court', role: 'UNDERTAKING', reportedAt: null },
      { organisation: 'court', role: 'GUIDING', reportedAt: null },
    ],
  });
  expect(story.state().participants).toEqual([{ organisation: 'court', role: 'UNDERTAKING', reportedAt: null }]);
});

test('Supervision says what is expected; it moves nothing', () => {
  const story = tell(plain);
  expect(story.refuses('centre', { type: 'SUPERVISE', rung: 'LIST', note: '' }).details).toEqual({
    field: 'input.note',
  });
  const [event] = story.act('centre', supervise);
  expect(event).toMatchObject({
    type: 'SUPERVISED',
    body: { rung: 'REMIND', clock: null },
    words: { note: 'By Friday.' },
  });
  expect(story.state().status).toBe('DISPATCHED');
});

test('Before acceptance the sender withdraws alone', () => {
  const story = tell({ playbook: playbook({ clocks: [clocks.acceptance] }) });
  story.act('centre', { type: 'WITHDRAW' });
  expect(story.state()).toMatchObject({ status: 'WITHDRAWN', responsible: null });
  expect(story.state().clocks[0]).toMatchObject({ nextAt: null, stoppedAt: at('09-01 09:00').toISOString() });
  expect(story.tick('12-01 09:00')).toEqual([]);
  for (const type of ['ACCEPT', 'WITHDRAW', 'CLOSE', 'START'] as const)
    expect(story.refuses('police', { type }).details).toEqual({ status: 'WITHDRAWN', allowed: [] });
});

test('After acceptance the lead must agree to a withdrawal, and says why when it does not', () => {
  const story = tell(plain);
  story.act('police', accept);
  story.act('centre', { type: 'WITHDRAW', note: 'A mistake.' });
  expect(story.state()).toMatchObject({ status: 'WITHDRAWAL_REQUESTED', responsible: 'police', before: 'ACCEPTED' });
  expect(story.refuses('police', feedback).refused).toBe('ILLEGAL_TRANSITION');
  expect(story.refuses('centre', { type: 'DECIDE_WITHDRAWAL', agree: true, note: '' }).refused).toBe('FORBIDDEN');
  expect(story.refuses('police', { type: 'DECIDE_WITHDRAWAL', agree: false, note: ' ' }).details).toEqual({
    field: 'input.note',
  });
  story.act('police', { type: 'DECIDE_WITHDRAWAL', agree: false, note: 'Nearly done.' });
  expect(story.state()).toMatchObject({ status: 'ACCEPTED', before: null });
  story.act('centre', { type: 'WITHDRAW' });
  story.act('police', { type: 'DECIDE_WITHDRAWAL', agree: true, note: '' });
  expect(story.state()).toMatchObject({ status: 'WITHDRAWN', responsible: null, before: null });
});

test('A referral is not withdrawn over an open child', () => {
  const story = tell({ ...plain, openChildren: 1 });
  expect(story.refuses('centre', { type: 'WITHDRAW' })).toMatchObject({
    refused: 'ILLEGAL_TRANSITION',
    details: { status: 'DISPATCHED', allowed: ['ACCEPT', 'RETURN', 'SUPERVISE'] },
  });
  story.act('police', accept);
  story.act('centre', { type: 'WITHDRAW' });
  const agree: Act = { type: 'DECIDE_WITHDRAWAL', agree: true, note: '' };
  expect(story.refuses('police', agree).refused).toBe('ILLEGAL_TRANSITION');
  story.set({ openChildren: 0 });
  story.act('police', agree);
  expect(story.state().status).toBe('WITHDRAWN');
});

test('Replaying what happened gives the state, and history that begins in the middle is none', () => {
  const story = tell({ playbook: playbook({ clocks: Object.values(clocks) }) });
  story.act('police', accept);
  story.act('police', feedback, '09-03 09:00');
  expect(replay('ref_1', story.events())).toEqual(story.state());
  expect(() => replay('ref_1', story.events().slice(1))).toThrow('A referral’s first event opens it.');
});
