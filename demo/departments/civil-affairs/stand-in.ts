/** A civil affairs bureau that drops files every night. Its folder is on disk: files may be put there by hand as well. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../../core/platform/errors.ts';
import type { CivilAffairsRow } from '../../county/model.ts';
import { inShanghai } from '../kit/old-text.ts';
import type { StandIn, StandInContext, StandInServer } from '../kit/stand-in.ts';
import { writeDelivery } from './delivery-file.ts';
import { openRegister } from './register.ts';
import type { Change, Register, Sent } from './register.ts';
import { rowLines } from './row-text.ts';
import { createSftpServer, USER } from './sftp-server.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
/** A quarter past two the next morning, in Shanghai. */
const MADE_AFTER_MS = DAY_MS + 2.25 * 60 * 60 * 1_000 - 8 * 60 * 60 * 1_000;

const flaw = z.enum(['columns', 'bytes', 'code', 'key']).optional();
const oneChange = z.union([
  z.strictObject({ key: z.string().length(12), delete: z.literal(true) }),
  /** A key that the bureau does not hold is a new row: then `set` is all of it. */
  z.strictObject({ key: z.string().length(12), set: z.record(z.string(), z.unknown()).default({}), flaw }),
]);
const half = z.enum(['no-manifest', 'half-file', 'half-manifest']).optional();
const delivery = z.strictObject({
  deliver: z.enum(['delta', 'full']),
  /** The day after the newest, unless another is named: then it comes out of order, or is sent again. */
  day: z.iso.date().optional(),
  changes: z.array(oneChange).default([]),
  half,
});
const finish = z.strictObject({ finish: z.iso.date() });
const request = z.union([oneChange, delivery, finish]);
type OneChange = z.infer<typeof oneChange>;

const dayAfter = (day: string): string => new Date(Date.parse(day) + DAY_MS).toISOString().slice(0, 10);

async function changeOf(register: Register, asked: OneChange): Promise<Change> {
  const { key } = asked;
  const { row, inCounty } = await register.find(key);
  if ('delete' in asked) {
    if (row === null) throw new AppError('NOT_FOUND', 'The bureau holds no such row.');
    return { key, change: 'changed', row: null, inCounty };
  }
  const next = { ...row, ...asked.set, key } as CivilAffairsRow;
  if (!Array.isArray(next.participants)) throw new AppError('NOT_FOUND', 'The bureau holds no such row.');
  const change: Change = { key, change: row === null ? 'new' : 'changed', row: next, inCounty, flaw: asked.flaw };
  // Refused here when it cannot be written, before anything of it is noted.
  rowLines(change);
  return change;
}

async function open(context: StandInContext): Promise<StandInServer> {
  const root = join(context.dir, 'drop');
  mkdirSync(root, { recursive: true });
  const register = await openRegister(context.dir, context.countyDir);
  const today = (): string => inShanghai(context.now().toISOString()).slice(0, 10);

  const write = async (sent: Sent, flawed: readonly Change[], torn?: z.infer<typeof half>): Promise<void> => {
    const { day, sendNumber, kind, changes } = sent;
    const made = new Date(Math.min(Date.parse(day) + MADE_AFTER_MS, context.now().getTime()));
    const head = { day, sendNumber, kind, madeAt: made, total: register.total(day) };
    const flawOf = new Map(flawed.map((change) => [change.key, change.flaw]));
    const withFlaws = async function* () {
      for await (const row of register.rows(day)) yield { ...row, flaw: flawOf.get(row.key) };
    };
    await writeDelivery(root, head, kind === 'FULL' ? withFlaws() : changes, torn);
  };
  const deliver = async (asked: z.infer<typeof delivery>): Promise<object> => {
    const changes: Change[] = [];
    for (const one of asked.changes) changes.push(await changeOf(register, one));
    const day = asked.day ?? dayAfter(register.lastDay ?? today());
    const before = register.sent.find((sent) => sent.day === day);
    const kind = asked.deliver === 'full' ? 'FULL' : 'DELTA';
    const sent: Sent = { day, sendNumber: (before?.sendNumber ?? 0) + 1, kind, changes };
    register.note(sent);
    await write(sent, changes, asked.half);
    return { day, sendNumber: sent.sendNumber };
  };

  if (register.sent.length === 0) {
    const yesterday = new Date(Date.parse(today()) - DAY_MS).toISOString().slice(0, 10);
    // Another county than before: its first full day comes after all that was sent of the other.
    const { lastDay } = register;
    const day = lastDay !== null && lastDay >= yesterday ? dayAfter(lastDay) : yesterday;
    const first: Sent = { day, sendNumber: 1, kind: 'FULL', changes: [] };
    await write(first, []);
    // Crash before this: the day is written once more.
    register.note(first);
  }
  const server = await createSftpServer(root, context);

  return {
    connection: { path: '/', user: USER, password: context.secret, hostKey: server.fingerprint },
    listen: (port) => server.listen(port),
    unlisten: () => server.unlisten(),
    async change(given) {
      const asked = request.parse(given);
      if ('deliver' in asked) return deliver(asked);
      if ('key' in asked) return deliver({ deliver: 'delta', changes: [asked] });
      const sent = register.sent.find(({ day }) => day === asked.finish);
      if (sent === undefined) throw new AppError('NOT_FOUND', 'Nothing was sent for that day.');
      await write(sent, sent.changes);
      return { day: sent.day, sendNumber: sent.sendNumber };
    },
    close: () => server.unlisten(),
  };
}

export const civilAffairsStandIn: StandIn = { name: 'civil-affairs', latencyMs: 10, open };
