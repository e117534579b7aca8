/** The bytes that go out: made once, when a message is dispatched, and signed as they are at every attempt. */
import { MESSAGE_DATA } from './message-type-data.ts';
import type { MessageType } from './message-type.ts';

export interface MessageBody {
  readonly type: MessageType;
  readonly at: Date;
  /** Null for what concerns no referral. */
  readonly sequence: number | null;
  readonly data: Readonly<Record<string, unknown>>;
  /** Where the reader asks for the rest. */
  readonly url: string;
}

/** Only fields on the type's list go out: what somebody adds to an event without thinking of it does not. */
export function messageBody({ type, at, sequence, data, url }: MessageBody): Buffer {
  const listed = Object.keys(MESSAGE_DATA[type].shape).filter((field) => data[field] !== undefined);
  const body = {
    type,
    timestamp: at.toISOString(),
    ...(sequence === null ? {} : { sequence }),
    data: { ...Object.fromEntries(listed.map((field) => [field, data[field]])), url },
  };
  return Buffer.from(JSON.stringify(body));
}
