import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fileAnchor } from './anchor.ts';
import { writeCheckpoint } from './log/checkpoint.ts';
import { createNoteSigner, writeNote } from './log/note.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'maplebridge-anchor-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const signer = createNoteSigner('county.example/audit', Buffer.alloc(32, 7));
const checkpoint = (size: number): string => {
  const text = writeCheckpoint({ origin: 'county.example/audit', size, root: Buffer.alloc(32) });
  return writeNote({ text, signatures: [signer.sign(text)] });
};

test('The newest checkpoint is kept; an older one that comes late is refused and replaces nothing', async () => {
  const anchor = fileAnchor(join(folder, 'audit'));
  expect(await anchor.read()).toBeNull();
  for (const size of [10, 15, 15]) await anchor.keep(checkpoint(size));
  await expect(anchor.keep(checkpoint(10))).rejects.toThrow('A newer checkpoint is kept already');
  expect(await anchor.read()).toBe(checkpoint(15));
  expect(readdirSync(join(folder, 'audit'))).toContain('checkpoint');
});
