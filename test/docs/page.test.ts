import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { runCli } from '../../cli/cli.ts';
import { FIRST_QUERY } from '../../cli/start/first-query.ts';
import { DEPARTMENTS, parseDepartmentSettings } from '../../cli/start/departments.ts';
import { SETTING_NAMES } from '../../core/platform/config.ts';
import { loadCountyConfig } from '../../core/platform/county-config.ts';
import { projectRoot } from '../../core/platform/project-root.ts';
import { blocksOf, codeOf, pages, readPage } from './document.ts';

const exists = (path: string): boolean => existsSync(join(projectRoot, path));

/** Headings as GitHub makes anchors of them. */
const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s-]/gu, '')
      .replaceAll(' ', '-'),
  );

describe.each(pages)('$path', (page) => {
  test('Its links lead somewhere', () => {
    const targets = [...page.text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
    for (const target of targets.filter((target) => !/^https?:/.test(target))) {
      const [file = '', anchor] = target.split('#');
      const path = file === '' ? page.path : normalize(join(dirname(page.path), file));
      expect(exists(path), `${target} is not there`).toBe(true);
      if (anchor !== undefined) expect(anchorsOf(readPage(path).text)).toContain(anchor);
    }
  });

  test('The files it names are there', () => {
    // Names with a placeholder, and the department that docs/adapters.md makes up, are no files.
    const named = codeOf(page).filter(
      (code) => /^[\w.-]+(\/[\w.-]+)+\.(ts|md|sql|graphql|yaml|mjs|cjs|env)$/.test(code) && !/NNNN|labour/.test(code),
    );
    for (const path of named) {
      const room = page.path.startsWith('subgraphs/') || page.path.startsWith('adapters/') ? dirname(page.path) : '';
      expect(exists(path) || exists(join(room, path)), `${path} is not there`).toBe(true);
    }
  });

  test('The npm scripts it names are there', () => {
    const { scripts } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = codeOf(page).flatMap((code) => [...code.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name));
    for (const name of named) expect(Object.keys(scripts)).toContain(name);
  });
});

describe('Commands', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  const helpOf = async (words: readonly string[]): Promise<string> => {
    let written = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
      written += String(chunk);
      return true;
    });
    expect(await runCli(['node', 'maplebridge', ...words, '--help'])).toBe(0);
    vi.restoreAllMocks();
    return written;
  };

  const GROUPS = ['demo', 'adapter', 'webhook', 'audit'];
  const mentioned = new Map<string, Set<string>>();
  for (const code of pages.flatMap(codeOf)) {
    const [, line] = /(?:npx maplebridge|bin\/maplebridge\.mjs) ([a-z].*)/.exec(code) ?? [];
    if (line === undefined) continue;
    const words = line.split(/\s+/);
    const command = words
      .slice(0, GROUPS.includes(words[0] ?? '') ? 2 : 1)
      .join(' ')
      .replace(/[^a-z ]/g, '');
    const options = mentioned.get(command) ?? new Set();
    for (const [option] of line.matchAll(/--[a-z]+/g)) options.add(option);
    mentioned.set(command, options);
  }

  test.each([...mentioned])(
    '`maplebridge %s` exists, with the options that the pages use',
    async (command, options) => {
      const help = await helpOf(command.split(' '));
      expect(help).toContain(`Usage: maplebridge ${command} `);
      for (const option of options) expect(help).toContain(option);
    },
  );

  test('Many are mentioned', () => {
    expect(mentioned.size).toBeGreaterThan(7);
  });
});

test('README’s first query is the one that GraphiQL shows', () => {
  const [first] = blocksOf(readPage('README.md')).filter(({ language }) => language === 'graphql');
  expect(first?.code).toBe(FIRST_QUERY);
});

test('The operator’s page has a row for every setting, and no other', () => {
  const { text } = readPage('docs/operator.md');
  const [, section = ''] = text.split('\n## Settings\n');
  const rows = [...(section.split('\n## ')[0] ?? '').matchAll(/^\| `([A-Z_]+)`/gm)].map(([, name]) => name);
  expect(rows.sort()).toEqual([...SETTING_NAMES].sort());
});

test('The example’s settings of every department are what its adapter takes', () => {
  const env = new Proxy({}, { get: () => 'secret' });
  const { departments } = loadCountyConfig(join(projectRoot, 'config/example/maplebridge.config.yaml'), env);
  for (const name of DEPARTMENTS) expect(() => parseDepartmentSettings(departments, name)).not.toThrow();
});

test('Every subgraph’s page has the same headings', () => {
  const headings = pages
    .filter(({ path }) => path.startsWith('subgraphs/'))
    .map(({ text }) => [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading));
  expect(headings).toHaveLength(7);
  for (const each of headings) expect(each).toEqual(headings[0]);
});
