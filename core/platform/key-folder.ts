/**
 * The folder of keys (MAPLEBRIDGE_KEYS): `master.key`, after a rotation `master.2.key` and so on, each 64 hex digits; and from the
 * first rotation on `root.key`, what everything else is derived from, wrapped by the newest of them.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from './errors.ts';
import { createKeyring, wrappedBy, type Keyring, type Masters } from './keyring.ts';

export const MASTER_FILE = 'master.key';
export const ROOT_FILE = 'root.key';
const ROOT_CONTEXT = 'root';
const NAME = /^master(?:\.([1-9]\d{0,4}))?\.key$/;

export const masterFile = (number: number): string => (number === 1 ? MASTER_FILE : `master.${number}.key`);

function readHex(file: string, name: string): Buffer {
  const text = readFileSync(file, 'utf8').trim();
  if (!/^[0-9a-f]{64}$/i.test(text)) throw new AppError('INTERNAL', `${name} must hold 64 hex digits.`);
  return Buffer.from(text, 'hex');
}

/** Names of the files of keys that are there. */
export const keyFiles = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => NAME.test(name) || name === ROOT_FILE)
        .sort()
    : [];

/** All that are there, by number. */
export function readMasters(folder: string): Masters {
  const masters = new Map<number, Buffer>();
  for (const name of keyFiles(folder)) {
    const match = NAME.exec(name);
    if (match) masters.set(Number(match[1] ?? 1), readHex(join(folder, name), name));
  }
  return masters;
}

/** A new file, never over one that is there: of two at once only one may win, or what the other sealed is lost. */
function putNew(folder: string, name: string, text: string): void {
  const fresh = join(folder, `${name}.${process.pid}`);
  writeFileSync(fresh, text, { mode: 0o600, flush: true });
  try {
    linkSync(fresh, join(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(fresh, { force: true });
  }
}

/** Reads the folder's keys. With `create`, makes the folder and a first key when there is none. */
export function loadKeyring(folder: string, options: { readonly create: boolean }): Keyring {
  if (readMasters(folder).size === 0) {
    if (!options.create)
      throw new AppError(
        'INTERNAL',
        `No ${MASTER_FILE} in the folder named by MAPLEBRIDGE_KEYS; put 64 hex digits there (openssl rand -hex 32).`,
      );
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    putNew(folder, MASTER_FILE, randomBytes(32).toString('hex') + '\n');
  }
  const masters = (): Masters => readMasters(folder);
  return createKeyring(readRoot(folder, masters()), masters);
}

function readRoot(folder: string, masters: Masters): Buffer {
  const file = join(folder, ROOT_FILE);
  if (!existsSync(file)) {
    const first = masters.get(1);
    if (first) return first;
    throw new AppError(
      'INTERNAL',
      `${ROOT_FILE} is missing beside the master keys; copy it there from a copy of the keys.`,
    );
  }
  const wrapped = Buffer.from(readFileSync(file, 'utf8').trim(), 'hex');
  if (wrapped.length < 2) throw new AppError('INTERNAL', `${ROOT_FILE} is damaged; put back a copy of it.`);
  // The root that is wrapped is not needed to open what wraps it: any stands in for it here.
  return createKeyring(Buffer.alloc(32), () => masters).unwrap(wrapped, ROOT_CONTEXT);
}

/** The master key that opens the root; what must not be thrown away for it. */
export function rootHolder(folder: string): number {
  const file = join(folder, ROOT_FILE);
  return existsSync(file) ? wrappedBy(Buffer.from(readFileSync(file, 'utf8').trim(), 'hex')) : 1;
}

/** Makes the master key of this number, unless it is there. */
export function makeMaster(folder: string, number: number): void {
  putNew(folder, masterFile(number), randomBytes(32).toString('hex') + '\n');
}

/** Wraps the root by the newest master key. The old file stands until the new one is complete. */
export function wrapRoot(folder: string): void {
  const masters = readMasters(folder);
  const root = readRoot(folder, masters);
  const wrapped = createKeyring(root, () => masters).wrap(root, ROOT_CONTEXT);
  const fresh = join(folder, `${ROOT_FILE}.${process.pid}`);
  writeFileSync(fresh, wrapped.toString('hex') + '\n', { mode: 0o600, flush: true });
  renameSync(fresh, join(folder, ROOT_FILE));
}
