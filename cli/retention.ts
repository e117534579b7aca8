import type { Command } from 'commander';
import { loadCountyConfig } from '../core/platform/county-config.ts';
import type { Config } from '../core/platform/config.ts';
import type { Rules } from '../core/calendar/load-rules.ts';
import { erasePerson } from '../core/retention/erase-person.ts';
import { reportRetention, retain, type RetentionLine } from '../core/retention/retain.ts';
import { rulesOf } from './start/carrying.ts';
import { print, withDatabase } from './with-database.ts';

const countyRules = (config: Config): Rules =>
  rulesOf(config.countyFile === null ? null : loadCountyConfig(config.countyFile, process.env));

/** A line of a table that a person reads; JSON lines go to whoever asks for them. */
const toLine = ({ rule, basis, count, oldest, before }: RetentionLine): string =>
  `${rule.padEnd(28)} ${String(count).padStart(8)}  ${oldest === null ? '-'.padEnd(10) : oldest.toISOString().slice(0, 10)}  before ${before.toISOString().slice(0, 10)}  ${basis}`;

export function addRetentionCommand(program: Command): void {
  program
    .command('retention')
    .option('--apply', 'remove it; without this nothing is changed')
    .option('--json', 'a line of JSON for each rule')
    .description('what has had its time, by which rule, and how old the oldest is')
    .action(({ apply = false, json = false }: { apply?: boolean; json?: boolean }) =>
      withDatabase(async ({ config, db, clock }) => {
        const rules = countyRules(config);
        const lines = apply ? await retain(db, rules, clock.wall()) : await reportRetention(db, rules, clock.wall());
        for (const line of lines) {
          if (json) print(line);
          else process.stdout.write(`${toLine(line)}\n`);
        }
        if (!apply) process.stderr.write('Nothing was changed; --apply removes it.\n');
      }),
    );
}

export function addEraseCommand(program: Command): void {
  program
    .command('erase')
    .argument('<person>', 'id of the person, per_…')
    .requiredOption('--reason <text>', 'who asked for it, and when; goes to the auditors, so nobody’s data in it')
    .option('--dry-run', 'say what would be erased and what stands against it; changes nothing')
    .description('erase a person on request, after what the law keeps (个人信息保护法 47)')
    .action((personId: string, { reason, dryRun = false }: { reason: string; dryRun?: boolean }) =>
      withDatabase(async ({ config, db, clock }) => {
        const context = { rules: countyRules(config), now: clock.business(), at: clock.wall(), actor: null };
        print(await db.tx((tx) => erasePerson(tx, context, { personId, reason, dryRun })));
        if (!dryRun)
          process.stderr.write('Now write the keys anew (maplebridge keys export) and destroy older copies of them.\n');
      }),
    );
}
