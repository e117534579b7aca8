import { Option, type Command } from 'commander';
import { ROLES } from '../core/access/caller.ts';
import { systemClock } from '../core/platform/clock.ts';
import { openDemoIssuer } from '../demo/issuer/issuer.ts';
import { demoFolders, loadDemoConfig } from './demo-config.ts';

interface TokenOptions {
  readonly org: string;
  readonly role: string[];
  readonly subject: string;
  readonly name: string;
  readonly hours: string;
}

export function addTokenCommand(program: Command): void {
  program
    .command('token')
    .description('print a bearer token of the demo’s own issuer')
    .requiredOption('--org <code>', 'organisation code; `centre` is the governance centre')
    .addOption(new Option('--role <role...>', 'one role or several').choices(ROLES).makeOptionMandatory())
    .option('--subject <id>', 'who it is for', 'demo')
    .option('--name <name>', 'the name shown', 'Demo')
    .option('--hours <n>', 'how long it is good for', '12')
    .action(async ({ org, role, subject, name, hours }: TokenOptions) => {
      const config = loadDemoConfig('token');
      const issuer = await openDemoIssuer({
        folder: demoFolders(config).issuer,
        audience: config.oidc?.audience ?? 'maplebridge',
        clock: systemClock,
      });
      const token = await issuer.mintToken({ org, roles: role, subject, name }, Math.round(Number(hours) * 3_600));
      process.stdout.write(`${token}\n`);
    });
}
