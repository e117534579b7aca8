/** What subgraphs answer: JSON, under response names. Objects are added to while a plan runs. */
export type Fetched = string | number | boolean | null | Fetched[] | FetchedObject;
export interface FetchedObject {
  [name: string]: Fetched;
}

export const isRecord = (value: unknown): value is FetchedObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
