/** Looks at referrals through the API until they are as somebody waits for them to be: many with one question. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ReferralStatus } from '../../core/referrals/state.ts';
import type { Asker } from '../kit/installation.ts';
import type { Api } from './api.ts';

export interface Seen {
  readonly id: string;
  readonly status: ReferralStatus;
  readonly version: number;
  readonly lead: { readonly code: string };
  readonly children: readonly { readonly id: string }[];
}

export interface Watch {
  now(who: Asker, id: string): Promise<Seen>;
  until(who: Asker, id: string, status: ReferralStatus): Promise<Seen>;
  stop(): Promise<void>;
}

interface Waiting {
  readonly who: Asker;
  readonly id: string;
  readonly status: ReferralStatus;
  readonly go: (seen: Seen) => void;
  readonly fail: (error: unknown) => void;
}

export const SEEN = 'id status version lead { code } children { id }';

const EVERY_MS = 500;
/** The gateway allows twenty fields at the root. */
const AT_ONCE = 15;

const question = (count: number): string => {
  const places = Array.from({ length: count }, (_, index) => index);
  const variables = places.map((index) => `$r${index}: ID!`).join(', ');
  return `query (${variables}) { ${places.map((index) => `r${index}: referral(id: $r${index}) { ${SEEN} }`).join(' ')} }`;
};

export function createWatch(api: Api): Watch {
  let waiting: Waiting[] = [];
  let isOver = false;

  async function look(who: Asker, ids: readonly string[]): Promise<ReadonlyMap<string, Seen>> {
    const variables = Object.fromEntries(ids.map((id, index) => [`r${index}`, id]));
    const { data } = await api.ask<Record<string, Seen | null>>(who, question(ids.length), variables);
    return new Map(Object.values(data ?? {}).flatMap((seen) => (seen ? [[seen.id, seen] as const] : [])));
  }

  async function lookAll(): Promise<void> {
    for (const who of new Set(waiting.map((one) => one.who))) {
      const some = waiting.filter((one) => one.who === who);
      for (let from = 0; from < some.length; from += AT_ONCE) {
        const these = some.slice(from, from + AT_ONCE);
        const seen = await look(who, [...new Set(these.map(({ id }) => id))]);
        const reached = these.filter(({ id, status }) => seen.get(id)?.status === status);
        waiting = waiting.filter((one) => !reached.includes(one));
        for (const { id, go } of reached) go(seen.get(id) as Seen);
      }
    }
  }

  async function watch(): Promise<void> {
    while (!isOver) {
      await delay(EVERY_MS);
      try {
        await lookAll();
      } catch (error) {
        // Those who wait are told; each story then says that it went wrong.
        for (const { fail } of waiting.splice(0)) fail(error);
      }
    }
  }
  const watching = watch();

  return {
    async now(who, id) {
      const seen = (await look(who, [id])).get(id);
      if (!seen) throw new Error(`${who.org} is not shown ${id}.`);
      return seen;
    },
    until: (who, id, status) => new Promise((go, fail) => waiting.push({ who, id, status, go, fail })),
    async stop() {
      isOver = true;
      await watching;
    },
  };
}
