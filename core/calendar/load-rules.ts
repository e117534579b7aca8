import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseYamlFile } from '../platform/county-config.ts';
import { AppError } from '../platform/errors.ts';
import { ruleFile } from './rule.ts';
import type { Rule, RuleVersion } from './rule.ts';

/** One rule as it was in force: what a clock is made from. */
export interface RuleInForce extends Omit<Rule, 'versions'>, RuleVersion {
  /** Law and article as shown beside a clock: 信访工作条例 23. */
  readonly basis: string;
}

export interface Rules {
  readonly all: readonly Rule[];
  /** The version in force on that legal day; null where there is no such rule or it was not in force. */
  readonly inForce: (id: string, day: string) => RuleInForce | null;
  /** The version that a running clock names, whether still in force or not. */
  readonly ofVersion: (id: string, version: string) => RuleInForce | null;
}

/** Reads every *.yaml of the folder. Throws BAD_USER_INPUT with file and line of what is wrong. */
export function loadRules(folder: string): Rules {
  const taken = new Map<string, string>();
  const all: Rule[] = [];
  for (const file of yamlFiles(folder)) {
    const rules = parseYamlFile(readFileSync(join(folder, file), 'utf8'), file, ruleFile(taken));
    for (const { id } of rules) taken.set(id, file);
    all.push(...rules);
  }
  return createRules(all);
}

export function createRules(all: readonly Rule[]): Rules {
  const byId = new Map(all.map((rule) => [rule.id, rule]));
  const find = (id: string, fits: (version: RuleVersion) => boolean): RuleInForce | null => {
    const rule = byId.get(id);
    const version = rule?.versions.find(fits);
    if (!rule || !version) return null;
    const { versions, ...rest } = rule;
    return { ...rest, ...version, basis: rule.article === null ? rule.source : `${rule.source} ${rule.article}` };
  };
  return {
    all,
    inForce: (id, day) => find(id, ({ from, to }) => from <= day && (to === null || day <= to)),
    ofVersion: (id, version) => find(id, (candidate) => candidate.version === version),
  };
}

function yamlFiles(folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (cause) {
    throw new AppError('BAD_USER_INPUT', `The rules in ${basename(folder)} cannot be read; give a folder that can.`, {
      cause,
    });
  }
  const files = names.filter((name) => name.endsWith('.yaml')).sort();
  if (files.length > 0) return files;
  throw new AppError('BAD_USER_INPUT', `${basename(folder)} holds no rules; give the folder of the *.yaml files.`);
}
