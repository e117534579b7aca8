/**
 * A client may call a field `constructor`; what every object has by that name is not its value. What is fetched is JSON, and what
 * every object has by such a name is a function.
 */
import type { Fetched, FetchedObject } from './fetched.ts';

export type GetField = (object: FetchedObject) => Fetched | undefined;

export function getOwn(object: FetchedObject, name: string): Fetched | undefined {
  const value: unknown = object[name];
  return typeof value === 'function' ? undefined : (value as Fetched | undefined);
}

export const ownField =
  (name: string): GetField =>
  (object) =>
    getOwn(object, name);
