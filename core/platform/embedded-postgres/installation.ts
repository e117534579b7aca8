/** The folder of an installation: `data/`, `password`, `port`, `postgres.log`; made once and kept. */
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../errors.ts';
import { freePort, isPortFree } from '../free-port.ts';
import { toServerFault } from './fault.ts';
import { usableBinaries } from './postgres-package.ts';
import { chooseRunAs, hereOr, type RunAs } from './run-as.ts';

export interface Installation {
  readonly dir: string;
  readonly data: string;
  readonly log: string;
  readonly password: string;
  readonly as: RunAs;
  /** The folder `native` of the programs. */
  readonly programs: string;
}

const readTrimmed = (file: string): string | null =>
  existsSync(file) ? readFileSync(file, 'utf8').trim() || null : null;

/** Whole or not at all, whenever the machine stops. */
function writeWhole(file: string, content: string): void {
  const aside = `${file}.new`;
  writeFileSync(aside, content, { mode: 0o600, flush: true });
  renameSync(aside, file);
}

function chownAll(path: string, { uid, gid }: { uid: number; gid: number }): void {
  chownSync(path, uid, gid);
  for (const entry of readdirSync(path, { recursive: true }) as string[]) {
    const file = join(path, entry);
    if (!lstatSync(file).isSymbolicLink()) chownSync(file, uid, gid);
  }
}

export function makeFolder(dir: string): string {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  return realpathSync(dir);
}

/** Under the folder's lock. */
export async function prepare(dir: string, user: string, durable: boolean): Promise<Installation> {
  const data = join(dir, 'data');
  const log = join(dir, 'postgres.log');
  const made = existsSync(join(data, 'PG_VERSION'));
  const secret = join(dir, 'password');
  let password = readTrimmed(secret);
  if (password === null) {
    if (made)
      throw new AppError(
        'INTERNAL',
        `${secret} is missing, so nobody can sign in to the database beside it: put it back, or restore a backup into a new folder.`,
      );
    password = randomBytes(24).toString('base64url');
    writeWhole(secret, `${password}\n`);
  }
  const as = chooseRunAs(made ? statSync(data) : null);
  const installation = { dir, data, log, password, as, programs: usableBinaries(dir, as) };
  // A start that was killed here leaves only what the next one removes: `data` appears when it is complete.
  for (const entry of readdirSync(dir)) if (entry.startsWith('init.')) rmSync(join(dir, entry), { recursive: true });
  if (!made) await initialise(installation, user, durable);
  else if (as.owner !== null && statSync(data).uid !== as.owner.uid) chownAll(data, as.owner);
  return installation;
}

async function initialise({ dir, data, log, password, as, programs }: Installation, user: string, durable: boolean) {
  const work = join(dir, `init.${randomBytes(4).toString('hex')}`);
  const fresh = join(work, 'data');
  try {
    mkdirSync(fresh, { recursive: true, mode: 0o700 });
    writeFileSync(join(work, 'password'), password, { mode: 0o600 });
    if (as.owner !== null) chownAll(work, as.owner);
    const here = hereOr(fresh);
    const args = [
      ...[
        '-D',
        here,
        '-U',
        user,
        `--pwfile=${here}/../password`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
      ],
      ...['--locale-provider=builtin', '--builtin-locale=C.UTF-8', ...(durable ? [] : ['--no-sync'])],
    ];
    const initdb = as.spawn(join(programs, 'bin', 'initdb'), args, {
      cwd: fresh,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: false,
    });
    let output = '';
    for (const stream of [initdb.stdout, initdb.stderr])
      stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const code = await new Promise<number | null>((resolve, reject) => {
      initdb.on('error', reject);
      initdb.on('close', resolve);
    });
    if (code !== 0) throw toServerFault(output, dir, log);
    renameSync(fresh, data);
    chmodSync(data, 0o700);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The port of this installation: chosen once and kept, so that pools find the server again after a restart. */
export async function portOf(dir: string, options: { readonly mayChange: boolean }): Promise<number> {
  const file = join(dir, 'port');
  const stored = Number(readTrimmed(file));
  if (Number.isInteger(stored) && stored > 0 && stored < 65_536 && (!options.mayChange || (await isPortFree(stored))))
    return stored;
  const port = await freePort();
  writeWhole(file, `${port}\n`);
  return port;
}
