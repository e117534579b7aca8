/** Checks that need a system which misbehaves on command: our stand-ins. */
import type { Department } from '../../core/department.ts';
import { AppError } from '../../core/platform/errors.ts';
import { ensure, eventually, readTimed, someKeys, withDepartment } from './conformance.ts';
import type { Check, ConformanceContext, Misbehaviour } from './conformance.ts';
import type { DepartmentAlert } from './kit.ts';

interface Scene {
  readonly department: Department;
  readonly context: ConformanceContext;
  readonly system: Misbehaviour;
  readonly alerts: readonly DepartmentAlert[];
  readonly keys: readonly string[];
}

const check = (title: string, work: (scene: Scene) => Promise<void>): Check => ({
  title,
  needsMisbehaviour: true,
  run: (context) =>
    withDepartment(context, async (department, alerts) => {
      const system = context.misbehaviour;
      ensure(system !== null, 'This check needs a system that misbehaves on command.');
      await system.heal();
      await work({ department, context, system, alerts, keys: await someKeys(department, 4) });
    }),
});

/** What a read may take over its budget: the look-up in the cache, and a busy machine. */
const GRACE_MS = 1_000;

const ways = {
  'answers 10 seconds late': (system: Misbehaviour) => system.slow(10_000),
  refuses: (system: Misbehaviour) => system.refuse(),
  'answers garbage': (system: Misbehaviour) => system.garbage(),
  'has stopped': (system: Misbehaviour) => system.stop(),
} as const;

const unwell = Object.entries(ways).flatMap(([way, misbehave]) => [
  check(
    `A system that ${way} costs its own part: STALE with its age, or UNAVAILABLE, within the budget`,
    async (scene) => {
      const { department, context, system, keys } = scene;
      const [seen = '', unseen = ''] = keys;
      const good = await readTimed(department, [seen, context.unknownKey]);
      await misbehave(system);
      const stale = await readTimed(department, [seen, context.unknownKey]);
      ensure(stale.status === 'STALE', 'What was read before is not answered as STALE.');
      ensure(stale.asOf !== null && good.asOf !== null && stale.asOf <= new Date().toISOString(), 'STALE has no age.');
      ensure(stale.found === good.found, 'The stale answer differs from the last good one.');
      const nothing = await readTimed(department, [unseen]);
      const part = await readTimed(department, [seen, unseen]);
      if (context.keepsAll) {
        ensure(nothing.status === 'STALE' && nothing.found === 1, 'What is kept here is not answered as STALE.');
        ensure(part.status === 'STALE' && part.found === 2, 'A part of what is kept here is not answered.');
      } else {
        ensure(nothing.status === 'UNAVAILABLE' && nothing.asOf === null, 'What was never read is not UNAVAILABLE.');
        ensure(part.status === 'UNAVAILABLE' && part.found === 0, 'A part is answered as if it were the whole.');
      }
      for (const reading of [stale, nothing, part]) {
        ensure(reading.ms < context.policy.interactiveBudgetMs + GRACE_MS, 'A read took longer than its budget.');
      }
      ensure(department.health().failures >= 3, 'Failures are not counted.');
    },
  ),

  check(
    `When a system ${way}, its circuit opens after five failures and it costs nothing; it recovers by itself`,
    async (scene) => {
      const { department, context, system, keys } = scene;
      const { failuresToOpen, probeEveryMs, pingBudgetMs } = context.policy;
      await misbehave(system);
      for (let failure = 1; failure <= failuresToOpen; failure += 1) {
        ensure(department.health().circuit === 'CLOSED', 'The circuit opened too early.');
        await readTimed(department, keys);
      }
      ensure(department.health().circuit === 'OPEN', 'The circuit is not open.');
      await system.resetCounters();
      for (let read = 0; read < 5; read += 1) {
        const free = await readTimed(department, keys);
        const expected = context.keepsAll ? 'STALE' : 'UNAVAILABLE';
        ensure(free.status === expected, `With an open circuit the answer is not ${expected}.`);
        ensure(free.ms < 100, 'With an open circuit a read still takes time.');
      }
      ensure((await system.callsByKey()) === 0, 'With an open circuit the system is still asked.');
      await system.heal();
      await eventually(
        2 * (probeEveryMs + pingBudgetMs) + 2_000,
        async () => (await readTimed(department, keys)).status === context.healthyStatus,
        'The department does not recover by itself.',
      );
      ensure(department.health().circuit === 'CLOSED', 'After recovery the circuit is not closed.');
    },
  ),
]);

export const misbehavingChecks: readonly Check[] = [
  ...unwell,

  check('Garbage is an alert that names a field, and nothing else', async ({ department, system, keys, alerts }) => {
    await system.garbage();
    await readTimed(department, keys);
    await department.changes(null).catch(() => undefined);
    ensure(alerts.length > 0, 'Garbage raised no alert.');
    for (const alert of alerts) {
      ensure(alert.source === department.code && alert.field !== '', 'The alert names no field.');
      ensure(!keys.some((key) => JSON.stringify(alert).includes(key)), 'The alert quotes a key.');
    }
  }),

  check(
    'The change feed of a system that is unwell rejects with an error worth trying again, and goes on where it was',
    async (scene) => {
      const { department, system } = scene;
      const first = await department.changes(null);
      const healthy = await department.changes(first.cursor);
      for (const misbehave of [ways.refuses, ways['has stopped'], ways['answers garbage']]) {
        await misbehave(system);
        const outcome: unknown = await department.changes(first.cursor).catch((error: unknown) => error);
        ensure(outcome instanceof AppError && outcome.code === 'SOURCE_UNAVAILABLE', 'It is not SOURCE_UNAVAILABLE.');
        ensure(outcome.retryable, 'The error is not marked as worth trying again.');
        await system.heal();
      }
      const again = await department.changes(first.cursor);
      ensure(JSON.stringify(again.changes) === JSON.stringify(healthy.changes), 'The feed went on elsewhere.');
    },
  ),

  check('A ping of a system that is unwell rejects with an error that says so', async ({ department, system }) => {
    for (const misbehave of [ways.refuses, ways['has stopped']]) {
      await misbehave(system);
      const outcome: unknown = await department.ping().then(
        () => null,
        (error: unknown) => error,
      );
      ensure(
        outcome instanceof AppError && outcome.message.includes(department.code),
        'The ping does not say why not.',
      );
    }
  }),
];
