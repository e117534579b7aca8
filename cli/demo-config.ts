import { join } from 'node:path';
import { loadConfig, type Config } from '../core/platform/config.ts';
import { AppError } from '../core/platform/errors.ts';

/** The settings, for a command that belongs to the demo; refuses elsewhere. */
export function loadDemoConfig(command: string): Config {
  const config = loadConfig(process.env);
  if (!config.demo) {
    throw new AppError('BAD_USER_INPUT', `\`maplebridge ${command}\` belongs to the demo and MAPLEBRIDGE_DEMO is off.`);
  }
  return config;
}

export const DEMO_PEOPLE = 2_000;
export const DEMO_SEED = 1;

export interface DemoFolders {
  readonly county: string;
  /** Of the stand-ins: ports, secrets, and what they keep. */
  readonly departments: string;
  readonly issuer: string;
  /** File of the advanced business clock. */
  readonly clock: string;
}

export const demoFolders = ({ dataFolder }: Pick<Config, 'dataFolder'>): DemoFolders => ({
  county: join(dataFolder, 'demo', 'county'),
  departments: join(dataFolder, 'demo', 'departments'),
  issuer: join(dataFolder, 'demo', 'issuer'),
  clock: join(dataFolder, 'demo', 'clock.json'),
});
