import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../platform/project-root.ts';
import { INBOUND_TYPES, parseInbound } from './message-type-inbound.ts';

const feedback = {
  type: 'referral.feedback',
  data: {
    id: 'ref_01j',
    outcome: 'AGREED_WRITTEN',
    text: '双方已签协议',
    partiesInformed: [{ party: '张三', how: 'PHONE', at: '2026-11-21T10:00:00+08:00' }],
  },
};
const faultsOf = (body: unknown) => {
  const parsed = parseInbound(body);
  return 'faults' in parsed ? parsed.faults : [];
};
const withData = (data: object) => ({ ...feedback, data: { ...feedback.data, ...data } });

describe('a message that comes in', () => {
  it('is parsed by its type', () => {
    expect(parseInbound(feedback)).toEqual({ message: feedback });
    expect(parseInbound({ type: 'referral.progress', data: { id: 'ref_1' } })).toMatchObject({
      message: { type: 'referral.progress' },
    });
  });

  it('may say null for what may be left out, and have more beside its data', () => {
    const body = {
      type: 'referral.accept',
      sequence: 3,
      timestamp: null,
      data: { id: 'r', expectedVersion: null, note: null },
    };
    expect(parseInbound(body)).toHaveProperty('message');
  });

  it('may say that somebody was told of the path of the law in writing', () => {
    const informed = { party: '张三', how: '书面', at: '2026-11-21T10:00:00+08:00', pathInWriting: true };
    expect(parseInbound(withData({ partiesInformed: [informed] }))).toMatchObject({
      message: { data: { partiesInformed: [informed] } },
    });
  });

  it('may leave out expectedVersion, but not when it answers a request', () => {
    expect(faultsOf({ type: 'referral.decide_return', data: { id: 'ref_1', agree: true, note: '同意' } })).toEqual([
      { path: 'data.expectedVersion', problem: 'is missing or not of the type number' },
    ]);
  });

  it('needs a reason to give a referral back', () => {
    expect(faultsOf({ type: 'referral.return', data: { id: 'ref_1' } })).toMatchObject([{ path: 'data.note' }]);
    expect(faultsOf({ type: 'referral.return', data: { id: 'ref_1', note: '  ' } })).toMatchObject([
      { path: 'data.note' },
    ]);
  });

  it.each([
    ['null', null, ''],
    ['a list', [], ''],
    ['without a type', { data: {} }, 'type'],
    ['of a type that only goes out', { type: 'referral.accepted', data: {} }, 'type'],
    ['of a type that JavaScript knows', { type: 'constructor', data: {} }, 'type'],
    ['without data', { type: 'referral.accept' }, 'data'],
    ['with a wrong choice', withData({ outcome: 'DONE' }), 'data.outcome'],
    ['with a number for a text', withData({ text: 5 }), 'data.text'],
    [
      'with a day for an instant',
      withData({ partiesInformed: [{ party: 'a', how: 'b', at: '2026-11-21' }] }),
      'data.partiesInformed.0.at',
    ],
    [
      'with an instant without zone',
      withData({ partiesInformed: [{ party: 'a', how: 'b', at: '2026-11-21T10:00:00' }] }),
      'data.partiesInformed.0.at',
    ],
    ['with a version of nothing', withData({ expectedVersion: 0 }), 'data.expectedVersion'],
    ['with a mistyped field', withData({ partiesInfomed: [] }), 'data.partiesInfomed'],
  ])('is refused %s, with the path', (_, body, path) => {
    expect(faultsOf(body)).toMatchObject([{ path }]);
  });

  it('is refused without a word of what it said', () => {
    const said = JSON.stringify([
      ...faultsOf(withData({ outcome: '330621199001011234', text: { 张三: 1 }, '330621199001011234': 1 })),
      ...faultsOf({ type: '330621199001011234' }),
    ]);
    expect(said).not.toMatch(/330621|张三/);
  });
});

it('every type has an example in docs/webhooks.md, and all examples there are right', () => {
  const page = readFileSync(join(projectRoot, 'docs/webhooks.md'), 'utf8');
  const section = page.split('\n## What you send\n')[1]?.split('\n## ')[0] ?? '';
  const examples = [...section.matchAll(/```json\n([^]*?)```/g)].map(
    ([, text = '']) => JSON.parse(text) as { type: string },
  );
  for (const example of examples) expect(faultsOf(example), example.type).toEqual([]);
  expect(examples.map(({ type }) => type)).toEqual(INBOUND_TYPES);
});
