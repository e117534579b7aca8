/**
 * A drop folder: where a department's system leaves files, on a front-end machine (前置机) reached over SFTP or in a mounted
 * directory. Read only. Paths are relative to the folder, with slashes; '' is the folder itself.
 */
import { constants } from 'node:fs';
import { access, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { SourceCode } from '../../core/department.ts';
import { orAborted } from './budget.ts';
import { wireFault } from './wire-fault.ts';
import type { WireFault } from './wire-fault.ts';

export interface DropStat {
  readonly isFolder: boolean;
  readonly size: number;
  /** Milliseconds since the epoch; whole seconds over SFTP. */
  readonly modifiedAt: number;
}

/** Throws a WireFault when the folder does not answer, refuses, or answers what cannot be. */
export interface DropFolder {
  /** Names in a folder; null when there is no such folder. */
  list(path: string, signal: AbortSignal): Promise<readonly string[] | null>;
  /** Null when there is nothing by that name. One round trip. */
  stat(path: string, signal: AbortSignal): Promise<DropStat | null>;
  /** A range of a file; fewer bytes when the file ends before. Null when there is no such file. */
  read(path: string, from: number, length: number, signal: AbortSignal): Promise<Buffer | null>;
  /** Resolves when the folder is there and may be read. One round trip. */
  ping(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export const directorySettings = z.strictObject({
  type: z.literal('directory'),
  path: z.string().min(1),
});

const codeOf = (error: unknown): string => String((error as NodeJS.ErrnoException).code);

/** A directory of this machine, mounted or filled by others. */
export function openDirectory(source: SourceCode, root: string): DropFolder {
  const faultOf = (cause: unknown): WireFault =>
    wireFault(source, ['EACCES', 'EPERM'].includes(codeOf(cause)) ? 'refused' : 'unreachable', { cause });
  const isAbsent = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(codeOf(error));

  /** A network mount that hangs cannot be interrupted, but nobody has to wait for it. */
  const ask = async <T>(signal: AbortSignal, absent: T, work: () => Promise<T>): Promise<T> => {
    try {
      return await orAborted(work(), signal);
    } catch (error) {
      if (signal.aborted) throw error;
      if (isAbsent(error)) return absent;
      throw faultOf(error);
    }
  };

  return {
    list: (path, signal) => ask<readonly string[] | null>(signal, null, () => readdir(join(root, path))),
    stat: (path, signal) =>
      ask<DropStat | null>(signal, null, async () => {
        const found = await stat(join(root, path));
        return { isFolder: found.isDirectory(), size: found.size, modifiedAt: found.mtimeMs };
      }),
    read: (path, from, length, signal) =>
      ask<Buffer | null>(signal, null, async () => {
        const file = await open(join(root, path), 'r');
        try {
          const bytes = Buffer.allocUnsafe(length);
          let filled = 0;
          while (filled < length) {
            const { bytesRead } = await file.read(bytes, filled, length - filled, from + filled);
            if (bytesRead === 0) break;
            filled += bytesRead;
          }
          return bytes.subarray(0, filled);
        } finally {
          await file.close();
        }
      }),
    async ping(signal) {
      const answers = await ask(signal, false, async () => {
        await access(root, constants.R_OK | constants.X_OK);
        return true;
      });
      if (!answers) throw wireFault(source, 'unreachable');
    },
    close: async () => undefined,
  };
}
