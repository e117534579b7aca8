import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import type { Hash } from 'node:crypto';
import { at } from './random.ts';
import { DAY, iso, SINCE } from './time.ts';

const MONTH = 30 * DAY;
const BUFFERED_CHARACTERS = 2_000_000;

/** A text file written in large pieces and hashed on the way. */
export interface LineFile {
  write(line: string): void;
  close(): void;
}

export function createLineFile(path: string, hash: Hash): LineFile {
  const file = openSync(path, 'w');
  let pieces: string[] = [];
  let length = 0;
  const flush = (): void => {
    const bytes = Buffer.from(pieces.join(''));
    for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
    hash.update(bytes);
    pieces = [];
    length = 0;
  };
  return {
    write(line) {
      pieces.push(line, '\n');
      length += line.length + 1;
      if (length > BUFFERED_CHARACTERS / 2) flush();
    },
    close() {
      flush();
      closeSync(file);
    },
  };
}

/**
 * Rows come in any order and leave in the order of `changedAt`, made unique. They wait in a bucket per month; when the buckets
 * grow too large they are moved to files, so that a million people need no more memory than a hundred thousand.
 */
export interface OrderedFile {
  add(changedAt: number, json: string): void;
  close(): void;
}

interface Entry {
  readonly changedAt: number;
  readonly json: string;
}

export function createOrderedFile(path: string, hash: Hash): OrderedFile {
  const buckets: { entries: Entry[]; file: string; spilled: boolean }[] = [];
  let buffered = 0;

  const spill = (): void => {
    for (const bucket of buckets) {
      if (bucket.entries.length === 0) continue;
      const text = bucket.entries.map((entry) => `${entry.changedAt}\t${entry.json}\n`).join('');
      const file = openSync(bucket.file, bucket.spilled ? 'a' : 'w');
      const bytes = Buffer.from(text);
      for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
      closeSync(file);
      bucket.spilled = true;
      bucket.entries = [];
    }
    buffered = 0;
  };
  const takeAll = (bucket: (typeof buckets)[number]): Entry[] => {
    if (!bucket.spilled) return bucket.entries;
    const lines = readFileSync(bucket.file, 'utf8').split('\n');
    rmSync(bucket.file);
    const spilled = lines.slice(0, -1).map((line) => {
      const tab = line.indexOf('\t');
      return { changedAt: Number(line.slice(0, tab)), json: line.slice(tab + 1) };
    });
    return spilled.concat(bucket.entries);
  };
  return {
    add(changedAt, json) {
      const number = Math.max(0, Math.floor((changedAt - SINCE) / MONTH));
      while (buckets.length <= number)
        buckets.push({
          entries: [],
          file: `${path.replace('.ndjson', '')}-${buckets.length}.ndjson.part`,
          spilled: false,
        });
      at(buckets, number).entries.push({ changedAt, json });
      buffered += json.length;
      if (buffered > BUFFERED_CHARACTERS) spill();
    },
    close() {
      const out = createLineFile(path, hash);
      let last = 0;
      for (const bucket of buckets) {
        const entries = takeAll(bucket);
        // Sorting is stable, so rows of the same instant stay in the order in which they were made.
        entries.sort((a, b) => a.changedAt - b.changedAt);
        bucket.entries = [];
        for (const { changedAt, json } of entries) {
          last = Math.max(changedAt, last + 1);
          out.write(last === changedAt ? json : json.replace(/"changedAt":"[^"]+"/, `"changedAt":"${iso(last)}"`));
        }
      }
      out.close();
    },
  };
}
