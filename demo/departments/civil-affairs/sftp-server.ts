/** The bureau's front-end machine (前置机): an SSH service on which one user may read one folder over SFTP. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import type { Connection, ParsedKey } from 'ssh2';
import { AppError } from '../../../core/platform/errors.ts';
import type { StandInContext } from '../kit/stand-in.ts';
import { serveFiles } from './sftp-files.ts';

export const USER = 'zzzx';

export interface SftpServer {
  /** As `ssh-keygen -lf` prints it. */
  readonly fingerprint: string;
  listen(port: number): Promise<number>;
  unlisten(): Promise<void>;
}

const readKey = (pem: string): ParsedKey | null => {
  const parsed: unknown = ssh2.utils.parseKey(pem);
  return parsed instanceof Error || Array.isArray(parsed) ? null : (parsed as ParsedKey);
};

/** About one key in two hundred that ssh2 writes it cannot read itself. */
function makeKey(): string {
  for (;;) {
    const { private: pem } = ssh2.utils.generateKeyPairSync('ed25519');
    if (readKey(pem) !== null) return pem;
  }
}

/** The machine's own key: made once, so that those who know it go on knowing it. */
function hostKeyOf(dir: string): { readonly pem: string; readonly fingerprint: string } {
  const file = join(dir, 'host-key');
  if (!existsSync(file)) writeFileSync(file, makeKey(), { mode: 0o600 });
  const pem = readFileSync(file, 'utf8');
  const key = readKey(pem);
  if (key === null) throw new AppError('INTERNAL', 'The host key of the front-end machine cannot be read; delete it.');
  const digest = createHash('sha256').update(key.getPublicSSH()).digest('base64');
  return { pem, fingerprint: `SHA256:${digest.replace(/=+$/, '')}` };
}

export async function createSftpServer(root: string, context: StandInContext): Promise<SftpServer> {
  const { pem, fingerprint } = hostKeyOf(context.dir);
  const folder = await realpath(root);
  const secret = createHash('sha256').update(context.secret).digest();
  const sockets = new Set<Socket>();

  const serve = (client: Connection): void => {
    // A client that goes away in the middle is no event here.
    client.on('error', () => undefined);
    client.on('authentication', (attempt) => {
      const isRefused = context.behaviour().mode === 'refuse';
      const isRight =
        attempt.method === 'password' &&
        attempt.username === USER &&
        timingSafeEqual(createHash('sha256').update(attempt.password).digest(), secret);
      if (isRight && !isRefused) attempt.accept();
      else attempt.reject(['password']);
    });
    client.on('session', (acceptSession) => {
      acceptSession().on('sftp', (acceptSftp) => {
        const end = serveFiles(acceptSftp(), folder, context);
        client.once('close', end);
      });
    });
  };
  const ssh = new ssh2.Server({ hostKeys: [pem], ident: 'SSH-2.0-MZQZJ' }, serve);
  // A listener of our own, so that connections can be cut.
  const createListener = (): Server =>
    createServer({ noDelay: true }, (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      ssh.injectSocket(socket);
    });
  let listener = createListener();

  return {
    fingerprint,
    listen: (port) =>
      new Promise((resolve, reject) => {
        listener = createListener();
        listener.once('error', reject);
        listener.listen(port, '127.0.0.1', () => resolve((listener.address() as AddressInfo).port));
      }),
    async unlisten() {
      if (!listener.listening) return;
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
