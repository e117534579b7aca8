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

/** The same as an expression: of an object that is a name, a name of GraphQL. */
export function ownFieldSource(object: string, name: string): string {
  const quoted = JSON.stringify(name);
  const read = `${object}[${quoted}]`;
  return name in Object.prototype ? `(Object.hasOwn(${object}, ${quoted}) ? ${read} : undefined)` : read;
}

export const ownField =
  (name: string): GetField =>
  (object) =>
    getOwn(object, name);
