import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { AppError } from '../../core/platform/errors.ts';
import type { CountySummary, DepartmentName, DepartmentRows, OrganisationRow } from './model.ts';
import type { TrueDispute, TrueMention, TruePerson } from './model.ts';

/** Goes up whenever the generator would write other bytes for the same people and seed. */
export const COUNTY_FORMAT = 3;

interface TruthRows {
  readonly persons: TruePerson;
  readonly mentions: TrueMention;
  readonly disputes: TrueDispute;
}

/** The manifest of a wholly written county; null when there is none (it is written last, so a half-written county has none). */
export async function readCounty(dir: string): Promise<CountySummary | null> {
  let text: string;
  try {
    text = await readFile(join(dir, 'county.json'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new AppError('INTERNAL', 'The made-up county cannot be read; delete its folder and start again', {
      cause: error,
    });
  }
  const county = JSON.parse(text) as CountySummary;
  return county.format === COUNTY_FORMAT ? county : null;
}

export async function readOrganisations(dir: string): Promise<readonly OrganisationRow[]> {
  return JSON.parse(await readFile(join(dir, 'organisations.json'), 'utf8')) as OrganisationRow[];
}

/** One department's rows in the order of `changedAt`, one at a time. */
export function readRows<D extends DepartmentName>(dir: string, department: D): AsyncGenerator<DepartmentRows[D]> {
  return readLines<DepartmentRows[D]>(join(dir, `${department}.ndjson`));
}

/** One department's rows, all of them. */
export async function loadRows<D extends DepartmentName>(dir: string, department: D): Promise<DepartmentRows[D][]> {
  const rows: DepartmentRows[D][] = [];
  for await (const row of readRows(dir, department)) rows.push(row);
  return rows;
}

/** What is really so. For tests and measurements of joining; no part of the product reads it. */
export function readTruth<T extends keyof TruthRows>(dir: string, table: T): AsyncGenerator<TruthRows[T]> {
  return readLines<TruthRows[T]>(join(dir, 'truth', `${table}.ndjson`));
}

async function* readLines<T>(file: string): AsyncGenerator<T> {
  const stream = createReadStream(file, { encoding: 'utf8', highWaterMark: 1 << 18 });
  for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) yield JSON.parse(line) as T;
}
