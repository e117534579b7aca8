/** What subgraphs answer: JSON, under response names. Objects are added to while a plan runs. */
export type Fetched = string | number | boolean | null | Fetched[] | FetchedObject;
export interface FetchedObject {
  [name: string]: Fetched;
}

export const isRecord = (value: unknown): value is FetchedObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The same as an expression, of one that is a name. */
export const isRecordSource = (value: string): string =>
  `typeof ${value} === "object" && ${value} !== null && !Array.isArray(${value})`;
