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
