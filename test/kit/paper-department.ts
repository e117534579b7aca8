/** A department on paper: records in a list and their changes in the order they were made, for tests of reading in. */
import type { Change, ChangePage, Department } from '../../core/department.ts';
import type { DepartmentRecord, Participant } from '../../core/department-record.ts';
import { checkCharacter } from '../../core/platform/citizen-id.ts';

export const participant = (ref: string, fields: Partial<Participant> = {}): Participant => ({
  ref,
  role: 'PARTY',
  name: '王小明',
  citizenId: null,
  birthDate: null,
  sex: 'UNKNOWN',
  phone: null,
  address: null,
  ...fields,
});

export const record = (source: string, key: string, fields: Partial<DepartmentRecord> = {}): DepartmentRecord => ({
  source,
  kind: 'DISPUTE',
  key,
  number: `${source}-${key}`,
  at: '2026-03-01T02:00:00.000Z',
  office: null,
  place: null,
  participants: [],
  references: [],
  category: null,
  sealed: false,
  classified: false,
  protected: false,
  accused: [],
  ...fields,
});

/** A valid number of nobody: the area is not in use. */
export function citizenId(serial: number): string {
  const day = new Date(Date.UTC(1940, 0, 1 + (serial % 25_000))).toISOString().slice(0, 10).replaceAll('-', '');
  const first17 = `990102${day}${String(Math.floor(serial / 25_000) % 1_000).padStart(3, '0')}`;
  return `${first17}${checkCharacter(first17) ?? ''}`;
}

export interface PaperDepartment extends Department {
  put(...records: readonly DepartmentRecord[]): void;
  remove(...keys: readonly string[]): void;
  /** Makes the next so many questions fail with this error. */
  fail(error: Error, times: number): void;
  readonly asked: readonly (string | null)[];
}

/** The cursor is the number of changes read. */
export function createPaperDepartment(code: string, pageSize = 500): PaperDepartment {
  const changes: Change[] = [];
  const held = new Map<string, DepartmentRecord>();
  const asked: (string | null)[] = [];
  const faults: Error[] = [];
  return {
    code,
    asked,
    put(...records) {
      for (const one of records) {
        held.set(one.key, one);
        changes.push({ type: 'upsert', record: one });
      }
    },
    remove(...keys) {
      for (const key of keys) {
        held.delete(key);
        changes.push({ type: 'delete', key });
      }
    },
    fail(error, times) {
      faults.push(...Array.from({ length: times }, () => error));
    },
    async read(keys) {
      const found = keys.flatMap((key) => held.get(key) ?? []);
      return {
        records: new Map(found.map((one) => [one.key, one])),
        freshness: { status: 'LIVE', asOf: '2026-03-01T02:00:00.000Z' },
      };
    },
    async changes(cursor): Promise<ChangePage> {
      asked.push(cursor);
      const fault = faults.shift();
      if (fault) throw fault;
      const from = cursor === null ? 0 : Number(cursor);
      const page = changes.slice(from, from + pageSize);
      const end = from + page.length;
      return { changes: page, quarantined: [], cursor: String(end), more: end < changes.length, total: held.size };
    },
    health: () => ({
      status: 'LIVE',
      circuit: 'CLOSED',
      lastSuccessAt: null,
      successes: 0,
      failures: 0,
      latencyP95Ms: null,
    }),
    ping: async () => undefined,
    close: async () => undefined,
  };
}
