import { parseCheckpoint } from '../../core/audit/log/checkpoint.ts';
import { parseNote } from '../../core/audit/log/note.ts';

/** A signed checkpoint as the API shows it, in every room that does. */
export function toAuditCheckpoint(note: string) {
  const { origin, size, root } = parseCheckpoint(parseNote(note).text);
  return { origin, treeSize: size, rootHash: root.toString('base64'), note };
}
