import { Option, type Command } from 'commander';
import { ROLES } from '../core/access/caller.ts';
import { systemClock } from '../core/platform/clock.ts';
import { AppError, badInput } from '../core/platform/errors.ts';
import { readCounty, readOrganisations } from '../demo/county/county-files.ts';
import { openDemoIssuer } from '../demo/issuer/issuer.ts';
import { demoFolders, loadDemoConfig } from './demo-config.ts';

interface TokenOptions {
  readonly org: string;
  readonly role: string[];
  readonly subject: string;
  readonly name: string;
  readonly hours: string;
}

/** A token of another issuer, or for an office that does not exist, would be refused without saying so. */
export async function checkOrganisation(folder: string, dataFolder: string, code: string): Promise<void> {
  if ((await readCounty(folder)) === null)
    throw new AppError(
      'BAD_USER_INPUT',
      `There is no demo in ${dataFolder} yet: start it there, or set MAPLEBRIDGE_DATA to what it was started with.`,
    );
  const codes = (await readOrganisations(folder)).map((organisation) => organisation.code);
  if (codes.includes(code)) return;
  const like = codes.filter((known) => known.includes(code) || code.includes(known)).slice(0, 5);
  throw badInput(
    'org',
    `No organisation has the code ${code}.${like.length > 0 ? ` There is ${like.join(', ')}.` : ''} The query { organisations(first: 100) { nodes { code name } } } lists them.`,
  );
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
      await checkOrganisation(demoFolders(config).county, config.dataFolder, org);
      const issuer = await openDemoIssuer({
        folder: demoFolders(config).issuer,
        audience: config.oidc?.audience ?? 'maplebridge',
        clock: systemClock,
      });
      const token = await issuer.mintToken({ org, roles: role, subject, name }, Math.round(Number(hours) * 3_600));
      process.stdout.write(`${token}\n`);
    });
}
