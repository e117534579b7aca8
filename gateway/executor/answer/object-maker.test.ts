import { expect, test } from 'vitest';
import type { FetchedObject } from '../run/fetched.ts';
import { Nothing, type FieldOfObject, type Making } from './object-fields.ts';
import { createObjectMaker } from './object-maker.ts';

interface Run {
  readonly places: string[];
}

const NONE = new Nothing(null);
const isText = (value: unknown): boolean => typeof value === 'string';

const MAKING: Making<Run, string> = {
  isObject: (value) => `typeof ${value} === "object" && ${value} !== null && !Array.isArray(${value})`,
  placeOfField: (place, name) => `${place} + "." + ${name}`,
  placeOfElement: (place, index) => `${place} + "." + ${index}`,
  orNull(_nothing, run, place) {
    run.places.push(`null at ${place}`);
    return null;
  },
};

/** Text stands as it is, of anything else its place is noted; `complete` says what it becomes. */
const field = (name: string, complete: (value: unknown) => unknown): FieldOfObject<FetchedObject, Run, string> => ({
  ...{ name, from: `from_${name}`, usual: { kind: 'leaf', mayBeNull: false, fits: isText } },
  complete(value, run, place) {
    run.places.push(`${place}.${name}`);
    return complete(value);
  },
});

const LATER: NonNullable<Making<Run, string>['later']> = {
  settle: (made) => Promise.all(Object.values(made)),
  thrown: (error) => error as Error,
  abandon: () => undefined,
};

// Few are made by source, many in a loop.
test.each([3, 2_000])('Of %d fields those that do not fit are completed, each at its place', (count) => {
  const fields = Array.from({ length: count }, (_, at) => field(`f${at}`, (value) => value ?? null));
  const make = createObjectMaker(fields, MAKING);
  const object: FetchedObject = Object.fromEntries(fields.map(({ name }) => [`from_${name}`, `of ${name}`]));
  const whole = fields.map(({ name }) => [name, `of ${name}`]);
  const run: Run = { places: [] };
  expect(Object.entries(make(object, run, 'list.4') as object)).toEqual(whole);
  expect(run.places).toEqual([]);

  object['from_f1'] = 7;
  delete object['from_f2'];
  expect(make(object, run, 'list.4')).toMatchObject({ f0: 'of f0', f1: 7, f2: null });
  expect(run.places).toEqual(['list.4.f1', 'list.4.f2']);
});

test.each([2, 600])(
  'One of %d fields that may not be there takes the object with it, and nobody looks further',
  (count) => {
    const fields = Array.from({ length: count }, (_, at) => field(`f${at}`, () => NONE));
    const run: Run = { places: [] };
    expect(createObjectMaker(fields, MAKING)({ from_f0: 'text' }, run, 'root')).toBe(NONE);
    expect(run.places).toEqual(['root.f1']);
  },
);

test.each([1, 600])('What every object has by a name is not the value of a field that is called so', (count) => {
  const names = ['constructor', 'toString', ...Array.from({ length: count }, (_, at) => `f${at}`)];
  const fields = names.map((name) => ({ ...field(name, (value) => value ?? 'nothing'), from: name }));
  const make = createObjectMaker(fields, MAKING);
  const made = make({ toString: 'said' }, { places: [] }, 'root') as object;
  expect(Object.entries(made).slice(0, 2)).toEqual([
    ['constructor', 'nothing'],
    ['toString', 'said'],
  ]);
});

test.each([2, 600])('Of %d fields those that are promises, or cannot be read, are told apart', async (count) => {
  const fields = Array.from({ length: count }, (_, at) => ({
    ...field(`f${at}`, (value) => (value instanceof Error ? value.message : Promise.resolve('later'))),
    usual: null,
  }));
  const object: FetchedObject = {};
  Object.defineProperty(object, 'from_f0', {
    get() {
      throw new Error('not now');
    },
  });
  const made = createObjectMaker(fields, { ...MAKING, later: LATER })(object, { places: [] }, 'root');
  expect(await made).toEqual(['not now', ...Array.from({ length: count - 1 }, () => 'later')]);
});
