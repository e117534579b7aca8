/** One SFTP session's requests, answered from a folder on disk: reading only, nothing outside the folder. */
import { randomBytes } from 'node:crypto';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join, posix, sep } from 'node:path';
import ssh2 from 'ssh2';
import type { Attributes, FileEntry, SFTPWrapper } from 'ssh2';
import type { Counters, StandInContext } from '../kit/stand-in.ts';

const { STATUS_CODE, OPEN_MODE } = ssh2.utils.sftp;
const WRITING = OPEN_MODE.WRITE | OPEN_MODE.APPEND | OPEN_MODE.CREAT | OPEN_MODE.TRUNC;
const MAX_READ = 256 * 1024;

interface OpenFile {
  readonly file: FileHandle | null;
  /** Of a folder: what is still to be told. */
  names: readonly string[];
  readonly path: string;
}

/** How the machine says no: absent, not allowed, at the end, anything else. */
class Refusal extends Error {
  readonly status: number;
  constructor(status: number) {
    super('refused');
    this.status = status;
  }
}

const statusOf = (error: unknown): number => {
  if (error instanceof Refusal) return error.status;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return STATUS_CODE.NO_SUCH_FILE;
  return code === 'EACCES' || code === 'EPERM' ? STATUS_CODE.PERMISSION_DENIED : STATUS_CODE.FAILURE;
};

const rubbishName = (): string => randomBytes(9).toString('base64').replaceAll('/', '?');
const rubbish: Attributes = { mode: 0, uid: 0, gid: 0, size: 0xffffffff, atime: 0, mtime: 0 };

/** Returns what is to be done when the session ends, however it ends. */
export function serveFiles(sftp: SFTPWrapper, root: string, context: StandInContext): () => void {
  const handles = new Map<string, OpenFile>();
  let lastHandle = 0;
  let ended = false;

  const pathOf = async (path: string): Promise<string> => {
    const wanted = await realpath(join(root, posix.normalize(`/${path}`)));
    if (wanted !== root && !wanted.startsWith(root + sep)) throw new Refusal(STATUS_CODE.NO_SUCH_FILE);
    return wanted;
  };
  const attributesOf = async (path: string): Promise<Attributes> => {
    const { mode, uid, gid, size, atimeMs, mtimeMs } = await stat(path);
    return { mode, uid, gid, size, atime: Math.floor(atimeMs / 1000), mtime: Math.floor(mtimeMs / 1000) };
  };
  const handleOf = (opened: OpenFile): Buffer => {
    const handle = Buffer.alloc(4);
    handle.writeUInt32BE((lastHandle += 1));
    handles.set(handle.toString('hex'), opened);
    return handle;
  };
  const openedAs = (handle: Buffer): OpenFile => {
    const opened = handles.get(handle.toString('hex'));
    if (opened === undefined) throw new Refusal(STATUS_CODE.FAILURE);
    return opened;
  };

  /** What every request goes through: it is counted, takes its time, and may be refused. */
  const answer = (id: number, call: keyof Counters, work: (isGarbage: boolean) => Promise<void>): void => {
    const respond = async (): Promise<void> => {
      context.count(call);
      await context.latency();
      const { mode } = context.behaviour();
      if (mode === 'refuse') throw new Refusal(STATUS_CODE.PERMISSION_DENIED);
      await work(mode === 'garbage');
    };
    respond().catch((error: unknown) => sftp.status(id, statusOf(error)));
  };

  const tellAttributes = (id: number, path: string): void =>
    // The one question of a read by key: does the folder answer, and is there anything new in it.
    answer(id, posix.normalize(`/${path}`) === '/' ? 'byKey' : 'other', async (isGarbage) => {
      sftp.attrs(id, isGarbage ? rubbish : await attributesOf(await pathOf(path)));
    });

  sftp.on('STAT', tellAttributes);
  sftp.on('LSTAT', tellAttributes);
  sftp.on('REALPATH', (id, path) =>
    answer(id, 'other', async (isGarbage) => {
      const filename = isGarbage ? rubbishName() : posix.normalize(`/${path}`);
      sftp.name(id, [{ filename, longname: filename, attrs: rubbish }]);
    }),
  );
  sftp.on('OPENDIR', (id, path) =>
    answer(id, 'changes', async (isGarbage) => {
      const folder = await pathOf(path);
      const names = isGarbage ? [rubbishName(), rubbishName()] : await readdir(folder);
      sftp.handle(id, handleOf({ file: null, names, path: folder }));
    }),
  );
  sftp.on('READDIR', (id, handle) =>
    answer(id, 'other', async (isGarbage) => {
      const opened = openedAs(handle);
      if (opened.names.length === 0) throw new Refusal(STATUS_CODE.EOF);
      const some = opened.names.slice(0, 200);
      opened.names = opened.names.slice(200);
      const entries: FileEntry[] = [];
      for (const filename of some) {
        const attrs = isGarbage ? rubbish : await attributesOf(join(opened.path, filename)).catch(() => null);
        // Gone since the folder was opened.
        if (attrs !== null) entries.push({ filename, longname: filename, attrs });
      }
      sftp.name(id, entries);
    }),
  );
  sftp.on('OPEN', (id, path, flags) =>
    answer(id, 'changes', async () => {
      if ((flags & WRITING) !== 0) throw new Refusal(STATUS_CODE.PERMISSION_DENIED);
      const wanted = await pathOf(path);
      const file = await open(wanted, 'r');
      if (ended) await file.close();
      else sftp.handle(id, handleOf({ file, names: [], path: wanted }));
    }),
  );
  sftp.on('FSTAT', (id, handle) =>
    answer(id, 'other', async (isGarbage) => {
      sftp.attrs(id, isGarbage ? rubbish : await attributesOf(openedAs(handle).path));
    }),
  );
  sftp.on('READ', (id, handle, offset, length) =>
    answer(id, 'other', async (isGarbage) => {
      const { file } = openedAs(handle);
      if (file === null) throw new Refusal(STATUS_CODE.FAILURE);
      const bytes = Buffer.alloc(Math.min(length, MAX_READ));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, offset);
      if (bytesRead === 0) throw new Refusal(STATUS_CODE.EOF);
      sftp.data(id, isGarbage ? randomBytes(bytesRead) : bytes.subarray(0, bytesRead));
    }),
  );
  sftp.on('CLOSE', (id, handle) =>
    answer(id, 'other', async () => {
      const { file } = openedAs(handle);
      handles.delete(handle.toString('hex'));
      await file?.close();
      sftp.status(id, STATUS_CODE.OK);
    }),
  );
  return () => {
    ended = true;
    for (const { file } of handles.values()) void file?.close().catch(() => undefined);
    handles.clear();
  };
}
