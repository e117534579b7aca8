import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../platform/project-root.ts';
import { MESSAGE_DATA, messageSchema } from './message-type-data.ts';
import { CATEGORIES, CHANNELS, OUTCOMES, PARTY_ROLES, PETITION_PURPOSES } from './message-type-list.ts';
import { MESSAGE_TYPES } from './message-type.ts';

const dispatched = {
  type: 'referral.dispatched',
  timestamp: '2026-11-21T02:00:00.000Z',
  sequence: 7,
  data: {
    referral: 'ref_01j',
    event: 'evt_01j',
    number: 'R2026-000123',
    version: 4,
    dispute: 'dsp_01j',
    url: 'https://gateway.example.cn/graphql',
  },
};

describe('a message that goes out', () => {
  it('may be as the contract shows it', () => {
    expect(messageSchema('referral.dispatched').parse(dispatched)).toEqual(dispatched);
  });

  it('holds nothing that is not on its list', () => {
    const named = { ...dispatched, data: { ...dispatched.data, applicant: '张三' } };
    expect(messageSchema('referral.dispatched').safeParse(named).success).toBe(false);
  });

  it('has no field for free words or for people', () => {
    const fields = new Set(MESSAGE_TYPES.flatMap((type) => Object.keys(MESSAGE_DATA[type].shape)));
    // `reason` of a refused input is our own sentence, and of an endpoint one of two words.
    for (const name of [
      'name',
      'note',
      'text',
      'summary',
      'title',
      'parties',
      'citizenId',
      'phone',
      'address',
      'comment',
    ]) {
      expect(fields).not.toContain(name);
    }
  });

  it('has the common fields when it is of a referral', () => {
    for (const type of MESSAGE_TYPES.filter(
      (each) => each.startsWith('referral.') && each !== 'referral.rejected_input',
    )) {
      expect(Object.keys(MESSAGE_DATA[type].shape)).toEqual(
        expect.arrayContaining(['referral', 'event', 'number', 'version', 'dispute', 'url']),
      );
    }
  });

  it('has a sequence only when it is of a referral', () => {
    const data = { person: 'per_1', merged: 'per_2', url: 'https://gateway.example.cn/graphql' };
    const merged = { type: 'person.merged', timestamp: dispatched.timestamp, data };
    expect(messageSchema('person.merged').safeParse(merged).success).toBe(true);
    expect(messageSchema('person.merged').safeParse({ ...merged, sequence: 1 }).success).toBe(false);
  });
});

it('the lists are those of the API', () => {
  const schema = readFileSync(join(projectRoot, 'schema/supergraph.graphql'), 'utf8');
  const enumOf = (name: string): string[] => {
    const [, body = ''] = new RegExp(`^enum ${name}\\b[^{]*\\{([^}]*)\\}`, 'm').exec(schema) ?? [];
    return [...body.matchAll(/^ {2}([A-Z][A-Z0-9_]*)/gm)].map(([, value = '']) => value).sort();
  };
  expect(enumOf('DisputeCategory')).toEqual([...CATEGORIES].sort());
  expect(enumOf('IntakeChannel')).toEqual([...CHANNELS].sort());
  expect(enumOf('PartyRole')).toEqual([...PARTY_ROLES].sort());
  expect(enumOf('PetitionPurpose')).toEqual([...PETITION_PURPOSES].sort());
  if (/^enum Outcome\b/m.test(schema)) expect(enumOf('Outcome')).toEqual([...OUTCOMES].sort());
});
