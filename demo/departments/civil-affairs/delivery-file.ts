/** Writes a day's delivery: the files, then the manifest that makes them one. */
import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { inShanghai } from '../kit/old-text.ts';
import { csvHeader, rowLines } from './row-text.ts';
import type { Written } from './row-text.ts';

export interface DeliveryHead {
  /** YYYY-MM-DD */
  readonly day: string;
  readonly sendNumber: number;
  readonly kind: 'FULL' | 'DELTA';
  readonly madeAt: Date;
  /** Rows in the bureau's systems at the end of the day. */
  readonly total: number;
}

/** How far the program gets that night: no further than the files, half a file under a whole manifest, half a manifest. */
export type Half = 'no-manifest' | 'half-file' | 'half-manifest';

interface Sealed {
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
  readonly digest: string;
}

const BUFFERED_BYTES = 1 << 20;

async function createRowFile(path: string) {
  const file = await open(path, 'w');
  const hash = createHash('sha256');
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let bytes = 0;
  const flush = async (): Promise<void> => {
    const all = Buffer.concat(waiting);
    waiting = [];
    waitingBytes = 0;
    hash.update(all);
    await file.writeFile(all);
  };
  return {
    async write(lines: Buffer): Promise<void> {
      waiting.push(lines);
      waitingBytes += lines.length;
      bytes += lines.length;
      if (waitingBytes > BUFFERED_BYTES) await flush();
    },
    async close(): Promise<{ readonly bytes: number; readonly digest: string }> {
      await flush();
      await file.close();
      return { bytes, digest: hash.digest('hex') };
    },
  };
}

function manifestText(
  { day, sendNumber, kind, madeAt, total }: DeliveryHead,
  files: readonly (Sealed & { form: string })[],
) {
  const lines = [
    '单位=民政局',
    `日期=${day.replaceAll('-', '')}`,
    `发送序号=${sendNumber}`,
    `类型=${kind === 'FULL' ? '全量' : '增量'}`,
    `生成时间=${inShanghai(madeAt.toISOString()).slice(0, 19).replace('T', ' ')}`,
    '摘要算法=SHA256',
    `总数=${total}`,
    ...files.map(({ name, form, rows, bytes, digest }) => `文件=${name}|${form}|${rows}|${bytes}|${digest}`),
    `结束=${files.length}`,
  ];
  return iconv.encode(`${lines.join('\r\n')}\r\n`, 'gb18030');
}

export async function writeDelivery(
  root: string,
  head: DeliveryHead,
  rows: AsyncIterable<Written> | Iterable<Written>,
  half?: Half,
): Promise<void> {
  const day = head.day.replaceAll('-', '');
  const folder = join(root, day);
  await mkdir(folder, { recursive: true });
  // A re-sent day has files of its own beside those of before.
  const suffix = head.sendNumber === 1 ? '' : `_${head.sendNumber}`;
  const names = { csv: `MZ_HY_${day}${suffix}.csv`, fixed: `MZ_JZ_${day}${suffix}.txt` };
  const csv = await createRowFile(join(folder, `${names.csv}.part`));
  const fixed = await createRowFile(join(folder, `${names.fixed}.part`));
  await csv.write(iconv.encode(`${csvHeader.join(',')}\r\n`, 'gb18030'));
  const counts = { csv: 0, fixed: 0 };
  for await (const row of rows) {
    const { register, lines } = rowLines(row);
    counts[register] += 1;
    await (register === 'csv' ? csv : fixed).write(lines);
  }
  const files = [
    { name: names.csv, form: 'CSV', rows: counts.csv, ...(await csv.close()) },
    { name: names.fixed, form: '定长', rows: counts.fixed, ...(await fixed.close()) },
  ];
  for (const { name, bytes } of files) {
    await rename(join(folder, `${name}.part`), join(folder, name));
    if (half !== undefined) await truncate(join(folder, name), Math.floor(bytes / 2));
  }
  const manifest = join(folder, `MZ_${day}.manifest`);
  if (half === 'no-manifest') {
    await rm(manifest, { force: true });
    return;
  }
  const text = manifestText(head, files);
  await writeFile(`${manifest}.part`, half === 'half-manifest' ? text.subarray(0, text.length >> 1) : text);
  await rename(`${manifest}.part`, manifest);
}
