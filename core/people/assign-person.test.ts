import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assignPersons, type Assignable } from './assign-person.ts';
import { joinExactly, type JoiningData } from './same-person.ts';

type Mention = Assignable & JoiningData;

const mention = (id: string, fields: Partial<Mention> = {}): Mention => ({
  id,
  citizenId: 'A',
  name: 'wang',
  birthDate: null,
  sex: 'UNKNOWN',
  settled: null,
  createdAt: 0,
  person: null,
  revived: false,
  ...fields,
});

const assign = (mentions: readonly Mention[]): ReturnType<typeof assignPersons<Mention>> =>
  assignPersons(mentions, joinExactly(mentions));

const isSamePerson = (a: Mention, b: Mention): boolean =>
  a.citizenId !== null &&
  a.citizenId === b.citizenId &&
  (a.name === b.name || (a.birthDate !== null && a.birthDate === b.birthDate));

interface Store {
  readonly mentions: Map<string, Mention>;
  readonly persons: Map<string, number>;
  readonly survivors: Map<string, string>;
  clock: number;
}

/** What `joinPeople` does with the database, in memory: one page of puts and removals. */
function apply(store: Store, page: readonly (Mention | { readonly gone: string })[]): void {
  const now = ++store.clock;
  const touched = new Map<string, Mention | undefined>();
  for (const change of page) {
    if ('gone' in change) touched.set(change.gone, undefined);
    else touched.set(change.id, change);
  }
  const numbers = new Set<string>();
  const persons = new Set<string>();
  for (const [id, change] of touched) {
    for (const one of [store.mentions.get(id), change]) {
      if (one?.citizenId != null) numbers.add(one.citizenId);
      if (one?.person) persons.add(one.person.id);
    }
  }
  const put = [...touched.values()]
    .filter((one) => one !== undefined)
    .map((one) => {
      const past = store.mentions.get(one.id);
      return { ...one, createdAt: past?.createdAt ?? now, person: past?.person ?? null };
    });
  const near = [...store.mentions.values()].filter(
    (one) =>
      !touched.has(one.id) &&
      ((one.citizenId !== null && numbers.has(one.citizenId)) || persons.has(one.person?.id ?? '')),
  );
  for (const id of touched.keys()) store.mentions.delete(id);
  const { members, founded, merged } = assign([...put, ...near]);
  const names = new Map(founded.map(({ personId }, index) => [personId, `p${now}.${index}`]));
  for (const id of names.values()) store.persons.set(id, now);
  for (const { from, into } of merged) store.survivors.set(from, into);
  for (const one of [...put, ...near]) {
    const personId = members.get(one.id)?.personId ?? '';
    const id = names.get(personId) ?? personId;
    store.mentions.set(one.id, { ...one, person: { id, createdAt: store.persons.get(id) ?? -1 } });
  }
}

const emptyStore = (): Store => ({ mentions: new Map(), persons: new Map(), survivors: new Map(), clock: 0 });

const partsOf = (store: Store): string[] => {
  const parts = new Map<string, string[]>();
  for (const { id, person } of store.mentions.values()) {
    const key = person?.id ?? '';
    parts.set(key, [...(parts.get(key) ?? []), id]);
  }
  return [...parts.values()].map((part) => part.sort().join()).sort();
};

/** The rule applied without any cleverness. */
const expected = (mentions: readonly Mention[]): string[] => {
  const parts: Mention[][] = [];
  for (const one of mentions) {
    const near = parts.filter((part) => part.some((other) => isSamePerson(one, other)));
    for (const part of near) parts.splice(parts.indexOf(part), 1);
    parts.push([one, ...near.flat()]);
  }
  return parts
    .map((part) =>
      part
        .map(({ id }) => id)
        .sort()
        .join(),
    )
    .sort();
};

const aMention = fc
  .record({
    id: fc.integer({ min: 0, max: 11 }).map((n) => `m${String(n).padStart(2, '0')}`),
    citizenId: fc.constantFrom('A', 'B', null),
    name: fc.constantFrom('wang', 'li', 'zhao', 'qian'),
    birthDate: fc.constantFrom('1980', '1990', '2000', null),
  })
  .map(({ id, ...fields }) => mention(id, fields));
const aChange = fc.oneof(
  { weight: 4, arbitrary: aMention },
  { weight: 1, arbitrary: aMention.map(({ id }) => ({ gone: id })) },
);
const pages = fc.array(fc.array(aChange, { maxLength: 5 }), { maxLength: 8 });

test('However mentions come, change, repeat and go, the persons are those of the rule', () => {
  fc.assert(
    fc.property(pages, (all) => {
      const store = emptyStore();
      for (const page of all) {
        apply(store, page);
        apply(store, page);
      }
      expect(partsOf(store)).toEqual(expected([...store.mentions.values()]));
    }),
    { seed: 2, numRuns: 400 },
  );
});

test('Any order and any split into pages makes the same persons', () => {
  const unique = fc.uniqueArray(aMention, { selector: ({ id }) => id, minLength: 2 });
  fc.assert(
    fc.property(
      unique.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      fc.integer({ min: 1, max: 5 }),
      ([all, shuffled], size) => {
        const [one, other] = [emptyStore(), emptyStore()];
        apply(one, all);
        for (let start = 0; start < shuffled.length; start += size) apply(other, shuffled.slice(start, start + size));
        expect(partsOf(other)).toEqual(partsOf(one));
      },
    ),
    { seed: 3, numRuns: 300 },
  );
});

test('No id of a person is ever lost: it is held by mentions, resolves to a survivor, or has no mention left', () => {
  fc.assert(
    fc.property(pages, (all) => {
      const store = emptyStore();
      for (const page of all) {
        const before = new Map([...store.mentions.values()].map((one) => [one.id, one.person?.id ?? '']));
        apply(store, page);
        const held = new Set([...store.mentions.values()].map(({ person }) => person?.id));
        for (const [id, person] of before)
          if (store.mentions.has(id)) expect(held.has(person) || store.survivors.has(person)).toBe(true);
      }
    }),
    { seed: 4, numRuns: 200 },
  );
});

test('The oldest person survives a join', () => {
  const old = mention('m1', { createdAt: 1, person: { id: 'per_old', createdAt: 1 } });
  const young = mention('m0', { createdAt: 2, birthDate: '1980', person: { id: 'per_young', createdAt: 2 } });
  const { merged, moves } = assign([young, old]);
  expect(merged).toEqual([{ from: 'per_young', into: 'per_old' }]);
  expect(moves).toEqual([
    {
      mentionId: 'm0',
      from: 'per_young',
      to: 'per_old',
      rule: 'CITIZEN_ID',
    },
  ]);
});

test('Of a person that falls apart the part with the oldest mention keeps the id', () => {
  const person = { id: 'per_1', createdAt: 1 };
  const { members, founded, moves } = assign([
    mention('m2', { createdAt: 1, name: 'li', person }),
    mention('m1', { createdAt: 2, person }),
  ]);
  expect(members.get('m2')).toEqual({ personId: 'per_1', matchedBy: 'SINGLE', score: null, matchedWith: null });
  expect(founded).toEqual([{ personId: '+m1', mentionId: 'm1' }]);
  expect(moves).toMatchObject([{ mentionId: 'm1', from: 'per_1', to: '+m1', rule: 'PARTED' }]);
});

test('A mention that comes back does not take its old person from those who hold it by now', () => {
  const person = { id: 'per_1', createdAt: 1 };
  const { members } = assign([
    mention('m1', { createdAt: 1, name: 'li', person, revived: true }),
    mention('m2', { createdAt: 2, person }),
  ]);
  expect(members.get('m2')?.personId).toBe('per_1');
  expect(members.get('m1')?.personId).toBe('+m1');
});

test('During a first load who is one person already stays so, whatever joined them', () => {
  const settled = { personId: 'per_1', matchedBy: 'SCORE', score: 31.5, matchedWith: 'm2' } as const;
  const person = { id: 'per_1', createdAt: 1 };
  const { members, moves } = assign([
    mention('m1', { citizenId: null, person, settled }),
    mention('m2', { person, settled: { ...settled, matchedWith: 'm1' } }),
    mention('m3', { createdAt: 5 }),
  ]);
  expect([...members.values()].map(({ personId }) => personId)).toEqual(['per_1', 'per_1', 'per_1']);
  expect(members.get('m1')).toEqual(settled);
  expect(moves).toEqual([{ mentionId: 'm3', from: null, to: 'per_1', rule: 'CITIZEN_ID' }]);
});
