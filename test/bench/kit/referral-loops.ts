/** Plays the desk and the offices: a referral opened, delivered, accepted and fed back by its office's system, and closed. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Heard } from './office-systems.ts';

export interface LoopsDeps {
  readonly offices: readonly string[];
  readonly open: (office: string) => void;
  readonly close: (referral: string) => void;
  readonly send: (office: string, type: string, data: object) => Promise<void>;
}

export interface Loops {
  hear(heard: Heard): void;
  /** The desk's own acts are stored. */
  opened(referral: string, at: number): void;
  closed(): void;
  /** So many, `atOnce` under way at a time, as fast as they go. Milliseconds until the last was over. */
  asFastAs(count: number, atOnce: number): Promise<number>;
  /** So many begun evenly, whatever becomes of the others. Milliseconds from commit to receipt of what opening told. */
  evenly(count: number, aSecond: number): Promise<readonly number[]>;
  /** So many opened and delivered, to which nobody answers. */
  leave(count: number): Promise<void>;
}

const FEEDBACK = {
  outcome: 'SETTLED',
  text: '双方达成一致。',
  partiesInformed: [{ party: '双方', how: '电话', at: '2026-01-05T09:00:00+08:00' }],
};

export function createLoops({ offices, open, close, send }: LoopsDeps): Loops {
  /** By referral: when its opening was stored, or what that told was received, whichever came first. */
  const instants = new Map<string, number>();
  let took: number[] = [];
  let begun = 0;
  let answering = true;
  let over: () => void = () => undefined;

  function meet(referral: string, at: number): void {
    const other = instants.get(referral);
    if (other === undefined) instants.set(referral, at);
    else {
      instants.delete(referral);
      took.push(Math.abs(at - other));
    }
  }

  const begin = (): void => open(offices[begun++ % offices.length] ?? '');

  async function answer(office: string, referral: string): Promise<void> {
    await send(office, 'referral.accept', { id: referral });
    await send(office, 'referral.feedback', { id: referral, ...FEEDBACK });
  }

  /** Resolves when so many are over; `each` is called after every one. */
  const overAfter = (count: number, each: () => void): Promise<void> =>
    new Promise((resolve) => {
      let left = count;
      over = () => {
        left -= 1;
        if (left === 0) resolve();
        else each();
      };
    });

  return {
    hear({ office, type, referral }) {
      const isDesk = !offices.includes(office);
      if (type === 'referral.feedback' && isDesk) return close(referral);
      if (isDesk || type !== 'referral.dispatched') return;
      meet(referral, Date.now());
      if (answering) void answer(office, referral);
      else over();
    },
    opened: meet,
    closed: () => over(),
    async asFastAs(count, atOnce) {
      let waiting = count - Math.min(atOnce, count);
      const done = overAfter(count, () => {
        if (waiting > 0) begin();
        waiting -= 1;
      });
      const began = performance.now();
      for (let index = 0; index < Math.min(atOnce, count); index++) begin();
      await done;
      return performance.now() - began;
    },
    async evenly(count, aSecond) {
      took = [];
      const done = overAfter(count, () => undefined);
      const began = performance.now();
      for (let index = 0; index < count; index++) {
        await delay(Math.max(0, began + (index * 1_000) / aSecond - performance.now()));
        begin();
      }
      await done;
      return took;
    },
    async leave(count) {
      answering = false;
      const done = overAfter(count, () => undefined);
      for (let index = 0; index < count; index++) begin();
      await done;
      answering = true;
    },
  };
}
