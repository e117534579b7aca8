import { parse } from 'graphql';
import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';

export type ParseCached = (query: string) => DocumentNode;

/** A plan's fetches are the same text every time; parsing them again and again would cost more than running them. */
export function createParseCache(max = 1_000): ParseCached {
  const documents = new LRUCache<string, DocumentNode>({ max });
  return (query) => {
    let document = documents.get(query);
    if (!document) {
      document = parse(query, { noLocation: true });
      documents.set(query, document);
    }
    return document;
  };
}
