import type { Fetched, FetchedObject } from './fetched.ts';

export type GetField = (object: FetchedObject) => Fetched | undefined;

/** A client may call a field `constructor`; what every object has by that name is not its value. */
export const ownField = (name: string): GetField =>
  name in Object.prototype
    ? (object) => (Object.hasOwn(object, name) ? object[name] : undefined)
    : (object) => object[name];
