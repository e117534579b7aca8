/** A database whose connection breaks at a chosen statement, BEGIN or COMMIT, before it or just after. */
import type { Db, Queryable, Tx } from '../../core/platform/db.ts';
import { connectionLost, type FaultyPort } from './faulty-port.ts';

type Send = <T>(name: string, send: () => Promise<T>) => Promise<T>;

const nameOf = (text: string): string => text.trim().replace(/\s+/g, ' ').slice(0, 60);

const over = (q: Queryable, send: Send): Queryable => ({
  query: (text, values) => send(nameOf(text), () => q.query(text, values)),
  one: (text, values) => send(nameOf(text), () => q.one(text, values)),
  maybeOne: (text, values) => send(nameOf(text), () => q.maybeOne(text, values)),
});

export function createFaultyDb(db: Db, port: FaultyPort): Db {
  return {
    ...db,
    ...over(db, (name, send) => port.call(name, send)),
    async tx(fn, options) {
      // Begun and then lost is rolled back by the server: the same as never begun.
      if (port.take('begin') !== null) throw connectionLost();
      let isLost = false;
      let isAnswerLost = false;
      const result = await db.tx(async (tx) => {
        const send: Send = async (name, statement) => {
          // What has lost its connection does not get it back for the next statement.
          if (isLost) throw connectionLost();
          return port.call(name, statement).catch((error: unknown) => {
            isLost = port.fired;
            throw error;
          });
        };
        const broken: Tx = {
          ...over(tx, send),
          lock: (name) => send(`lock ${name}`, () => tx.lock(name)),
          // Nobody waits for it: that it was lost is noticed by whatever comes next.
          send: (text, values) =>
            void send(nameOf(text), async () => tx.send(text, values)).catch(() => {
              isLost = true;
            }),
        };
        const made = await fn(broken);
        const mode = isLost ? 'failed' : port.take('commit');
        if (mode === 'failed') throw connectionLost();
        isAnswerLost = mode === 'failed but stored';
        return made;
      }, options);
      if (isAnswerLost) throw connectionLost();
      return result;
    },
    get statements() {
      return db.statements;
    },
  };
}
