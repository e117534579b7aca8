/** A drop folder on another machine, over one SFTP session that is kept open and opened again when it is lost. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import ssh2 from 'ssh2';
import type { Client, SFTPWrapper, Stats } from 'ssh2';
import { z } from 'zod';
import type { SourceCode } from '../../core/department.ts';
import { AppError } from '../../core/platform/errors.ts';
import { orAborted } from './budget.ts';
import type { DropFolder, DropStat } from './files.ts';
import { isWireFault, wireFault } from './wire-fault.ts';
import type { WireFault } from './wire-fault.ts';

export const sftpSettings = z
  .strictObject({
    type: z.literal('sftp'),
    /** `sftp://host:port` */
    url: z.url({ protocol: /^sftp$/ }),
    /** The folder on that machine, as its SFTP service names it. */
    path: z.string().startsWith('/').default('/'),
    user: z.string().min(1),
    password: z.string().min(1).optional(),
    /** Private key in OpenSSH or PEM form. */
    keyFile: z.string().min(1).optional(),
    /** Fingerprint of the machine's host key as `ssh-keygen -lf` prints it: whoever answers with another gets no password. */
    hostKey: z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}=?$/, 'is not a fingerprint such as SHA256:…'),
  })
  .refine(({ password, keyFile }) => (password === undefined) !== (keyFile === undefined), {
    error: 'needs either a password or a keyFile',
    path: ['password'],
  });
export type SftpSettings = z.infer<typeof sftpSettings>;

/** Every server takes requests of this size; so many are under way at once, or each would cost a round trip. */
const CHUNK = 32 * 1024;
const CHUNKS_AT_ONCE = 32;
const CONNECT_MS = 10_000;
// A cable that was pulled out says nothing: two of these unanswered, and the session counts as lost.
const KEEPALIVE_MS = 5_000;
const KEEPALIVES = 2;

const END_OF_FILE = 1;
const NO_SUCH_FILE = 2;

type Settle<T> = (error: Error | null | undefined, value: T) => void;
type Send<T> = (sftp: SFTPWrapper, settle: Settle<T>) => void;

interface Session {
  readonly client: Client;
  readonly sftp: SFTPWrapper;
  /** Whoever waits for an answer; they are told together when the session is lost. */
  readonly waiting: Set<(fault: WireFault) => void>;
  lost: WireFault | null;
}

function readKey({ keyFile }: SftpSettings): Buffer | null {
  try {
    return keyFile === undefined ? null : readFileSync(keyFile);
  } catch (cause) {
    throw new AppError('BAD_USER_INPUT', 'The keyFile of a drop folder cannot be read.', { cause });
  }
}

export function openSftp(source: SourceCode, settings: SftpSettings): DropFolder {
  const { hostname, port } = new URL(settings.url);
  const privateKey = readKey(settings);
  const expectedKey = Buffer.from(settings.hostKey.slice('SHA256:'.length), 'base64');
  const root = settings.path.replace(/\/+$/, '');
  const at = (path: string): string => (path === '' ? root || '/' : `${root}/${path}`);
  let current: Promise<Session> | null = null;
  let closed = false;

  const unreachable = (cause?: unknown): WireFault => wireFault(source, 'unreachable', { cause });
  /** A status code is an answer, and it says no; so does a refused log-in. Anything else: nobody was there to answer. */
  const faultOf = (error: unknown): WireFault => {
    if (isWireFault(error)) return error;
    const { level, code } = error as { level?: string; code?: unknown };
    const saidNo = level === 'client-authentication' || (level === undefined && typeof code === 'number');
    return saidNo ? wireFault(source, 'refused', { cause: error }) : unreachable(error);
  };
  const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;

  const connect = (onLost: () => void): Promise<Session> =>
    new Promise((resolve, reject) => {
      const client = new ssh2.Client();
      let session: Session | null = null;
      let isOtherKey = false;
      const lose = (error: unknown): void => {
        const fault = isOtherKey ? wireFault(source, 'refused', { field: 'hostKey', cause: error }) : faultOf(error);
        reject(fault);
        if (session === null || session.lost !== null) return;
        session.lost = fault;
        onLost();
        for (const fail of session.waiting) fail(fault);
        session.waiting.clear();
        client.end();
      };
      client.on('error', lose);
      client.on('close', () => lose(unreachable()));
      client.once('ready', () => {
        // Or each question waits for the acknowledgement of the one before.
        client.setNoDelay(true);
        client.sftp((error, sftp) => {
          if (error) {
            lose(wireFault(source, 'refused', { cause: error }));
            client.end();
            return;
          }
          session = { client, sftp, waiting: new Set(), lost: null };
          sftp.on('close', () => lose(unreachable()));
          resolve(session);
        });
      });
      client.connect({
        host: hostname,
        port: port === '' ? 22 : Number(port),
        username: settings.user,
        ...(settings.password === undefined ? {} : { password: settings.password }),
        ...(privateKey === null ? {} : { privateKey }),
        readyTimeout: CONNECT_MS,
        keepaliveInterval: KEEPALIVE_MS,
        keepaliveCountMax: KEEPALIVES,
        hostVerifier: (key: Buffer) => {
          const digest = createHash('sha256').update(key).digest();
          isOtherKey = digest.length !== expectedKey.length || !timingSafeEqual(digest, expectedKey);
          return !isOtherKey;
        },
      });
    });

  const open = (): Promise<Session> => {
    if (closed) return Promise.reject(unreachable());
    if (current !== null) return current;
    const forget = (): void => {
      if (current === opening) current = null;
    };
    const opening = connect(forget);
    // Whoever comes after a failed attempt makes one of their own.
    opening.catch(forget);
    current = opening;
    return opening;
  };

  const askOn = <T>(session: Session, send: Send<T>): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (session.lost !== null) {
        reject(session.lost);
        return;
      }
      session.waiting.add(reject);
      send(session.sftp, (error, value) => {
        session.waiting.delete(reject);
        if (error) reject(error);
        else resolve(value);
      });
    });
  const ask = <T>(signal: AbortSignal, send: Send<T>): Promise<T> =>
    orAborted(
      open().then((session) => askOn(session, send)),
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
      const got = await askOn<number>(session, (sftp, settle) =>
        sftp.read(handle, into, filled, into.length - filled, from + filled, settle),
      ).catch((error: unknown) => {
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
    const handle = await askOn<Buffer>(session, (sftp, settle) => sftp.open(at(path), 'r', settle));
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
    async close() {
      closed = true;
      const session = await current?.catch(() => null);
      if (!session || session.lost !== null) return;
      const gone = new Promise<void>((resolve) => session.client.once('close', () => resolve()));
      session.client.end();
      await gone;
    },
  };
}
