/** Each department's system in turn slow, refusing, answering rubbish, stopped: what the desk sees, and what it costs. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { departmentNames, sourceOf, type DepartmentName } from '../../demo/county/model.ts';
import type { BehaveRequest } from '../../demo/departments/kit/control.ts';
import { openInstallation, until, type Answer, type Installation } from '../kit/installation.ts';
import {
  knownPeople,
  knownToAll,
  OPERATOR,
  shownOf,
  UNIFIED_VIEW,
  worthOf,
  type KnownPerson,
  type UnifiedView,
} from './county.ts';

const WITHIN_MS = 1_500;
const FAILURES_TO_OPEN = 5;
/** Of one interactive read; a view that takes less has not waited for the department. */
const BUDGET_MS = 1_000;

const WAYS: readonly (readonly [string, BehaveRequest])[] = [
  ['slow by 10 s', { slowMs: 10_000 }],
  ['refusing', { mode: 'refuse' }],
  ['answering rubbish', { mode: 'garbage' }],
  ['stopped', { mode: 'stop' }],
];

let installation: Installation;
/** Asked about before anything fails. */
let warm: KnownPerson;
/** Never asked about. */
let strangers: KnownPerson[];

const view = (person: KnownPerson): Promise<Answer<UnifiedView>> =>
  installation.ask<UnifiedView>(OPERATOR, UNIFIED_VIEW, { number: person.citizenId });

const circuitOf = async (name: DepartmentName): Promise<string | undefined> => {
  const { data } = await installation.ask<{ sources: { code: string; circuit: string }[] }>(
    OPERATOR,
    '{ sources { code circuit } }',
  );
  return data.sources.find(({ code }) => code === sourceOf[name])?.circuit;
};

const allLive = async (): Promise<boolean> => {
  const { data } = await view(warm);
  return Object.values(worthOf(data.personByCitizenId)).every((worth) => worth?.status === 'LIVE');
};
const healed = (): Promise<boolean> => until('every department answers and is asked again', allLive, 45_000);

beforeAll(async () => {
  const { dataFolder, url } = inject('installation');
  installation = await openInstallation(dataFolder, url);
  const [first, ...others] = knownToAll(await knownPeople(installation.countyFolder));
  if (first === undefined) throw new Error('nobody is known to all departments');
  warm = first;
  strangers = others;
  await healed();
}, 60_000);
afterAll(async () => {
  for (const name of departmentNames) await installation.department(name).behave({ mode: 'heal' });
  await healed();
  await installation.close();
}, 60_000);

function expectLive(names: readonly DepartmentName[], answer: Answer<UnifiedView>): void {
  const worth = worthOf(answer.data.personByCitizenId);
  expect(names.map((name) => [name, worth[name]?.status])).toEqual(names.map((name) => [name, 'LIVE']));
}

/** The three others as ever, and nobody waits. */
function expectDegraded(name: DepartmentName, answer: Answer<UnifiedView>): void {
  expect(answer.errors).toEqual([]);
  expect(answer.ms).toBeLessThan(WITHIN_MS);
  expectLive(
    departmentNames.filter((other) => other !== name),
    answer,
  );
}

function expectStale(name: DepartmentName, answer: Answer<UnifiedView>): void {
  const worth = worthOf(answer.data.personByCitizenId)[name];
  expect(worth?.status).toBe('STALE');
  expect(Date.parse(worth?.asOf ?? '')).toBeLessThan(Date.now());
}

describe.each(departmentNames)('When the system of %s is', (name) => {
  test.each(WAYS)(
    '%s, the view stands within 1.5 s: the others live, this one with its age or said to be absent',
    async (_how, behave) => {
      const before = await view(warm);
      expect(worthOf(before.data.personByCitizenId)[name]?.status).toBe('LIVE');
      await installation.department(name).behave(behave);

      const again = await view(warm);
      expectDegraded(name, again);
      expectStale(name, again);
      expect(shownOf(again.data.personByCitizenId)).toEqual(shownOf(before.data.personByCitizenId));

      const stranger = strangers.pop();
      if (stranger === undefined) throw new Error('nobody is left who was never asked about');
      const first = await view(stranger);
      expectDegraded(name, first);
      // Civil affairs leaves files: what they said is kept here, and is old rather than gone.
      if (name === 'civil-affairs') expectStale(name, first);
      else {
        expect(worthOf(first.data.personByCitizenId)[name]).toEqual({ status: 'UNAVAILABLE', asOf: null });
        expect(shownOf(first.data.personByCitizenId)[name]).toBe(0);
      }

      await installation.department(name).behave({ mode: 'heal' });
      await healed();
    },
    60_000,
  );
});

describe('After five failures', () => {
  const ways: readonly (readonly [DepartmentName, string, BehaveRequest])[] = [
    ['courts', 'slow by 10 s', { slowMs: 10_000 }],
    ['police', 'refusing', { mode: 'refuse' }],
    ['petitions', 'answering rubbish', { mode: 'garbage' }],
    ['civil-affairs', 'stopped', { mode: 'stop' }],
  ];
  const opened: DepartmentName[] = [];

  test.each(ways)(
    'the circuit of %s, %s, is open, and it costs the view nothing',
    async (name, _how, behave) => {
      const department = installation.department(name);
      expect(await circuitOf(name)).toBe('CLOSED');
      await department.behave(behave);
      for (let failures = 1; failures < FAILURES_TO_OPEN; failures += 1) await view(warm);
      expect(await circuitOf(name)).toBe('CLOSED');
      await view(warm);
      expect(await circuitOf(name)).toBe('OPEN');
      opened.push(name);

      await department.reset();
      const answers = [await view(warm), await view(warm), await view(warm)];
      const untouched = departmentNames.filter((other) => !opened.includes(other));
      for (const answer of answers) {
        expectStale(name, answer);
        expectLive(untouched, answer);
      }
      expect(Math.min(...answers.map(({ ms }) => ms))).toBeLessThan(BUDGET_MS / 2);
      expect((await department.counters()).byKey).toBe(0);
      await department.behave({ mode: 'heal' });
    },
    60_000,
  );

  test('every one of them recovers by itself', async () => {
    expect(opened).toHaveLength(departmentNames.length);
    await healed();
    expect(await Promise.all(departmentNames.map(circuitOf))).toEqual(departmentNames.map(() => 'CLOSED'));
  }, 60_000);
});
