import { z } from 'zod';
import type { SourceCode } from '../../core/department.ts';
import { directorySettings, openDirectory } from './files.ts';
import type { DropFolder } from './files.ts';
import { sftpSettings } from './sftp-session.ts';
import { openSftp } from './sftp.ts';

/** Where a department's files are: `drop: { type: sftp, … }` or `drop: { type: directory, path }`. */
export const dropSettings = z.discriminatedUnion('type', [sftpSettings, directorySettings]);
export type DropSettings = z.infer<typeof dropSettings>;

export const openDrop = (source: SourceCode, settings: DropSettings): DropFolder =>
  settings.type === 'sftp' ? openSftp(source, settings) : openDirectory(source, settings.path);
