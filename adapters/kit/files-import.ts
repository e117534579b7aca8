/** Imports deliveries piece by piece. Everything about where it stands is in the database, so it can stop anywhere. */
import type { Quarantined } from '../../core/department.ts';
import type { DepartmentRecord } from '../../core/department-record.ts';
import type { Piece } from './files-format.ts';
import { nextDelivery } from './files-scan.ts';
import type { PlanDeps } from './files-scan.ts';
import type { Importing } from './files-store.ts';
import { wireFault } from './wire-fault.ts';

export interface DropImport {
  /** One piece of the next delivery; false when there is nothing to import. Throws a WireFault when the folder is unwell. */
  step(signal: AbortSignal): Promise<boolean>;
}

export interface ImportDeps<R extends DepartmentRecord> extends PlanDeps<R> {
  /** Read and stored at a time. */
  readonly pieceBytes: number;
}

/** A single row that is longer than this is no row. */
const MAX_PIECE = 64 * 1024 * 1024;
const ROWS_A_STEP = 5_000;

export function createDropImport<R extends DepartmentRecord>(deps: ImportDeps<R>): DropImport {
  const { source, folder, format, store, now, pieceBytes } = deps;

  /** The next whole rows, or null when the file is not the one that was verified. */
  const readPiece = async (delivery: Importing, signal: AbortSignal): Promise<Piece<R> | null> => {
    const { manifest, progress } = delivery;
    const file = manifest.files[progress.file];
    if (file === undefined) return null;
    const path = format.filePath(manifest.day, file.name);
    const left = file.bytes - progress.offset;
    for (let length = pieceBytes; ; length *= 4) {
      const bytes =
        left === 0 ? Buffer.alloc(0) : await folder.read(path, progress.offset, Math.min(length, left), signal);
      // Looked at after reading: then what was read is what was verified.
      const stat = await folder.stat(path, signal);
      if (bytes === null || stat === null) return null;
      if (stat.size !== file.bytes || stat.modifiedAt !== progress.modifiedAt[progress.file]) return null;
      const last = bytes.length === left;
      const piece = format.readPiece(file, bytes, { linesBefore: progress.lines, last });
      if (piece.bytes > 0 || last) return piece;
      if (length > MAX_PIECE) throw wireFault(source, 'unparsable', { field: '(row)' });
    }
  };

  const storePiece = async (delivery: Importing, piece: Piece<R>): Promise<void> => {
    const { manifest, progress } = delivery;
    const file = manifest.files[progress.file];
    if (file === undefined) return;
    const offset = progress.offset + piece.bytes;
    const ends = offset >= file.bytes || piece.bytes === 0;
    const keyless = piece.items.filter((item) => item.type === 'bad' && item.key === null).length;
    await store.storePiece(delivery, piece.items, format.filePath(manifest.day, file.name), {
      ...progress,
      file: ends ? progress.file + 1 : progress.file,
      offset: ends ? 0 : offset,
      lines: ends ? 0 : progress.lines + piece.lines,
      rows: progress.rows + piece.items.length,
      keyless: progress.keyless + keyless,
    });
  };

  const settle = async (delivery: Importing): Promise<void> => {
    const { manifest, progress } = delivery;
    const expected = manifest.files.reduce((sum, file) => sum + file.rows, 0);
    const faults: Quarantined[] = [];
    const where = format.manifestPath(manifest.day);
    const countDiffers = progress.rows !== expected;
    if (countDiffers) faults.push({ where, field: '(count)', reason: 'there are not as many rows as it says' });
    // Rows that nobody could name are not gone: better to keep some too many until the next full day than to lose one.
    const isCertain = progress.keyless === 0 && !countDiffers;
    if (!isCertain) faults.push({ where, field: '(rows)', reason: 'rows that it leaves out were kept' });
    else if (!(await store.settle(delivery, ROWS_A_STEP))) return;
    await store.finish(delivery, faults, now());
  };

  return {
    async step(signal) {
      let delivery = await store.importing();
      if (delivery === null) {
        const planned = await nextDelivery(deps, signal);
        if (planned === null) return false;
        await store.begin(planned.manifest, planned.progress, now());
        delivery = await store.importing();
        // Somebody else was faster, and is through with it.
        if (delivery === null) return true;
      }
      if (delivery.progress.file >= delivery.manifest.files.length) {
        await settle(delivery);
        return true;
      }
      const piece = await readPiece(delivery, signal);
      if (piece === null) await store.giveUp(delivery);
      else await storePiece(delivery, piece);
      return true;
    },
  };
}
