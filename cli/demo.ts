import { InvalidArgumentError, type Command } from 'commander';
import { AppError } from '../core/platform/errors.ts';
import { departmentNames, type DepartmentName } from '../demo/county/model.ts';
import { behaveDepartment } from '../demo/departments/kit/start.ts';
import { advanceDemoClock } from '../demo/clock.ts';
import { controlOf } from '../demo/departments/kit/control.ts';
import { demoFolders, loadDemoConfig } from './demo-config.ts';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };

function parseDuration(text: string): number {
  const [, amount, unit = 's'] = /^(\d+)(ms|s|m)?$/.exec(text) ?? [];
  const factor = UNITS[unit];
  if (amount === undefined || factor === undefined) throw new InvalidArgumentError('Write it like 10s or 250ms.');
  return Number(amount) * factor;
}

const HOUR_MS = 60 * 60 * 1_000;
const STEPS: Readonly<Record<string, number>> = { m: 60_000, h: HOUR_MS, d: 24 * HOUR_MS, w: 7 * 24 * HOUR_MS };

function parseStep(text: string): number {
  const [, amount, unit = 'd'] = /^(\d{1,4})([mhdw])$/.exec(text) ?? [];
  const factor = STEPS[unit];
  if (amount === undefined || factor === undefined) throw new InvalidArgumentError('Write it like 3d, 36h or 2w.');
  return Number(amount) * factor;
}

function advance(byMs: number): void {
  const now = advanceDemoClock(demoFolders(loadDemoConfig('demo advance')).clock, byMs);
  process.stdout.write(`Business time is now ${now.toISOString()}.\n`);
}

function parseDepartment(text: string): DepartmentName {
  const name = departmentNames.find((known) => known === text);
  if (!name) throw new InvalidArgumentError(`The departments are ${departmentNames.join(', ')}.`);
  return name;
}

interface BehaveOptions {
  readonly slow?: number;
  readonly refuse?: true;
  readonly garbage?: true;
  readonly stop?: true;
  readonly heal?: true;
  readonly counters?: true;
}

async function command(name: DepartmentName, options: BehaveOptions): Promise<void> {
  const given = Object.keys(options);
  if (given.length !== 1)
    throw new AppError('BAD_USER_INPUT', 'Give one of --slow, --refuse, --garbage, --stop, --heal, --counters.');
  const dir = demoFolders(loadDemoConfig('demo department')).departments;
  if (options.counters) {
    process.stdout.write(`${JSON.stringify(await controlOf(dir, name).counters())}\n`);
    return;
  }
  const [mode] = given as ('refuse' | 'garbage' | 'stop' | 'heal')[];
  if (options.slow !== undefined) await behaveDepartment(dir, name, { slowMs: options.slow });
  else if (mode) await behaveDepartment(dir, name, { mode });
  process.stdout.write(`${name}: ${options.slow === undefined ? mode : `slow by ${options.slow} ms`}\n`);
}

export function addDemoCommand(program: Command): void {
  const demo = program.command('demo').description('command the made-up county of a running demo');
  demo
    .command('department')
    .argument('<department>', departmentNames.join(', '), parseDepartment)
    .description('make a department’s system misbehave, or well again')
    .option('--slow <time>', 'answer only after this long: 10s, 250ms', parseDuration)
    .option('--refuse', 'refuse to answer')
    .option('--garbage', 'answer what cannot be read')
    .option('--stop', 'do not listen at all')
    .option('--heal', 'behave again')
    .option('--counters', 'print how often it was asked')
    .action(command);
  demo
    .command('advance')
    .argument('<time>', 'how far: 3d, 36h, 2w, 90m', parseStep)
    .description('move the business clock on: deadlines come, clocks speak; sign-in and signatures keep the real time')
    .action(advance);
}
