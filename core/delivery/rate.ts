/** Token buckets in this process: how often each of many may come. Of the quietest it forgets, so that it stays small. */
import ipaddr from 'ipaddr.js';
import { LRUCache } from 'lru-cache';

export interface RateOptions {
  /** Over a longer time. */
  readonly perMinute: number;
  /** At once. */
  readonly burst: number;
  /** Keys remembered; whoever is forgotten begins with a full bucket. */
  readonly most: number;
}

export interface Rate {
  /** 0 when there was a token, and it is taken; otherwise the whole seconds until there is one. */
  take(key: string): number;
}

export function createRate({ perMinute, burst, most }: RateOptions, now: () => Date): Rate {
  const buckets = new LRUCache<string, { readonly tokens: number; readonly at: number }>({ max: most });
  const perMs = perMinute / 60_000;
  return {
    take(key) {
      const at = now().getTime();
      const bucket = buckets.get(key) ?? { tokens: burst, at };
      // A clock that is set back gives nothing and takes nothing.
      const tokens = Math.min(burst, bucket.tokens + Math.max(0, at - bucket.at) * perMs);
      buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at });
      return tokens >= 1 ? 0 : Math.ceil((1 - tokens) / perMs / 1_000);
    },
  };
}

/** What counts as one address: of IPv6 the /64, for whoever has one has all of it. Text that is none counts as itself. */
export function addressKey(text: string): string {
  if (!ipaddr.isValid(text)) return text.slice(0, 100);
  const address = ipaddr.process(text);
  if (!(address instanceof ipaddr.IPv6)) return address.toString();
  const network = address.parts.slice(0, 4).map((part) => part.toString(16));
  return `${network.join(':')}::/64`;
}
