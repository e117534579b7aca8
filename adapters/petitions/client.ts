/** The petition bureau's read-only views: asked by key, and scanned for what changed, for they keep no record of changes. */
import { z } from 'zod';
import type { Department } from '../../core/department.ts';
import type { PetitionRecord } from '../../core/department-record.ts';
import type { Db } from '../../core/platform/db.ts';
import { createDepartment } from '../kit/department.ts';
import type { Kit } from '../kit/kit.ts';
import { parseWire, tryParse } from '../kit/parse.ts';
import { kitSettings } from '../kit/settings.ts';
import { createSql } from '../kit/sql.ts';
import type { WireFault } from '../kit/wire-fault.ts';
import type { Wire } from '../kit/wire.ts';
import { toPetition } from './map.ts';
import { createScan } from './scan.ts';
import { createPassingScanState, createScanState } from './scan-state.ts';
import { petitionStatements } from './views.ts';
import { countWire, petitionWire, pingWire, rowsWire, strikeWire } from './wire.ts';
import type { RowWire } from './wire.ts';

const SOURCE = 'PETITIONS';

export const petitionsSettings = z.strictObject({
  /** `postgres://user:password@host:port/database` of the bureau's database. */
  url: z.url({ protocol: /^postgres(ql)?$/ }),
  views: z
    .strictObject({
      schema: z.string().default('xf_gx'),
      petition: z.string().default('v_xf_xfj'),
      petitioner: z.string().default('v_xf_xfr'),
      reference: z.string().default('v_xf_gl'),
      accused: z.string().default('v_xf_bkg'),
    })
    .prefault({}),
  /** Of this process; all processes together may have five. Two is the least: one for people who wait, one for the scan. */
  connections: z.number().int().min(2).max(5).default(5),
  /** Petitions in one statement by key. */
  maxKeysPerCall: z.number().int().positive().max(5_000).default(500),
  /** Petitions on a page of the scan. */
  pageSize: z.number().int().positive().max(20_000).default(2_000),
  ...kitSettings,
});
export type PetitionsSettings = z.infer<typeof petitionsSettings>;

export interface PetitionsDeps {
  readonly settings: PetitionsSettings;
  readonly kit: Kit;
  /** Our own database, where the scan keeps what it told. Null: forgotten with the process, for looking without reading in. */
  readonly db: Db | null;
}

function parseRow(row: RowWire): PetitionRecord | WireFault | null {
  const strike = tryParse(SOURCE, strikeWire, row);
  if ('fault' in strike) return strike.fault;
  if (strike.value.sczt) return null;
  const parsed = tryParse(SOURCE, petitionWire, row);
  return 'fault' in parsed ? parsed.fault : toPetition(parsed.value);
}

function createPetitionsWire({ settings, kit, db }: PetitionsDeps): Wire<PetitionRecord> {
  const { policy, pageSize } = settings;
  const sql = createSql({ ...settings, source: SOURCE, statementTimeoutMs: policy.changesBudgetMs });
  const statements = petitionStatements(settings.views);
  const scan = createScan({
    state: db === null ? createPassingScanState() : createScanState(db),
    keyring: kit.keyring,
    pageSize,
  });
  const rows = async (text: string, values: readonly unknown[], signal: AbortSignal): Promise<readonly RowWire[]> =>
    parseWire(SOURCE, rowsWire, await sql.query(text, values, { signal }));
  return {
    code: SOURCE,
    maxKeysPerCall: settings.maxKeysPerCall,
    async fetch(keys, { signal }) {
      const found = await rows(statements.byKey, [keys], signal);
      return new Map(
        found.flatMap((row) => {
          const record = parseRow(row);
          return record === null ? [] : [[row.jlid, record] as const];
        }),
      );
    },
    changes: (cursor, { signal }) =>
      scan(cursor, {
        rows: (after, limit) => rows(statements.scan, [after ?? '', limit], signal),
        parse: parseRow,
        count: async () => parseWire(SOURCE, countWire, await sql.query(statements.count, [], { signal }))[0].zs,
      }),
    async ping({ signal }) {
      parseWire(SOURCE, pingWire, await sql.query(statements.ping, [], { signal }));
    },
    close: () => sql.close(),
  };
}

/** Both lanes together never want more connections than there are: nobody who waits for an answer waits behind the scan. */
function fitting({ policy, connections }: PetitionsSettings): PetitionsSettings['policy'] {
  const bulk = { ...policy.bulk, concurrent: 1 };
  return {
    ...policy,
    bulk,
    interactive: { ...policy.interactive, concurrent: Math.min(policy.interactive.concurrent, connections - 1) },
  };
}

export const createPetitions = (deps: PetitionsDeps): Department<PetitionRecord> =>
  createDepartment({
    wire: createPetitionsWire(deps),
    policy: fitting(deps.settings),
    cache: deps.settings.cache,
    kit: deps.kit,
  });
