/** Checks that any system must pass, a real one too: they only read. */
import type { Department, Reading } from '../../core/department.ts';
import type { DepartmentRecord } from '../../core/department-record.ts';
import { AppError } from '../../core/platform/errors.ts';
import { ensure, readFeed, someKeys, withDepartment } from './conformance.ts';
import type { Check, ConformanceContext } from './conformance.ts';

const check = (title: string, work: (department: Department, context: ConformanceContext) => Promise<void>): Check => ({
  title,
  needsMisbehaviour: false,
  run: (context) => withDepartment(context, (department) => work(department, context)),
});

const interactive = { priority: 'interactive' } as const;
const isInstant = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/.test(text) && !Number.isNaN(Date.parse(text));
const isDay = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`));
const isCode = (text: string): boolean => /^[A-Z][A-Z0-9_]*$/.test(text);
const isClean = (text: string | null): boolean => text === null || (text.trim() === text && text !== '');

/** The first thing wrong with a record, by the name of its field; null when it is well formed. */
export function faultOf(record: DepartmentRecord, source: string): string | null {
  const refs = record.participants.map((participant) => participant.ref);
  const rules: readonly (readonly [string, boolean])[] = [
    ['source', record.source === source],
    ['kind', isCode(record.kind)],
    ['key', record.key !== '' && isClean(record.key)],
    ['number', record.number !== '' && isClean(record.number)],
    ['at', isInstant(record.at)],
    ['office', isClean(record.office)],
    ['place', isClean(record.place)],
    ['category', record.category === null || isCode(record.category)],
    ['participants.ref', refs.every((ref) => ref !== '') && new Set(refs).size === refs.length],
    ['participants.role', record.participants.every(({ role }) => role !== '')],
    ['participants.name', record.participants.every(({ name }) => name !== '' && isClean(name))],
    ['participants.sex', record.participants.every(({ sex }) => ['MALE', 'FEMALE', 'UNKNOWN'].includes(sex))],
    ['participants.birthDate', record.participants.every(({ birthDate }) => birthDate === null || isDay(birthDate))],
    [
      'participants.citizenId',
      record.participants.every(({ citizenId }) => citizenId === null || /^[!-~]+$/.test(citizenId)),
    ],
    ['participants.phone', record.participants.every(({ phone }) => phone === null || /^[!-~]+$/.test(phone))],
    ['participants.address', record.participants.every(({ address }) => isClean(address))],
    ['references', record.references.every((other) => isCode(other.source) && other.number !== '')],
    ['accused', new Set(record.accused).size === record.accused.length],
    ['sealed', typeof record.sealed === 'boolean'],
    ['classified', typeof record.classified === 'boolean'],
    ['protected', typeof record.protected === 'boolean'],
  ];
  return rules.find(([, holds]) => !holds)?.[0] ?? null;
}

const isHealthy = ({ freshness }: Reading, context: ConformanceContext): boolean =>
  freshness.status === context.healthyStatus && freshness.asOf !== null && isInstant(freshness.asOf);

export const readingChecks: readonly Check[] = [
  check('The system answers a ping', (department) => department.ping()),

  check('Health is known without asking, and counts what was asked', async (department) => {
    const before = department.health();
    ensure(before.successes === 0 && before.lastSuccessAt === null, 'A department that was never asked has successes.');
    ensure(before.circuit === 'CLOSED', 'The circuit of a department that was never asked is not closed.');
    await department.read(await someKeys(department, 1), interactive);
    const after = department.health();
    ensure(after.successes > before.successes && after.failures === 0, 'Successes and failures are not counted.');
    ensure(after.lastSuccessAt !== null && isInstant(after.lastSuccessAt), 'lastSuccessAt is not an instant.');
    ensure(after.latencyP95Ms !== null && after.latencyP95Ms > 0, 'No latency was measured.');
  }),

  check('The change feed leads from the beginning through to its end', async (department, context) => {
    const feed = await readFeed(department, context.maxPages);
    ensure(feed.changes.length > 0, 'The feed is empty.');
    if (!feed.complete) return;
    const unreadable = feed.quarantined.length;
    ensure(
      feed.total === null || Math.abs(feed.total - feed.keys.length) <= unreadable,
      'The feed gave another number of records than it says the system holds.',
    );
    const again = await department.changes(feed.cursor);
    ensure(
      again.changes.length < feed.changes.length || feed.changes.length < 3,
      'Behind its end the feed starts anew.',
    );
  }),

  check('The change feed resumes from any stored cursor, and gives the same again', async (department) => {
    const first = await department.changes(null);
    const once = await department.changes(first.cursor);
    const twice = await department.changes(first.cursor);
    ensure(JSON.stringify(once.changes) === JSON.stringify(twice.changes), 'The same cursor gave other changes.');
    const seen = new Set(first.changes.map((change) => (change.type === 'upsert' ? change.record.key : change.key)));
    ensure(
      !first.more || once.changes.some((change) => change.type === 'delete' || !seen.has(change.record.key)),
      'The second page repeats the first.',
    );
    ensure(first.cursor.length <= 4_096, 'A cursor is longer than 4,096 characters.');
  }),

  check('A cursor that is none of its own is refused', async (department) => {
    const outcome: unknown = await department.changes('zzz!').then(
      () => null,
      (error: unknown) => error,
    );
    ensure(outcome instanceof AppError && outcome.code === 'BAD_USER_INPUT', 'A wrong cursor is not BAD_USER_INPUT.');
    ensure(!outcome.message.includes('zzz'), 'The refusal quotes the cursor.');
  }),

  check('Every record is well formed', async (department, context) => {
    const feed = await readFeed(department, context.maxPages);
    for (const change of feed.changes) {
      if (change.type !== 'upsert') continue;
      const fault = faultOf(change.record, department.code);
      ensure(fault === null, `A record's ${fault ?? ''} is not well formed.`);
    }
    for (const item of feed.quarantined)
      ensure(
        item.where !== '' && item.field !== '',
        'What was set aside does not say where it stands, or which field.',
      );
  }),

  check('A record read by its key is the one of the change feed', async (department) => {
    const { changes } = await readFeed(department, 1);
    const latest = new Map(
      changes.flatMap((change) => (change.type === 'upsert' ? [[change.record.key, change.record] as const] : [])),
    );
    const keys = [...latest.keys()].slice(0, 20);
    const reading = await department.read(keys, interactive);
    for (const key of keys) {
      const record = reading.records.get(key);
      ensure(record !== undefined, 'A record of the feed is not found by its key.');
      if (latest.get(key)?.classified) {
        // By key a department may hold back all but that it exists.
        ensure(record.classified, 'What the feed says is classified is open by its key.');
        continue;
      }
      ensure(JSON.stringify(record) === JSON.stringify(latest.get(key)), 'Feed and reading by key differ in a record.');
    }
  }),

  check('What it holds is found, what it does not hold is absent', async (department, context) => {
    const keys = await someKeys(department, 3);
    const reading = await department.read([...keys, context.unknownKey], interactive);
    ensure(isHealthy(reading, context), 'The answer of a healthy system is not marked as current.');
    ensure(reading.records.size === keys.length, 'Not exactly the keys that exist were found.');
    ensure(
      [...reading.records].every(([key, record]) => record.key === key),
      'A record is filed under another key.',
    );
    const none = await department.read([context.unknownKey], interactive);
    ensure(isHealthy(none, context) && none.records.size === 0, 'An unknown key is not simply absent.');
  }),

  check('Keys asked twice are answered once, and no keys cost nothing', async (department) => {
    const [key = ''] = await someKeys(department, 1);
    const reading = await department.read([key, key, key], interactive);
    ensure(reading.records.size === 1, 'A key asked three times is not one record.');
    const asked = department.health().successes;
    const empty = await department.read([], interactive);
    ensure(empty.records.size === 0 && department.health().successes === asked, 'A read of no keys asked the system.');
  }),

  check('More keys than one call takes are cut into several calls', async (department, context) => {
    const keys = await someKeys(department, Math.min(context.maxKeysPerCall + 3, 450));
    const padding = Math.max(0, context.maxKeysPerCall + 3 - keys.length);
    const more = Array.from({ length: padding }, (_, index) =>
      `${context.unknownKey}${index % 10}`.slice(-context.unknownKey.length),
    );
    const reading = await department.read([...keys, ...more], { priority: 'bulk' });
    ensure(isHealthy(reading, context), 'A read of many keys is not answered as current.');
    ensure(
      keys.every((key) => reading.records.has(key)),
      'A read of many keys lost some.',
    );
  }),

  check('Readers of the same key at the same time share one call', async (department) => {
    const [key = ''] = await someKeys(department, 1);
    const asked = department.health().successes;
    const readings = await Promise.all(Array.from({ length: 10 }, () => department.read([key], interactive)));
    ensure(
      readings.every(({ records }) => records.has(key)),
      'A reader of a shared call got nothing.',
    );
    ensure(department.health().successes === asked + 1, 'Ten readers of one key made more than one call.');
  }),

  check('Who gives up gets away at once, and it is no failure of the department', async (department) => {
    const keys = await someKeys(department, 2);
    const giveUp = new AbortController();
    const reading = department.read(keys, { ...interactive, signal: giveUp.signal });
    const reason = new Error('given up');
    giveUp.abort(reason);
    const outcome: unknown = await reading.catch((error: unknown) => error);
    ensure(outcome === reason, 'An aborted read does not reject with the reason.');
    ensure(department.health().failures === 0, 'An aborted read counts as a failure of the department.');
    const after = await department.read(keys, interactive);
    ensure(after.records.size === keys.length, 'After an aborted read the next one finds nothing.');
  }),

  check('A read is answered within its budget', async (department, context) => {
    const keys = await someKeys(department, 5);
    const began = performance.now();
    await department.read(keys, interactive);
    ensure(performance.now() - began < context.policy.interactiveBudgetMs, 'A read took longer than its budget.');
  }),
];
