/** A client may call a field `constructor`; what every object has by that name is not its value. */
import type { Fetched, FetchedObject } from './fetched.ts';

export type GetField = (object: FetchedObject) => Fetched | undefined;

export const ownField = (name: string): GetField =>
  name in Object.prototype
    ? (object) => (Object.hasOwn(object, name) ? object[name] : undefined)
    : (object) => object[name];

/** Where the name is known only now. What is fetched is JSON; what every object has by such a name is a function. */
export function getOwn(object: FetchedObject, name: string): Fetched | undefined {
  const value: unknown = object[name];
  return typeof value === 'function' ? undefined : (value as Fetched | undefined);
}
