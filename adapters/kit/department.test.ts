import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { DepartmentRecord } from '../../core/department-record.ts';
import { createKeyring } from '../../core/platform/keyring.ts';
import { silentLog } from '../../core/platform/log.ts';
import { record } from '../../test/kit/paper-department.ts';
import { createDepartment } from './department.ts';
import type { DepartmentAlert } from './kit.ts';
import { cacheSettings, policySettings } from './settings.ts';
import { wireFault } from './wire-fault.ts';
import type { WireFault } from './wire-fault.ts';
import type { Fetched, Wire } from './wire.ts';

type Fetch = (keys: readonly string[], signal: AbortSignal) => Promise<Fetched<DepartmentRecord>>;
const interactive = { priority: 'interactive' } as const;
const fetched = (...entries: readonly (readonly [string, DepartmentRecord | WireFault])[]): Fetched<DepartmentRecord> =>
  new Map(entries);

function scene(settings: { policy?: object; cache?: object; maxKeysPerCall?: number } = {}) {
  const calls: (readonly string[])[] = [];
  const alerts: DepartmentAlert[] = [];
  const time = { now: Date.parse('2026-03-01T00:00:00.000Z') };
  const system: { fetch: Fetch } = {
    fetch: async (keys) => new Map(keys.map((key) => [key, record('COURTS', key)])),
  };
  const wire: Wire<DepartmentRecord> = {
    code: 'COURTS',
    maxKeysPerCall: settings.maxKeysPerCall ?? 100,
    fetch(keys, { signal }) {
      calls.push(keys);
      return system.fetch(keys, signal);
    },
    changes: () => Promise.reject(wireFault('COURTS', 'refused')),
    ping: async () => undefined,
    close: async () => undefined,
  };
  const department = createDepartment({
    wire,
    policy: policySettings.parse({ interactiveBudgetMs: 60, retries: 0, ...settings.policy }),
    cache: cacheSettings.parse({ ...settings.cache }),
    kit: {
      clock: { business: () => new Date(time.now), wall: () => new Date(time.now) },
      log: silentLog,
      keyring: createKeyring(randomBytes(32)),
      shared: null,
      onAlert: (alert) => void alerts.push(alert),
    },
  });
  return { department, system, calls, alerts, time };
}

test('A stale answer is as old as its oldest record', async () => {
  const { department, system, time } = scene();
  await department.read(['a'], interactive);
  time.now += 60_000;
  await department.read(['b'], interactive);
  time.now += 60_000;
  system.fetch = () => Promise.reject(wireFault('COURTS', 'unreachable'));
  const { records, freshness } = await department.read(['b', 'a'], interactive);
  expect([...records.keys()]).toEqual(['b', 'a']);
  expect(freshness).toEqual({ status: 'STALE', asOf: '2026-03-01T00:00:00.000Z' });
});

test('What the department no longer held is not shown again while it is down', async () => {
  const { department, system } = scene();
  await department.read(['a'], interactive);
  system.fetch = async () => new Map();
  await department.read(['a'], interactive);
  system.fetch = () => Promise.reject(wireFault('COURTS', 'unreachable'));
  const { records, freshness } = await department.read(['a'], interactive);
  expect(records.size).toBe(0);
  expect(freshness.status).toBe('STALE');
});

test('A record that does not parse is an alert; the last good one stands in for it, and without one nothing is shown as whole', async () => {
  const { department, system, alerts } = scene();
  await department.read(['a'], interactive);
  const bad = wireFault('COURTS', 'unparsable', { field: 'LARQ' });
  system.fetch = async () => fetched(['a', bad], ['b', record('COURTS', 'b')]);
  expect((await department.read(['a', 'b'], interactive)).freshness.status).toBe('STALE');
  expect(alerts).toEqual([{ source: 'COURTS', operation: 'read', field: 'LARQ', where: null }]);
  system.fetch = async () => fetched(['c', bad], ['b', record('COURTS', 'b')]);
  expect(await department.read(['c', 'b'], interactive)).toEqual({
    records: new Map(),
    freshness: { status: 'UNAVAILABLE', asOf: null },
  });
  const partial = await department.read(['c', 'b'], { ...interactive, partial: true });
  expect([...partial.records.keys()]).toEqual(['b']);
  expect([...(partial.unread ?? [])]).toEqual(['c']);
  expect(partial.freshness.status).toBe('LIVE');
  expect(department.health().circuit).toBe('CLOSED');
});

test('Of several calls for one read, one that fails makes the whole STALE or UNAVAILABLE', async () => {
  const { department, system, calls } = scene({ maxKeysPerCall: 2 });
  system.fetch = async (keys) => {
    if (keys.includes('c')) throw wireFault('COURTS', 'refused');
    return new Map(keys.map((key) => [key, record('COURTS', key)]));
  };
  expect((await department.read(['a', 'b', 'c'], interactive)).freshness.status).toBe('UNAVAILABLE');
  expect(calls).toEqual([['a', 'b'], ['c']]);
});

test('A call that does not let go when its time is over is left behind', async () => {
  const { department, system } = scene();
  system.fetch = () => new Promise(() => undefined);
  const began = performance.now();
  expect((await department.read(['a'], interactive)).freshness.status).toBe('UNAVAILABLE');
  expect(performance.now() - began).toBeLessThan(1_000);
});

test('A call shared by two goes on when one gives up, and ends when both have', async () => {
  const { department, system } = scene({ policy: { interactiveBudgetMs: 5_000 } });
  let land: () => void = () => undefined;
  let ended: AbortSignal | undefined;
  system.fetch = (_keys, signal) => {
    ended = signal;
    return new Promise((resolve) => (land = () => resolve(new Map([['a', record('COURTS', 'a')]]))));
  };
  const [one, two] = [new AbortController(), new AbortController()];
  const first = department.read(['a'], { ...interactive, signal: one.signal });
  const second = department.read(['a'], { ...interactive, signal: two.signal });
  one.abort(new Error('one'));
  await expect(first).rejects.toThrow('one');
  expect(ended?.aborted).toBe(false);
  land();
  expect((await second).records.size).toBe(1);

  const third = department.read(['a'], { ...interactive, signal: two.signal });
  two.abort(new Error('two'));
  await expect(third).rejects.toThrow('two');
  expect(ended?.aborted).toBe(true);
  expect(department.health().failures).toBe(0);
});

test('With freshForMs, a young answer is given without asking, marked CACHED with its age', async () => {
  const { department, calls, time } = scene({ cache: { freshForMs: 5_000 } });
  await department.read(['a'], interactive);
  time.now += 4_999;
  expect((await department.read(['a'], interactive)).freshness).toEqual({
    status: 'CACHED',
    asOf: '2026-03-01T00:00:00.000Z',
  });
  time.now += 1;
  expect((await department.read(['a'], interactive)).freshness.status).toBe('LIVE');
  expect(calls.length).toBe(2);
});

test('A fault in the adapter itself is an alert, not a crash', async () => {
  const { department, system, alerts } = scene();
  system.fetch = () => Promise.reject(new TypeError('990102197103150028 is not a function'));
  expect((await department.read(['a'], interactive)).freshness.status).toBe('UNAVAILABLE');
  expect(alerts).toEqual([{ source: 'COURTS', operation: 'read', field: '(adapter)', where: null }]);
});
