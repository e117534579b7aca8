/** One installation with a made-up county for all scenarios, started as its users start it; they run one after another. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { build, seed, start } from '../kit/installation.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly installation: { readonly dataFolder: string; readonly url: string };
  }
}

/** Enough for a page of fifty people of one name, and for somebody in every corner of the rules. */
const PEOPLE = 1_500;
const SEED = 7;

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'maplebridge-scenarios-'));
  const remove = (): void => rmSync(dataFolder, { recursive: true, force: true });
  try {
    build();
    await seed(dataFolder, PEOPLE, SEED);
    const program = await start(dataFolder);
    project.provide('installation', { dataFolder, url: program.url });
    return async () => {
      await program.interrupt();
      remove();
    };
  } catch (error) {
    remove();
    throw error;
  }
}
