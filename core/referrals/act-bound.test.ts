import { expect, test } from 'vitest';
import { checkBounds } from './act-bound.ts';

const text = (length: number): string => '枫'.repeat(length);
const list = <T>(length: number, one: T): T[] => Array.from({ length }, () => one);
const party = { party: '申请人', how: '电话', at: new Date() };

test.each([
  ['input.note', { note: text(10_000) }, { note: text(10_001) }],
  ['input.reason', { reason: text(10_000) }, { reason: text(10_001) }],
  ['input.text', { text: text(10_000) }, { text: text(10_001) }],
  ['input.comment', { comment: text(10_000) }, { comment: text(10_001) }],
  ['input.summary', { summary: text(4_000) }, { summary: text(4_001) }],
  ['input.lead', { lead: text(200) }, { lead: text(201) }],
  ['input.undertaking', { undertaking: list(100, 'org') }, { undertaking: list(101, 'org') }],
  ['input.with', { with: list(100, 'org') }, { with: list(101, 'org') }],
  ['input.with.1', { with: ['a', text(200)] }, { with: ['a', text(201)] }],
  ['input.partiesInformed', { partiesInformed: list(200, party) }, { partiesInformed: list(201, party) }],
  [
    'input.partiesInformed.0.how',
    { partiesInformed: [{ ...party, how: text(300) }] },
    { partiesInformed: [{ ...party, how: text(301) }] },
  ],
  ['input.tasks.0.task', { tasks: [{ task: text(10_000) }] }, { tasks: [{ task: text(10_001) }] }],
  ['input.attachments', { attachments: list(50, { name: 'a' }) }, { attachments: list(51, { name: 'a' }) }],
  ['input.attachments.0.name', { attachments: [{ name: text(300) }] }, { attachments: [{ name: text(301) }] }],
])('%s takes so much and no more, and the refusal does not repeat it', (field, most, more) => {
  expect(() => checkBounds(most)).not.toThrow();
  expect(() => checkBounds(more)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT', details: { field } }));
  expect(() => checkBounds(more)).not.toThrow(/枫/);
});

test('Half a character is refused by its field', () => {
  expect(() => checkBounds({ note: '已联系双方 😀' })).not.toThrow();
  expect(() => checkBounds({ note: '已联系双方 \ud83d' })).toThrow(
    expect.objectContaining({ code: 'BAD_USER_INPUT', details: { field: 'input.note' } }),
  );
});
