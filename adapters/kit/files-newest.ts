/** Which delivery of a drop folder is its newest, in one round trip as long as nothing has changed there. */
import type { DepartmentRecord } from '../../core/department-record.ts';
import type { DropStat } from './files.ts';
import { newestDelivery } from './files-scan.ts';
import type { Newest, ScanDeps } from './files-scan.ts';
import type { DeliveryId } from './files-store.ts';
import { wireFault } from './wire-fault.ts';

interface Seen extends Newest {
  readonly marks: string;
  readonly firstSeenAt: number;
  readonly lookedAt: number;
}

/** Over SFTP times are whole seconds: whatever changes within the second of an earlier change does not show. */
const SETTLED_MS = 1_100;

const markOf = (stat: DropStat | null): string => (stat === null ? '-' : `${stat.modifiedAt}/${stat.size}`);

/** `now` in milliseconds, of a clock that only goes forward. */
export function createNewest<R extends DepartmentRecord>(deps: ScanDeps<R>, now: () => number) {
  const { source, folder } = deps;
  let seen: Seen | null = null;

  return async (signal: AbortSignal): Promise<DeliveryId | null> => {
    // A new day changes the folder, a delivery written or sent again its manifest. All are asked at once.
    const watched = seen?.watched ?? [];
    const [root, ...manifests] = await Promise.all(['', ...watched].map((path) => folder.stat(path, signal)));
    if (root == null) throw wireFault(source, 'unreachable');
    if (!root.isFolder) throw wireFault(source, 'unparsable', { field: 'stat.mode' });
    const marks = [markOf(root), ...watched.map((path, index) => `${path} ${markOf(manifests[index] ?? null)}`)].join(
      '\n',
    );
    const before = seen?.marks === marks ? seen : null;
    if (before !== null && before.lookedAt - before.firstSeenAt >= SETTLED_MS) return before.delivery;

    const lookedAt = now();
    const newest = await newestDelivery(deps, signal);
    seen = { ...newest, marks, firstSeenAt: before?.firstSeenAt ?? lookedAt, lookedAt };
    return newest.delivery;
  };
}
