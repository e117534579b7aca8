/** The police's incident service: signed REST/JSON, asked by incident key or for what changed since a cursor. */
import { z } from 'zod';
import type { Change, Department, Quarantined } from '../../core/department.ts';
import type { PoliceIncidentRecord } from '../../core/department-record.ts';
import { badInput } from '../../core/platform/errors.ts';
import { createDepartment } from '../kit/department.ts';
import { createHttp } from '../kit/http.ts';
import type { Kit } from '../kit/kit.ts';
import { parseWire, tryParse } from '../kit/parse.ts';
import type { Parsed } from '../kit/parse.ts';
import { kitSettings } from '../kit/settings.ts';
import { isWireFault, wireFault } from '../kit/wire-fault.ts';
import type { WireFault } from '../kit/wire-fault.ts';
import type { Wire } from '../kit/wire.ts';
import { createCallQuota } from './call-quota.ts';
import { toIncident, toStub } from './map.ts';
import { createSignedHttp } from './signed-http.ts';
import { changesWire, changeWire, incidentsWire, incidentWire, itemWire, statusWire, stubWire } from './wire.ts';

const SOURCE = 'POLICE';
const CURSOR_UNKNOWN = '4003';
const DAY_MS = 24 * 60 * 60 * 1_000;

export const policeSettings = z.strictObject({
  /** `http://host:port` of the bureau's service gateway. */
  origin: z.url({ protocol: /^https?$/ }),
  path: z.string().startsWith('/').default('/jwzh/api/v2'),
  keyId: z.string().regex(/^[\w.-]+$/),
  secret: z.string().min(1),
  /** Incident keys in one call; the service takes 500. */
  maxKeysPerCall: z.number().int().positive().max(500).default(500),
  /** Incidents on a page of the change feed; the service gives 2,000. */
  pageSize: z.number().int().positive().max(2_000).default(2_000),
  /** Calls by key that the bureau allows us in a minute, all our processes together. */
  callsPerMinute: z.number().int().positive().default(600),
  /** What bulk reading may take of them; the rest is kept for people who wait for an answer. */
  bulkShare: z.number().positive().max(1).default(0.6),
  /** Clocks further apart are not followed. */
  maxClockSkewMs: z.number().int().nonnegative().default(DAY_MS),
  ...kitSettings,
});
export type PoliceSettings = z.infer<typeof policeSettings>;

export interface PoliceDeps {
  readonly settings: PoliceSettings;
  readonly kit: Kit;
}

const mapped = <T>(parsed: Parsed<T>, map: (value: T) => PoliceIncidentRecord): PoliceIncidentRecord | WireFault =>
  'fault' in parsed ? parsed.fault : map(parsed.value);

/** By key, a classified incident is a stub, and no more is taken of it even if more were sent. */
function parseIncident(item: unknown): PoliceIncidentRecord | WireFault {
  const head = tryParse(SOURCE, itemWire, item);
  if ('fault' in head) return head.fault;
  return head.value.smbz
    ? mapped(tryParse(SOURCE, stubWire, item), toStub)
    : mapped(tryParse(SOURCE, incidentWire, item), toIncident);
}

function parseChange(item: unknown): Change<PoliceIncidentRecord> | WireFault {
  const head = tryParse(SOURCE, changeWire, item);
  if ('fault' in head) return head.fault;
  if (head.value.czbs === 'delete') return { type: 'delete', key: head.value.jqbs };
  const record = mapped(tryParse(SOURCE, incidentWire, item), toIncident);
  return isWireFault(record) ? record : { type: 'upsert', record };
}

/** Where the police find it: by its key where it has one, else by its place on the page. */
function whereOf(item: unknown, cursor: string | null, index: number): string {
  const key = tryParse(SOURCE, itemWire.pick({ jqbs: true }), item);
  return 'value' in key ? `警情标识 ${key.value.jqbs}` : `游标 ${cursor ?? '(首页)'} 之后第 ${index + 1} 条`;
}

function createPoliceWire({ settings, kit }: PoliceDeps): Wire<PoliceIncidentRecord> {
  const { policy } = settings;
  const http = createHttp({
    source: SOURCE,
    origin: settings.origin,
    connections: policy.interactive.concurrent + policy.bulk.concurrent + 1,
  });
  const gateway = createSignedHttp({ ...settings, source: SOURCE, http, clock: kit.clock, log: kit.log });
  const quota = createCallQuota({
    perMinute: settings.callsPerMinute,
    bulkShare: settings.bulkShare,
    now: () => performance.now(),
  });
  return {
    code: SOURCE,
    maxKeysPerCall: settings.maxKeysPerCall,
    async fetch(keys, { signal, priority }) {
      const wait = quota.admit(priority);
      if (wait !== null) throw wireFault(SOURCE, 'limited', { retryAfterMs: wait });
      try {
        // In the body: an address ends in logs.
        const data = await gateway.call({ method: 'POST', path: '/jqcx', body: { jqbs: keys }, signal });
        const { jqlb } = parseWire(SOURCE, incidentsWire, data);
        return new Map(jqlb.map((item) => [item.jqbs, parseIncident(item)]));
      } catch (error) {
        if (isWireFault(error) && error.reason === 'limited') quota.pause(error.retryAfterMs ?? 0);
        throw error;
      }
    },
    async changes(cursor, { signal }) {
      const after = cursor === null ? '' : `&yb=${encodeURIComponent(cursor)}`;
      const data = await gateway.call({
        method: 'GET',
        path: `/jqbg?ts=${settings.pageSize}${after}`,
        signal,
        onRefusal: (code) =>
          code === CURSOR_UNKNOWN ? badInput('cursor', 'This is not a cursor of the police.') : null,
      });
      const page = parseWire(SOURCE, changesWire, data);
      // More to come behind the same place would be asked for for ever.
      if (page.sfhy && (page.jqlb.length === 0 || page.yb === cursor)) {
        throw wireFault(SOURCE, 'unparsable', { field: 'sfhy' });
      }
      const changes: Change<PoliceIncidentRecord>[] = [];
      const quarantined: Quarantined[] = [];
      for (const [index, item] of page.jqlb.entries()) {
        const change = parseChange(item);
        if (isWireFault(change)) {
          quarantined.push({ where: whereOf(item, cursor, index), field: change.field ?? '', reason: 'not readable' });
        } else changes.push(change);
      }
      return { changes, quarantined, cursor: page.yb, more: page.sfhy, total: page.zs };
    },
    async ping({ signal }) {
      parseWire(SOURCE, statusWire, await gateway.call({ method: 'GET', path: '/zt', signal }));
    },
    close: () => http.close(),
  };
}

export const createPolice = (deps: PoliceDeps): Department<PoliceIncidentRecord> =>
  createDepartment({
    wire: createPoliceWire(deps),
    policy: deps.settings.policy,
    cache: deps.settings.cache,
    kit: deps.kit,
  });
