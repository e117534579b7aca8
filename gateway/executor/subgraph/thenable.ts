/** Whatever may be awaited: resolvers may give any. */
export const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as Partial<PromiseLike<unknown>>).then === 'function';

/** Nobody waits for them any more: that they fail is not news. */
export function abandon(values: readonly unknown[]): void {
  for (const value of values) if (isThenable(value)) value.then(undefined, () => undefined);
}
