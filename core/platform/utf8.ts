/**
 * UTF-8 to text and back, for what is long and mostly Chinese: by way of UTF-16, which is what such a text is in memory, it
 * takes less than what `toString` and `Buffer.from` take.
 */
import { isAscii, isUtf8, transcode } from 'node:buffer';

/** Below that the way is longer than the work. */
const LONG = 1_024;

/** As `bytes.toString('utf8')`: what is no UTF-8 becomes U+FFFD. */
export function decodeUtf8(bytes: Buffer): string {
  if (bytes.length < LONG) return bytes.toString('utf8');
  if (isAscii(bytes)) return bytes.toString('latin1');
  return isUtf8(bytes) ? transcode(bytes, 'utf8', 'utf16le').toString('utf16le') : bytes.toString('utf8');
}

/** Texts are laid out here for a moment; longer ones have a place of their own. */
const scratch = Buffer.allocUnsafeSlow(1024 * 1024);

/** As `Buffer.from(text)`: half a surrogate pair becomes U+FFFD. */
export function encodeUtf8(text: string): Buffer {
  if (text.length < LONG) return Buffer.from(text, 'utf8');
  const isLonger = text.length * 2 > scratch.length;
  const utf16 = isLonger ? Buffer.from(text, 'utf16le') : scratch.subarray(0, scratch.write(text, 'utf16le'));
  try {
    return transcode(utf16, 'utf16le', 'utf8');
  } catch {
    // Half a surrogate pair, which is refused here.
    return Buffer.from(text, 'utf8');
  }
}
