/** What the author of a file-fed department's adapter writes: how its deliveries are laid out. Bytes in, typed rows out. */
import type { DepartmentRecord } from '../../core/department-record.ts';

export interface DropFile {
  /** In the day's folder. */
  readonly name: string;
  /** The format's own word for how it is written: CSV, fixed width … */
  readonly form: string;
  readonly rows: number;
  readonly bytes: number;
  /** In lower-case hexadecimal. */
  readonly digest: string;
}

export interface DropManifest {
  /** YYYY-MM-DD: rows are as they were at the end of it. */
  readonly day: string;
  /** Counts up when a day is sent again. */
  readonly sendNumber: number;
  /** FULL: all there is, what is not in it is gone. DELTA: what changed that day. */
  readonly kind: 'FULL' | 'DELTA';
  readonly madeAt: string;
  readonly digestBy: 'sha256' | 'sm3';
  /** Records in the department's system. */
  readonly total: number;
  readonly files: readonly DropFile[];
}

export type DropItem<R extends DepartmentRecord> =
  | { readonly type: 'upsert'; readonly key: string; readonly record: R }
  | { readonly type: 'delete'; readonly key: string }
  /** A row that cannot be read. `key` where at least that could be: then what was known of it before is kept. */
  | {
      readonly type: 'bad';
      readonly key: string | null;
      readonly line: number;
      readonly field: string;
      readonly reason: string;
    };

export interface Piece<R extends DepartmentRecord> {
  readonly items: readonly DropItem<R>[];
  /** Bytes and lines of whole rows; what follows belongs to the next piece. */
  readonly bytes: number;
  readonly lines: number;
}

export interface DropFormat<R extends DepartmentRecord> {
  /** YYYY-MM-DD of a day's folder, null for any other name. */
  dayOf(folder: string): string | null;
  /** Path of a day's manifest: written last, so that without it the day is not there yet. */
  manifestPath(day: string): string;
  filePath(day: string, name: string): string;
  /** Throws a WireFault naming the field; a manifest torn off in the middle must not parse. */
  parseManifest(bytes: Buffer, day: string): DropManifest;
  /** What is wrong with a file as a whole, by its first bytes: such as a header with other columns. Null: nothing. */
  headFault(file: DropFile, head: Buffer): string | null;
  /**
   * Rows of the bytes that follow `linesBefore` lines of a file; `last` when the file ends with them. Never throws for what
   * is in a row.
   */
  readPiece(file: DropFile, bytes: Buffer, at: { readonly linesBefore: number; readonly last: boolean }): Piece<R>;
}
