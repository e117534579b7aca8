/** What is asked twice at the same time is asked once. */

export interface Asked {
  readonly key: string;
  /** Shared only with what is asked on behalf of the same; null: of anybody. */
  readonly of: object | null;
  /** Whoever goes takes nothing from the others; when all have gone, it is stopped. */
  readonly signal?: AbortSignal;
}

export type Shared<T> = (asked: Asked, ask: (signal: AbortSignal) => Promise<T>) => Promise<T>;

interface UnderWay<T> {
  readonly promise: Promise<T>;
  readonly stop: AbortController;
  waiting: number;
}

export function createShared<T>(): Shared<T> {
  const ofAnybody = new Map<string, UnderWay<T>>();
  const byOwner = new WeakMap<object, Map<string, UnderWay<T>>>();

  function placeOf(owner: object | null): Map<string, UnderWay<T>> {
    if (owner === null) return ofAnybody;
    let own = byOwner.get(owner);
    if (!own) byOwner.set(owner, (own = new Map<string, UnderWay<T>>()));
    return own;
  }

  return ({ key, of, signal }, ask) => {
    const place = placeOf(of);
    let underWay = place.get(key);
    if (!underWay) {
      const stop = new AbortController();
      const promise = ask(stop.signal).finally(() => {
        if (place.get(key)?.promise === promise) place.delete(key);
      });
      place.set(key, (underWay = { promise, stop, waiting: 0 }));
    }
    const one = underWay;
    one.waiting += 1;
    if (!signal) return one.promise;
    const leave = (): void => {
      one.waiting -= 1;
      if (one.waiting > 0) return;
      // Whoever comes now asks anew.
      if (place.get(key) === one) place.delete(key);
      one.stop.abort();
    };
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
    return one.promise.finally(() => signal.removeEventListener('abort', leave));
  };
}
