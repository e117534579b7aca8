/**
 * The file of a backup, inside gzip: a line that names the format; a line of JSON (`Manifest`); for every table of the
 * manifest a line of its name, its rows as COPY text in chunks (a line of the length, then the bytes; length 0 ends it), and
 * a line of JSON (`TableEnd`); a last line with the digest of everything before. A file cut short has no last line.
 */
import { createHash, type Hash } from 'node:crypto';
import { z } from 'zod';
import { AppError } from './errors.ts';

export const FORMAT = 'maplebridge backup 1';
/** Of the file with the data keys, which is otherwise the same. */
export const KEYS_FORMAT = 'maplebridge keys 1';

/** Whose rows are in the file of keys and in no other: with them destroyed, every backup of the data forgets (data-keys.ts). */
export const KEY_TABLES: readonly string[] = ['data_key', 'data_key_master'];

export const Manifest = z.object({
  /** By the database's clock, after the moment that the file shows. */
  madeAt: z.string(),
  postgres: z.string(),
  migrations: z.array(z.object({ number: z.int(), name: z.string(), sha256: z.string() })),
  /** Partitions that were made while running, which no migration makes. */
  partitions: z.array(z.object({ name: z.string(), parent: z.string(), bound: z.string() })),
  sequences: z.array(z.object({ name: z.string(), value: z.string(), called: z.boolean() })),
  tables: z.array(z.object({ name: z.string(), columns: z.array(z.string()) })),
  /** How many data keys there were, and how many of them destroyed: neither ever falls. Null: from before there were any. */
  keys: z.object({ rows: z.int(), destroyed: z.int() }).nullable().default(null),
});
export type Manifest = z.infer<typeof Manifest>;

export const TableEnd = z.object({ rows: z.int(), sha256: z.string() });
export type TableEnd = z.infer<typeof TableEnd>;

export const damaged = (why: string): AppError =>
  new AppError('INTERNAL', `The backup is damaged (${why}); nothing was restored.`);

/** Writes the file's parts in turn, and digests them. */
export class BackupWriter {
  readonly #all: Hash = createHash('sha256');

  line(text: string): Buffer {
    return this.#digested(Buffer.from(`${text}\n`));
  }

  async *table(name: string, rows: AsyncIterable<Buffer>, count: () => number): AsyncGenerator<Buffer> {
    const hash = createHash('sha256');
    yield this.line(name);
    for await (const chunk of rows) {
      hash.update(chunk);
      yield this.line(String(chunk.length));
      yield this.#digested(chunk);
    }
    yield this.line('0');
    yield this.line(JSON.stringify({ rows: count(), sha256: hash.digest('hex') } satisfies TableEnd));
  }

  end(): Buffer {
    return Buffer.from(`${this.#all.digest('hex')}\n`);
  }

  #digested(chunk: Buffer): Buffer {
    this.#all.update(chunk);
    return chunk;
  }
}

export class BackupReader {
  readonly #source: AsyncIterator<Buffer>;
  readonly #all: Hash = createHash('sha256');
  #held: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    const bytes = await this.#lineBytes();
    this.#all.update(bytes);
    return bytes.toString('utf8').slice(0, -1);
  }

  async json<T>(shape: z.ZodType<T>): Promise<T> {
    const text = await this.line();
    try {
      return shape.parse(JSON.parse(text));
    } catch (error) {
      throw new AppError('INTERNAL', damaged('unreadable manifest').message, { cause: error });
    }
  }

  /** The rows of one table; afterwards the next `json` is its `TableEnd`. */
  async *rows(hash: Hash): AsyncGenerator<Buffer> {
    for (;;) {
      let left = Number(await this.line());
      if (!Number.isSafeInteger(left) || left < 0) throw damaged('a length is not a number');
      if (left === 0) return;
      while (left > 0) {
        if (this.#held.length === 0) await this.#more();
        const chunk = this.#held.subarray(0, left);
        this.#held = this.#held.subarray(chunk.length);
        left -= chunk.length;
        this.#all.update(chunk);
        hash.update(chunk);
        yield chunk;
      }
    }
  }

  async end(): Promise<void> {
    const digest = this.#all.digest('hex');
    if ((await this.#lineBytes()).toString('utf8') !== `${digest}\n`) throw damaged('its digest differs');
  }

  async #lineBytes(): Promise<Buffer> {
    let end: number;
    while ((end = this.#held.indexOf(10)) < 0) await this.#more();
    const line = this.#held.subarray(0, end + 1);
    this.#held = this.#held.subarray(end + 1);
    return line;
  }

  async #more(): Promise<void> {
    let next: IteratorResult<Buffer>;
    try {
      next = await this.#source.next();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Anything of zlib's: not gzip at all, cut short, bits flipped.
      if (code?.startsWith('Z_')) throw new AppError('INTERNAL', damaged(code).message, { cause: error });
      throw error;
    }
    if (next.done) throw damaged('it is cut short');
    this.#held = this.#held.length === 0 ? next.value : Buffer.concat([this.#held, next.value]);
  }
}
