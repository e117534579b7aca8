/** Just enough of PostgreSQL's wire protocol (version 3) to stand between a client and a server. */

export interface FrontendMessage {
  /** One letter; empty for the messages of the start, which have none. */
  readonly type: string;
  readonly bytes: Buffer;
}

export const START = { SSL: 80_877_103, GSS: 80_877_104, CANCEL: 80_877_102 } as const;

/** Of a message of the start: what it asks for; a protocol version means a session. */
export const startCode = ({ bytes }: FrontendMessage): number => bytes.readInt32BE(4);

/** Takes bytes as they come, gives whole messages; the rest waits. `started` says whether messages have a letter yet. */
export function createReader(): (chunk: Buffer, started: () => boolean) => Generator<FrontendMessage> {
  let rest: Buffer = Buffer.alloc(0);
  return function* (chunk, started) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (;;) {
      const head = started() ? 1 : 0;
      if (rest.length < head + 4) return;
      const size = head + rest.readInt32BE(head);
      if (rest.length < size) return;
      const bytes = rest.subarray(0, size);
      rest = rest.subarray(size);
      yield { type: head === 1 ? String.fromCharCode(bytes[0] ?? 0) : '', bytes };
    }
  };
}

/** The text of a Parse or Query message; null for any other. */
export function statementOf({ type, bytes }: FrontendMessage): string | null {
  if (type === 'Q') return bytes.toString('utf8', 5, bytes.length - 1);
  if (type !== 'P') return null;
  const name = bytes.indexOf(0, 5);
  return bytes.toString('utf8', name + 1, bytes.indexOf(0, name + 1));
}

const message = (type: string, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(5);
  head.write(type, 0, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};
const text = (value: string): Buffer => Buffer.from(`${value}\0`);
const int16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};

/** FATAL: the server ends the session with it. */
export const fatal = (code: string, words: string): Buffer =>
  message('E', text('SFATAL'), text('VFATAL'), text(`C${code}`), text(`M${words}`), Buffer.from([0]));

/** A well-formed answer to any statement: one row of one column that nobody asked for. */
export const strangeRow = (column: string, value: string): Buffer =>
  Buffer.concat([
    message('1'),
    message('2'),
    message('T', int16(1), text(column), int32(0), int16(0), int32(25), int16(-1), int32(-1), int16(0)),
    message('D', int16(1), int32(Buffer.byteLength(value)), Buffer.from(value)),
    message('C', text('SELECT 1')),
    message('Z', Buffer.from('I')),
  ]);

/** No message of the protocol, and torn off. */
export const noise = Buffer.concat([Buffer.from([0x21]), int32(12), Buffer.from('乱码'), Buffer.from([0xff])]);
