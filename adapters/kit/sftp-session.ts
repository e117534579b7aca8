/** One SFTP session with a machine: opened when it is first needed, kept, and opened again when it was lost. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import ssh2 from 'ssh2';
import type { Client, SFTPWrapper } from 'ssh2';
import { z } from 'zod';
import type { SourceCode } from '../../core/department.ts';
import { AppError } from '../../core/platform/errors.ts';
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

const CONNECT_MS = 10_000;
// A cable that was pulled out says nothing: two of these unanswered, and the session counts as lost.
const KEEPALIVE_MS = 5_000;
const KEEPALIVES = 2;

type Settle<T> = (error: Error | null | undefined, value: T) => void;
export type Send<T> = (sftp: SFTPWrapper, settle: Settle<T>) => void;

export interface Session {
  readonly client: Client;
  readonly sftp: SFTPWrapper;
  /** Whoever waits for an answer; they are told together when the session is lost. */
  readonly waiting: Set<(fault: WireFault) => void>;
  lost: WireFault | null;
}

export interface SftpConnection {
  open(): Promise<Session>;
  /** Rejects with what the machine answered, or with why it does not: `faultOf` makes a WireFault of either. */
  ask<T>(session: Session, send: Send<T>): Promise<T>;
  faultOf(error: unknown): WireFault;
  close(): Promise<void>;
}

function readKey({ keyFile }: SftpSettings): Buffer | null {
  try {
    return keyFile === undefined ? null : readFileSync(keyFile);
  } catch (cause) {
    throw new AppError('BAD_USER_INPUT', 'The keyFile of a drop folder cannot be read.', { cause });
  }
}

export function connectSftp(source: SourceCode, settings: SftpSettings): SftpConnection {
  const { hostname, port } = new URL(settings.url);
  const privateKey = readKey(settings);
  const expectedKey = Buffer.from(settings.hostKey.slice('SHA256:'.length), 'base64');
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

  const ask = <T>(session: Session, send: Send<T>): Promise<T> =>
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

  return {
    open,
    ask,
    faultOf,
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
