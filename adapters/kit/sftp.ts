/** A drop folder on another machine, over SFTP. */
import type { Stats } from 'ssh2';
import type { SourceCode } from '../../core/department.ts';
import { orAborted } from './budget.ts';
import type { DropFolder, DropStat } from './files.ts';
import { connectSftp } from './sftp-session.ts';
import type { Send, Session, SftpSettings } from './sftp-session.ts';
import { isWireFault, wireFault } from './wire-fault.ts';
import type { WireFault } from './wire-fault.ts';

/** Every server takes requests of this size; so many are under way at once, or each would cost a round trip. */
const CHUNK = 32 * 1024;
const CHUNKS_AT_ONCE = 32;

const END_OF_FILE = 1;
const NO_SUCH_FILE = 2;
const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;

export function openSftp(source: SourceCode, settings: SftpSettings): DropFolder {
  const connection = connectSftp(source, settings);
  const open = (): Promise<Session> => connection.open();
  const faultOf = (error: unknown): WireFault => connection.faultOf(error);
  const root = settings.path.replace(/\/+$/, '');
  const at = (path: string): string => (path === '' ? root || '/' : `${root}/${path}`);

  const ask = <T>(signal: AbortSignal, send: Send<T>): Promise<T> =>
    orAborted(
      open().then((session) => connection.ask(session, send)),
      signal,
    );

  /** Absence is no fault; everything else that is not an answer becomes one. */
  const orAbsent = async <T>(signal: AbortSignal, absent: T, work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (signal.aborted && !isWireFault(error)) throw error;
      if (!isWireFault(error) && codeOf(error) === NO_SUCH_FILE) return absent;
      throw faultOf(error);
    }
  };

  const statOf = (stats: Stats): DropStat => {
    // Attributes are optional in the protocol, not in our agreement with the bureau.
    const { mode, size, mtime } = stats as Partial<Stats>;
    for (const [field, value] of Object.entries({ mode, size, mtime }))
      if (!Number.isSafeInteger(value)) throw wireFault(source, 'unparsable', { field: `stat.${field}` });
    return { isFolder: stats.isDirectory(), size: stats.size, modifiedAt: stats.mtime * 1_000 };
  };

  const readChunk = async (session: Session, handle: Buffer, into: Buffer, from: number): Promise<number> => {
    let filled = 0;
    // A server may answer with less than was asked for.
    while (filled < into.length) {
      const got = await connection
        .ask<number>(session, (sftp, settle) =>
          sftp.read(handle, into, filled, into.length - filled, from + filled, settle),
        )
        .catch((error: unknown) => {
          if (codeOf(error) === END_OF_FILE) return 0;
          throw error;
        });
      if (got === 0) break;
      filled += got;
    }
    return filled;
  };

  const readRange = async (path: string, from: number, length: number, signal: AbortSignal): Promise<Buffer> => {
    const session = await open();
    const handle = await connection.ask<Buffer>(session, (sftp, settle) => sftp.open(at(path), 'r', settle));
    const bytes = Buffer.allocUnsafe(length);
    let end = length;
    let next = 0;
    const lane = async (): Promise<void> => {
      // Given up: what is under way is let come in, and no more is asked for.
      while (next < end && !signal.aborted) {
        const start = next;
        next += CHUNK;
        const into = bytes.subarray(start, Math.min(start + CHUNK, length));
        const filled = await readChunk(session, handle, into, from + start);
        if (filled < into.length) end = Math.min(end, start + filled);
      }
    };
    try {
      await Promise.all(Array.from({ length: CHUNKS_AT_ONCE }, lane));
    } finally {
      // Nobody waits for it: a handle that cannot be closed goes with its session.
      if (session.lost === null) session.sftp.close(handle, () => undefined);
    }
    return bytes.subarray(0, end);
  };

  return {
    list: (path, signal) =>
      orAbsent<readonly string[] | null>(
        signal,
        null,
        ask<{ filename: string }[]>(signal, (sftp, settle) => sftp.readdir(at(path), settle)).then((entries) =>
          entries.map(({ filename }) => filename),
        ),
      ),
    stat: (path, signal) =>
      orAbsent<DropStat | null>(
        signal,
        null,
        ask<Stats>(signal, (sftp, settle) => sftp.stat(at(path), settle)).then(statOf),
      ),
    read: (path, from, length, signal) =>
      orAbsent<Buffer | null>(signal, null, orAborted(readRange(path, from, length, signal), signal)),
    async ping(signal) {
      const real = await orAbsent<string | null>(
        signal,
        null,
        ask<string>(signal, (sftp, settle) => sftp.realpath(at(''), settle)),
      );
      if (real === null) throw wireFault(source, 'refused');
      if (!real.startsWith('/')) throw wireFault(source, 'unparsable', { field: 'realpath' });
    },
    close: () => connection.close(),
  };
}
