/** What a stand-in keeps over restarts: its ports, its secret, and how to command it. One file per department, for its owner only. */
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../../core/platform/errors.ts';
import type { DepartmentName } from '../../county/model.ts';

export interface StandInState {
  readonly name: DepartmentName;
  readonly pid: number;
  readonly port: number;
  readonly controlPort: number;
  /** Bearer token of the control port. */
  readonly token: string;
  readonly secret: string;
  readonly connection: Readonly<Record<string, string>>;
}

export const stateFolder = (dir: string, name: DepartmentName): string => join(dir, name);

export function readState(dir: string, name: DepartmentName): StandInState | null {
  try {
    return JSON.parse(readFileSync(join(stateFolder(dir, name), 'state.json'), 'utf8')) as StandInState;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return null;
    throw new AppError('INTERNAL', `The state of the stand-in for ${name} cannot be read.`, { cause: error });
  }
}

export function writeState(dir: string, state: StandInState): void {
  const folder = stateFolder(dir, state.name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const fresh = join(folder, `state.json.${process.pid}`);
  writeFileSync(fresh, JSON.stringify(state, null, 2), { mode: 0o600 });
  chmodSync(fresh, 0o600);
  renameSync(fresh, join(folder, 'state.json'));
}
