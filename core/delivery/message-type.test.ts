import { describe, expect, it } from 'vitest';
import { audienceOf, isMessageType, isSubscribed, MESSAGE_TYPES, parseSubscription } from './message-type.ts';

describe('types', () => {
  it('are the 34 of the contract, and one that tells that a withdrawal was refused', () => {
    expect(MESSAGE_TYPES).toHaveLength(35);
    expect(MESSAGE_TYPES.every((type) => /^(referral|dispute|person|endpoint|delivery)\.[a-z_]+$/.test(type))).toBe(
      true,
    );
    expect(isMessageType('referral.accepted')).toBe(true);
    expect(isMessageType('referral.accept')).toBe(false);
    expect(isMessageType('constructor')).toBe(false);
  });

  it('of a dead endpoint go to its keepers, and an input’s refusal only to who sent it', () => {
    expect(MESSAGE_TYPES.filter((type) => audienceOf(type) === 'KEEPERS')).toEqual([
      'endpoint.disabled',
      'delivery.exhausted',
    ]);
    expect(MESSAGE_TYPES.filter((type) => audienceOf(type) === 'SENDER')).toEqual(['referral.rejected_input']);
  });
});

describe('a subscription', () => {
  it('is by name, by prefix or to all', () => {
    const received = (...subscription: string[]) => MESSAGE_TYPES.filter((type) => isSubscribed(subscription, type));
    expect(received('*')).toEqual(MESSAGE_TYPES);
    expect(received('dispute.opened')).toEqual(['dispute.opened']);
    expect(received('person.*', 'dispute.opened')).toEqual(['dispute.opened', 'person.merged', 'person.split']);
    expect(received('referral.*')).toHaveLength(27);
    expect(received()).toEqual([]);
  });

  it('keeps each entry once', () => {
    expect(parseSubscription(['referral.*', 'dispute.opened', 'referral.*'])).toEqual(['referral.*', 'dispute.opened']);
  });

  it.each([
    ['nothing', [], 'types'],
    ['a type that is not', ['*', 'referral.exploded'], 'types.1'],
    ['a type that only comes in', ['referral.accept'], 'types.0'],
    ['a prefix of nothing', ['payment.*'], 'types.0'],
    ['half a prefix', ['referral.ret*'], 'types.0'],
    ['a prefix without its full stop', ['referral*'], 'types.0'],
    ['another pattern', ['*.accepted'], 'types.0'],
    ['an empty name', [''], 'types.0'],
  ])('refuses %s', (_, types, field) => {
    expect(() => parseSubscription(types)).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT', details: { field } }),
    );
  });
});
