/** The log's own key: signs checkpoints. */
import type { Keyring } from '../platform/keyring.ts';
import { createNoteSigner, type NoteSigner } from './log/note.ts';

/** `origin`: the log's name, which is the key's too (C2SP tlog-checkpoint). */
export const logSigner = (keyring: Keyring, origin: string): NoteSigner =>
  createNoteSigner(origin, keyring.key('audit.sign'));
