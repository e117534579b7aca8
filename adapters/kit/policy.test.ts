import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createPolicy } from './policy.ts';
import type { Policy } from './policy.ts';
import { policySettings } from './settings.ts';
import { isWireFault, wireFault } from './wire-fault.ts';
import type { WireFaultReason } from './wire-fault.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const { signal } = new AbortController();
const fails = (reason: WireFaultReason, retryAfterMs?: number) => () =>
  Promise.reject(wireFault('COURTS', reason, retryAfterMs === undefined ? {} : { retryAfterMs }));
const never = (): Promise<never> => new Promise(() => undefined);
const reasonOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'ok',
    (error: unknown) => (isWireFault(error) ? error.reason : 'other'),
  );

const policyOf = (overrides: object = {}, ping: () => Promise<void> = never): Policy =>
  createPolicy({ source: 'COURTS', settings: policySettings.parse({ retries: 0, ...overrides }), ping });

const read = (policy: Policy, call: () => Promise<unknown>): Promise<string> =>
  reasonOf(policy.read('interactive', signal, call));

test('A full bulk lane does not keep people waiting, and a lane with no room left says so', async () => {
  const policy = policyOf({ bulk: { concurrent: 1, queue: 1 } });
  void policy.read('bulk', signal, never);
  void policy.read('bulk', signal, never);
  expect(await reasonOf(policy.read('bulk', signal, never))).toBe('crowded');
  expect(await read(policy, async () => undefined)).toBe('ok');
});

test('Only a system that cannot be reached is asked again, with pauses that differ', async () => {
  const policy = policyOf({ retries: 2 });
  for (const [reason, attempts] of [
    ['unreachable', 3],
    ['slow', 1],
    ['refused', 1],
    ['unparsable', 1],
    ['limited', 1],
  ] as const) {
    const call = vi.fn(fails(reason));
    const outcome = read(policy, call);
    await vi.advanceTimersByTimeAsync(5_000);
    expect([reason, await outcome, call.mock.calls.length]).toEqual([reason, reason, attempts]);
  }
});

test('Five failures in a row open the circuit, a success in between starts the count anew', async () => {
  const policy = policyOf();
  for (let failure = 0; failure < 4; failure += 1) await read(policy, fails('refused'));
  await read(policy, async () => undefined);
  for (let failure = 0; failure < 4; failure += 1) await read(policy, fails('slow'));
  expect(policy.circuit()).toBe('CLOSED');
  await read(policy, fails('unparsable'));
  expect(policy.circuit()).toBe('OPEN');
  const call = vi.fn(async () => undefined);
  expect(await read(policy, call)).toBe('open');
  expect(call).not.toHaveBeenCalled();
});

test('A spent quota and a caller who gives up open no circuit', async () => {
  const policy = policyOf();
  for (let call = 0; call < 10; call += 1) {
    expect(await read(policy, fails('limited'))).toBe('limited');
    const giveUp = new AbortController();
    const reading = reasonOf(policy.read('interactive', giveUp.signal, never));
    giveUp.abort(new Error('given up'));
    expect(await reading).toBe('other');
  }
  expect(policy.circuit()).toBe('CLOSED');
});

test('An open circuit spends a ping, not a person, on finding out; then one read is the trial', async () => {
  let well = false;
  const ping = vi.fn(async () => {
    if (!well) throw wireFault('COURTS', 'refused');
  });
  const policy = policyOf({}, ping);
  for (let failure = 0; failure < 5; failure += 1) await read(policy, fails('refused'));
  await vi.advanceTimersByTimeAsync(10_100);
  expect(ping).toHaveBeenCalledTimes(2);
  expect(await read(policy, async () => undefined)).toBe('open');

  well = true;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(policy.circuit()).toBe('HALF_OPEN');
  // It echoes and still does not answer questions: the trial's failure is enough.
  expect(await read(policy, fails('slow'))).toBe('slow');
  expect(policy.circuit()).toBe('OPEN');

  await vi.advanceTimersByTimeAsync(5_000);
  let finish: () => void = () => undefined;
  const trial = read(policy, () => new Promise<void>((resolve) => (finish = resolve)));
  await vi.advanceTimersByTimeAsync(0);
  expect(await read(policy, async () => undefined)).toBe('open');
  finish();
  expect(await trial).toBe('ok');
  expect(policy.circuit()).toBe('CLOSED');
});

test('A caller who gives up during the trial does not close the circuit', async () => {
  const policy = policyOf({}, async () => undefined);
  for (let failure = 0; failure < 5; failure += 1) await read(policy, fails('refused'));
  await vi.advanceTimersByTimeAsync(5_000);
  const giveUp = new AbortController();
  const trial = reasonOf(policy.read('interactive', giveUp.signal, never));
  await vi.advanceTimersByTimeAsync(0);
  giveUp.abort(new Error('given up'));
  expect(await trial).toBe('other');
  await vi.advanceTimersByTimeAsync(0);
  expect(policy.circuit()).toBe('OPEN');
});

test('Bulk waits as long as a spent quota asks, people do not', async () => {
  const policy = policyOf();
  const call = vi.fn(fails('limited', 3_000)).mockImplementationOnce(fails('limited', 3_000));
  call.mockImplementation(() =>
    call.mock.calls.length < 3 ? fails('limited', 3_000)() : (Promise.resolve() as never),
  );
  const outcome = reasonOf(policy.read('bulk', signal, call));
  await vi.advanceTimersByTimeAsync(2_900);
  expect(call).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(3_200);
  expect(await outcome).toBe('ok');
  expect(call).toHaveBeenCalledTimes(3);
});

test('A change feed that fails opens no circuit, and is not asked for while one is open', async () => {
  const policy = policyOf();
  for (let page = 0; page < 9; page += 1) expect(await reasonOf(policy.page(signal, fails('refused')))).toBe('refused');
  expect(policy.circuit()).toBe('CLOSED');
  for (let failure = 0; failure < 5; failure += 1) await read(policy, fails('refused'));
  expect(await reasonOf(policy.page(signal, async () => undefined))).toBe('open');
});
