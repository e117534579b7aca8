import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { findOrWriteCounty } from '../demo/county/write-county.ts';
import { checkOrganisation } from './token.ts';

const folder = mkdtempSync(join(tmpdir(), 'maplebridge-token-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const county = join(folder, 'county');

it('says that there is no demo where it was never started', async () => {
  await expect(checkOrganisation(county, folder, 'court')).rejects.toThrow('There is no demo in');
});

it('takes a code of the county, and of another says what it may have been', async () => {
  await findOrWriteCounty({ people: 40, seed: 1, dir: county, onProgress: () => undefined });
  await checkOrganisation(county, folder, 'court');
  await expect(checkOrganisation(county, folder, 'courts')).rejects.toThrow('code courts. There is court');
  await expect(checkOrganisation(county, folder, 'nowhere')).rejects.toThrow('No organisation has the code nowhere.');
});
