/** What went wrong with the folder or the server, in one line that says what to do. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { AppError } from '../errors.ts';

const diskFull = (dir: string, cause?: unknown): AppError =>
  new AppError(
    'INTERNAL',
    `The disk is full: PostgreSQL needs room in ${dir}. Free some and start again; nothing is lost.`,
    {
      cause,
    },
  );

export function toFolderFault(error: unknown, dir: string): unknown {
  switch ((error as NodeJS.ErrnoException | null)?.code ?? '') {
    case 'ENOSPC':
    case 'EDQUOT':
      return diskFull(dir, error);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENOENT':
      return new AppError(
        'INTERNAL',
        `The folder ${dir} cannot be written: correct its permissions, or name another by MAPLEBRIDGE_DATA.`,
        { cause: error },
      );
    case 'ENOTDIR':
    case 'EEXIST':
      return new AppError('INTERNAL', `${dir} is not a folder: name another by MAPLEBRIDGE_DATA.`, { cause: error });
    default:
      return error;
  }
}

/** From what initdb or the server said before it gave up. */
export function toServerFault(output: string, dir: string, log: string): AppError {
  if (/No space left on device|Disk quota exceeded/.test(output)) return diskFull(dir);
  if (/files are incompatible with server/.test(output))
    return new AppError(
      'INTERNAL',
      `The data in ${dir} were made by another version of PostgreSQL: take a backup with that version and restore it here.`,
    );
  if (/Permission denied|Read-only file system/.test(output))
    return new AppError('INTERNAL', `PostgreSQL may not read or write ${dir}: correct its owner and permissions.`);
  const said = output.match(/(?:FATAL|PANIC|error):\s*(.*)/)?.[1];
  return new AppError('INTERNAL', `PostgreSQL in ${dir} does not start${said ? ` (${said})` : ''}; see ${log}.`);
}

/** What was appended to a file since it had `offset` bytes, at most the last 64 KiB. */
export function readSince(file: string, offset: number): string {
  const fd = openSync(file, 'r');
  try {
    const { size } = fstatSync(fd);
    const from = Math.max(Math.min(offset, size), size - 65_536);
    const buffer = Buffer.alloc(size - from);
    readSync(fd, buffer, 0, buffer.length, from);
    return buffer.toString('utf8');
  } finally {
    closeSync(fd);
  }
}
