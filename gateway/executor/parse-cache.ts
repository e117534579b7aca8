import { parse } from 'graphql';
import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';

export type ParseCached = (query: string) => DocumentNode;

/** Characters of all that is kept: a document takes some forty bytes for each, and what is compiled of it four times as much. */
const MOST_CHARACTERS = 400_000;

/** A plan's fetches are the same text every time; parsing them again and again would cost more than running them. */
export function createParseCache(max = 1_000): ParseCached {
  const documents = new LRUCache<string, DocumentNode>({
    max,
    maxSize: MOST_CHARACTERS,
    sizeCalculation: (_document, query) => Math.min(MOST_CHARACTERS, Math.max(1, query.length)),
  });
  return (query) => {
    let document = documents.get(query);
    if (!document) {
      document = parse(query, { noLocation: true });
      documents.set(query, document);
    }
    return document;
  };
}
