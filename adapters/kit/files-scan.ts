/** Looks into a drop folder: which deliveries are there, which is to be imported next, and whether it is whole. */
import { createHash } from 'node:crypto';
import type { SourceCode } from '../../core/department.ts';
import type { DepartmentRecord } from '../../core/department-record.ts';
import type { DropFolder } from './files.ts';
import type { DropFormat, DropManifest } from './files-format.ts';
import { isNewer } from './files-store.ts';
import type { Delivery, DeliveryId, DropStore, ImportProgress } from './files-store.ts';
import { isWireFault, wireFault } from './wire-fault.ts';

const MAX_MANIFEST = 64 * 1024;
const READ_BYTES = 4 * 1024 * 1024;
/** Folders looked into for the newest delivery; older ones are not the newest whatever is in them. */
const NEWEST_FOLDERS = 16;
const FOLDERS_AT_ONCE = 16;

/** Why a day's delivery cannot be imported as it is. */
interface Wanting {
  readonly place: string;
  readonly field: string;
  readonly reason: string;
}

export interface ScanDeps<R extends DepartmentRecord> {
  readonly source: SourceCode;
  readonly folder: DropFolder;
  readonly format: DropFormat<R>;
}

const isWanting = (value: object): value is Wanting => 'reason' in value;

/** The days that have a folder, newest first. */
async function daysOf<R extends DepartmentRecord>(
  { source, folder, format }: ScanDeps<R>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const names = await folder.list('', signal);
  if (names === null) throw wireFault(source, 'unreachable');
  const days = names.map((name) => format.dayOf(name)).filter((day) => day !== null);
  // Names, but none that a delivery could have: this is not the bureau's folder, or not its list.
  if (days.length === 0 && names.length > 0) throw wireFault(source, 'unparsable', { field: 'list' });
  return [...new Set(days)].sort().reverse();
}

async function manifestOf<R extends DepartmentRecord>(
  { folder, format }: ScanDeps<R>,
  day: string,
  signal: AbortSignal,
): Promise<DropManifest | Wanting> {
  const place = format.manifestPath(day);
  const bytes = await folder.read(place, 0, MAX_MANIFEST, signal);
  if (bytes === null) return { place, field: '(manifest)', reason: 'it is not there yet' };
  try {
    return format.parseManifest(bytes, day);
  } catch (error) {
    if (!isWireFault(error)) throw error;
    return { place, field: error.field ?? '(manifest)', reason: 'not readable' };
  }
}

export interface Newest {
  /** The newest delivery with a manifest that can be read; null when there is none. */
  readonly delivery: DeliveryId | null;
  /** Paths that tell of a newer one by changing: its own manifest, and those that newer folders have or will have. */
  readonly watched: readonly string[];
}

export async function newestDelivery<R extends DepartmentRecord>(
  deps: ScanDeps<R>,
  signal: AbortSignal,
): Promise<Newest> {
  const days = (await daysOf(deps, signal)).slice(0, NEWEST_FOLDERS);
  const paths = days.map((day) => deps.format.manifestPath(day));
  const there = await Promise.all(paths.map((path) => deps.folder.stat(path, signal)));
  for (const [index, day] of days.entries()) {
    if (there[index] == null) continue;
    const manifest = await manifestOf(deps, day, signal);
    if (!isWanting(manifest)) return { delivery: manifest, watched: paths.slice(0, index + 1) };
  }
  return { delivery: null, watched: paths };
}

/** Every file is there, as long as said and with the digest said: then where an import of it begins. */
async function verify<R extends DepartmentRecord>(
  { folder, format }: ScanDeps<R>,
  manifest: DropManifest,
  signal: AbortSignal,
): Promise<ImportProgress | Wanting> {
  const modifiedAt: number[] = [];
  for (const file of manifest.files) {
    const place = format.filePath(manifest.day, file.name);
    const before = await folder.stat(place, signal);
    if (before === null) return { place, field: '(file)', reason: 'it is not there' };
    if (before.size !== file.bytes) return { place, field: '(size)', reason: 'its size is not what the manifest says' };
    const hash = createHash(manifest.digestBy);
    let wrong: string | null = null;
    for (let from = 0; from < file.bytes; from += READ_BYTES) {
      const bytes = await folder.read(place, from, Math.min(READ_BYTES, file.bytes - from), signal);
      if (bytes === null) break;
      hash.update(bytes);
      if (from === 0) wrong = format.headFault(file, bytes);
    }
    if (hash.digest('hex') !== file.digest)
      return { place, field: '(digest)', reason: 'its digest is not what the manifest says' };
    if (wrong !== null) return { place, field: wrong, reason: 'it is not laid out as agreed' };
    modifiedAt.push(before.modifiedAt);
  }
  return { file: 0, offset: 0, lines: 0, rows: 0, keyless: 0, modifiedAt };
}

export interface Planned {
  readonly manifest: DropManifest;
  readonly progress: ImportProgress;
}

export interface PlanDeps<R extends DepartmentRecord> extends ScanDeps<R> {
  readonly store: DropStore<R>;
  readonly now: () => Date;
  /** A delivery that is not whole after so long is reported, once. */
  readonly alertAfterMs: number;
}

/**
 * The delivery to import next: the newest full day that is whole, then the days behind it in their order. A day that is not
 * whole holds up no other; when it is mended later, its rows take their place among what is known by their day.
 */
export async function nextDelivery<R extends DepartmentRecord>(
  deps: PlanDeps<R>,
  signal: AbortSignal,
): Promise<Planned | null> {
  const { store, now, alertAfterMs } = deps;
  const { base, deliveries } = await store.current();

  const isDone = (manifest: DropManifest): boolean =>
    deliveries.some(({ day, sendNumber, status }) => {
      const isThis = day === manifest.day && sendNumber === manifest.sendNumber;
      return day === manifest.day && status === 'IMPORTED' && (isThis || isNewer({ day, sendNumber }, manifest));
    });
  const waits = async (id: DeliveryId, wanting: Wanting): Promise<void> => {
    const { noticedAt, reportedAt } = await store.wait(id, now());
    if (reportedAt !== null || now().getTime() - noticedAt.getTime() < alertAfterMs) return;
    const { place: where, field, reason } = wanting;
    await store.report(id, { where, field, reason }, now());
  };
  const wholeOne = async (manifest: DropManifest): Promise<Planned | null> => {
    const progress = await verify(deps, manifest, signal);
    if (!isWanting(progress)) return { manifest, progress };
    await waits(manifest, progress);
    return null;
  };

  const days = (await daysOf(deps, signal)).filter((day) => base === null || day >= base);
  const deltas: DropManifest[] = [];
  for (let first = 0; first < days.length; first += FOLDERS_AT_ONCE) {
    const some = days.slice(first, first + FOLDERS_AT_ONCE);
    const found = await Promise.all(some.map((day) => manifestOf(deps, day, signal)));
    for (const [index, manifest] of found.entries()) {
      const day = some[index] as string;
      if (isWanting(manifest)) {
        if (!wasImported(deliveries, day)) await waits({ day, sendNumber: 0 }, manifest);
      } else if (isDone(manifest)) continue;
      else if (manifest.kind === 'DELTA') deltas.push(manifest);
      else {
        const planned = await wholeOne(manifest);
        if (planned !== null) return planned;
      }
    }
  }
  for (const manifest of deltas.reverse()) {
    // Changes to what is not known yet are no register: they wait for a full day.
    const planned = base === null ? await waits(manifest, noFullDay(deps, manifest)) : await wholeOne(manifest);
    if (planned) return planned;
  }
  return null;
}

const noFullDay = <R extends DepartmentRecord>({ format }: ScanDeps<R>, { day }: DropManifest): Wanting => ({
  place: format.manifestPath(day),
  field: '(kind)',
  reason: 'there has been no full day that it could follow',
});

/** A manifest that is being replaced by that of a re-sent day is no news of its own. */
const wasImported = (deliveries: readonly Delivery[], day: string): boolean =>
  deliveries.some((delivery) => delivery.day === day && delivery.status === 'IMPORTED');
