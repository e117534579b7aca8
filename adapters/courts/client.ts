/** The court's case query service: SOAP 1.1, asked by record number or for what changed since a change number. */
import { z } from 'zod';
import type { Department } from '../../core/department.ts';
import type { Change, ChangePage, Quarantined } from '../../core/department.ts';
import type { CourtCaseRecord } from '../../core/department-record.ts';
import { badInput } from '../../core/platform/errors.ts';
import { createDepartment } from '../kit/department.ts';
import { createHttp } from '../kit/http.ts';
import type { Kit } from '../kit/kit.ts';
import { parseWire, tryParse } from '../kit/parse.ts';
import { kitSettings } from '../kit/settings.ts';
import { createSoap, escapeXml } from '../kit/soap.ts';
import { isWireFault, wireFault } from '../kit/wire-fault.ts';
import type { WireFault } from '../kit/wire-fault.ts';
import type { Wire } from '../kit/wire.ts';
import { toCourtCase } from './map.ts';
import { casesWire, caseWire, changedCasesWire, echoWire } from './wire.ts';

const SOURCE = 'COURTS';

export const courtsSettings = z.strictObject({
  /** `http://host:port` of the court's service bus. */
  origin: z.url({ protocol: /^https?$/ }),
  path: z.string().startsWith('/').default('/services/CaseQueryService'),
  namespace: z.string().default('urn:fayuan:anjian:2013'),
  username: z.string().min(1),
  password: z.string().min(1),
  /** Record numbers in one call; the service takes 200. */
  maxKeysPerCall: z.number().int().positive().max(200).default(200),
  /** Cases on a page of the change list; the service gives 500. */
  pageSize: z.number().int().positive().max(500).default(500),
  /** Its pages that make one of ours: as many cases at a time as other departments give, so that it is read in as fast. */
  pagesAtOnce: z.number().int().positive().max(20).default(4),
  ...kitSettings,
});
export type CourtsSettings = z.infer<typeof courtsSettings>;

export interface CourtsDeps {
  readonly settings: CourtsSettings;
  readonly kit: Kit;
}

/** `since.until.after`: cases changed in (since, until], by record number beyond `after`; `until` empty before a first page. */
interface Place {
  readonly since: string;
  readonly until: string;
  readonly after: string;
}

function placeOf(cursor: string | null): Place {
  if (cursor === null) return { since: '0', until: '', after: '0' };
  const parts = /^(\d{1,15})\.(\d{0,15})\.(\d{1,15})$/.exec(cursor);
  if (parts === null) throw badInput('cursor', 'This is not a cursor of the courts.');
  return { since: parts[1] ?? '', until: parts[2] ?? '', after: parts[3] ?? '' };
}

const parseCase = (item: unknown): CourtCaseRecord | WireFault => {
  const parsed = tryParse(SOURCE, caseWire, item);
  return 'fault' in parsed ? parsed.fault : toCourtCase(parsed.value);
};

/** A slow court's pages are handed on before they are all together. */
const GATHERED_FOR_MS = 10_000;

function createCourtsWire({ settings, kit }: CourtsDeps): Wire<CourtCaseRecord> {
  const { policy } = settings;
  const http = createHttp({
    source: SOURCE,
    origin: settings.origin,
    connections: policy.interactive.concurrent + policy.bulk.concurrent + 1,
  });
  const soap = createSoap({ ...settings, source: SOURCE, http, clock: kit.clock });

  async function changedPage(cursor: string | null, signal: AbortSignal): Promise<ChangePage<CourtCaseRecord>> {
    const { since, until, after } = placeOf(cursor);
    const body =
      `<op:QSBGH>${since}</op:QSBGH><op:ZZBGH>${until}</op:ZZBGH>` +
      `<op:QSJLH>${after}</op:QSJLH><op:MYTS>${settings.pageSize}</op:MYTS>`;
    const page = parseWire(SOURCE, changedCasesWire, await soap.call('ListChangedCases', body, { signal }));
    // More to come after nothing would be asked for for ever.
    if (page.SFHY && page.AnJianLB.length === 0) throw wireFault(SOURCE, 'unparsable', { field: 'SFHY' });
    const changes: Change<CourtCaseRecord>[] = [];
    const quarantined: Quarantined[] = [];
    for (const item of page.AnJianLB) {
      if (item.SC === true) {
        changes.push({ type: 'delete', key: item.JLH });
        continue;
      }
      const record = parseCase(item);
      if ('stage' in record) changes.push({ type: 'upsert', record });
      else quarantined.push({ where: `记录号 ${item.JLH}`, field: record.field ?? '', reason: 'not readable' });
    }
    // While pages remain, `until` is kept from the first: a case that changes meanwhile leaves this pass for the next.
    const last = page.AnJianLB.at(-1)?.JLH ?? after;
    return {
      changes,
      quarantined,
      cursor: page.SFHY ? `${since}.${page.ZZBGH}.${last}` : `${page.ZZBGH}..0`,
      more: page.SFHY,
      total: page.ZS,
    };
  }

  return {
    code: SOURCE,
    maxKeysPerCall: settings.maxKeysPerCall,
    async fetch(keys, { signal }) {
      const body = keys.map((key) => `<op:JLH>${escapeXml(key)}</op:JLH>`).join('');
      const reply = parseWire(SOURCE, casesWire, await soap.call('GetCasesByKey', body, { signal }));
      return new Map(reply.AnJianLB.map((item) => [item.JLH, parseCase(item)]));
    },
    async changes(cursor, { signal }) {
      // Well before whoever asked gives up.
      const enough = AbortSignal.timeout(Math.min(GATHERED_FOR_MS, Math.floor(policy.changesBudgetMs / 6)));
      let page = await changedPage(cursor, signal);
      for (let pages = 1; page.more && pages < settings.pagesAtOnce && !enough.aborted; pages += 1) {
        const within = AbortSignal.any([signal, enough]);
        const next = await changedPage(page.cursor, within).catch((error: unknown) => {
          if (isWireFault(error) || (enough.aborted && !signal.aborted)) return null;
          throw error;
        });
        // What has come counts. Whoever asks on behind it meets the failure at once, if it lasts.
        if (next === null) break;
        const changes = [...page.changes, ...next.changes];
        page = { ...next, changes, quarantined: [...page.quarantined, ...next.quarantined] };
      }
      return page;
    },
    async ping({ signal }) {
      parseWire(SOURCE, echoWire, await soap.call('Echo', '', { signal }));
    },
    close: () => http.close(),
  };
}

export const createCourts = (deps: CourtsDeps): Department<CourtCaseRecord> =>
  createDepartment({
    wire: createCourtsWire(deps),
    policy: deps.settings.policy,
    cache: deps.settings.cache,
    kit: deps.kit,
  });
