import { expect, it, vi } from 'vitest';
import { shortMemory } from './short-memory.ts';

const finding = () =>
  vi.fn(async (keys: readonly string[]) => new Map(keys.filter((key) => key !== 'none').map((key) => [key, { key }])));

it('looks up only what it does not remember, and remembers what is not there', async () => {
  const lookUp = finding();
  const memory = shortMemory(lookUp, 60_000);
  expect([...(await memory(['a', 'none'])).keys()]).toEqual(['a']);
  expect([...(await memory(['a', 'b', 'none'])).keys()].sort()).toEqual(['a', 'b']);
  expect(lookUp.mock.calls).toEqual([[['a', 'none']], [['b']]]);
});

it('looks again every time when nothing is to be remembered, and after a failure', async () => {
  const lookUp = finding();
  const none = shortMemory(lookUp, 0);
  await none(['a']);
  await none(['a']);
  expect(lookUp).toHaveBeenCalledTimes(2);
  const failing = vi.fn(async () => Promise.reject(new Error('away')));
  const memory = shortMemory(failing, 60_000);
  await expect(memory(['a'])).rejects.toThrow('away');
  await expect(memory(['a'])).rejects.toThrow('away');
  expect(failing).toHaveBeenCalledTimes(2);
});

it('forgets sooner that something was not there, when told to', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  const now = vi.spyOn(performance, 'now').mockReturnValue(1);
  try {
    const lookUp = finding();
    const memory = shortMemory(lookUp, 60_000, 1_000);
    await memory(['a', 'none']);
    vi.runAllTimers();
    now.mockReturnValue(1_500);
    await memory(['a', 'none']);
    expect(lookUp.mock.calls).toEqual([[['a', 'none']], [['none']]]);
  } finally {
    now.mockRestore();
    vi.useRealTimers();
  }
});
