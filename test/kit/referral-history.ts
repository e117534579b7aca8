/** One referral against its own events: that they tell its whole story, and that its clocks said what they had to say. */
import { isDeepStrictEqual } from 'node:util';
import { effectiveDue } from '../../core/referrals/clock.ts';
import type { ReferralEvent } from '../../core/referrals/event.ts';
import { evolve } from '../../core/referrals/evolve.ts';
import { toMessage } from '../../core/referrals/message.ts';
import { isOver, type Clock, type ReferralState } from '../../core/referrals/state.ts';

export type StoredEvent = ReferralEvent & { readonly id: string; readonly responsibleId: string | null };

export interface StoredReferral {
  readonly id: string;
  readonly number: string;
  readonly state: ReferralState;
  /** As they stand in the row. */
  readonly columns: Columns;
  readonly events: readonly StoredEvent[];
  /** What the outbox has of each event. */
  readonly told: readonly { readonly event: string; readonly type: string }[];
  /** Events named in audit entries, as often as they are. */
  readonly audited: readonly string[];
}

export interface Columns {
  readonly status: string;
  readonly version: number;
  readonly lead: string;
  readonly responsible: string | null;
  readonly light: string;
  readonly dueAt: string | null;
  readonly tickAt: string | null;
  readonly isClosed: boolean;
}

const plain = (value: object): unknown => JSON.parse(JSON.stringify(value)) as unknown;

const first = (instants: readonly (string | null)[]): string | null =>
  instants.filter((one) => one !== null).sort()[0] ?? null;

/** What the row must say of this state. Not taken from the engine: it would repeat the engine's mistake. */
function columnsFor({ status, version, lead, responsible, clocks }: ReferralState): Columns {
  const running = clocks.filter(({ stoppedAt }) => stoppedAt === null);
  const lights = running.map(({ light }) => light);
  return {
    ...{ status, version, lead, responsible, isClosed: isOver(status) },
    light: lights.includes('RED') ? 'RED' : lights.includes('YELLOW') ? 'YELLOW' : 'GREEN',
    dueAt: first(running.filter(({ pausedAt }) => pausedAt === null).map(effectiveDue)),
    tickAt: first(running.map(({ nextAt }) => nextAt)),
  };
}

function checkEvents({ id, state, columns, events }: StoredReferral): string[] {
  const faults: string[] = [];
  let now: ReferralState | null = null;
  let version = 0;
  for (const [index, event] of events.entries()) {
    if (event.sequence !== index + 1) return [`its events have a gap: ${event.sequence} stands at ${index + 1}`];
    if (event.version !== version && event.version !== version + 1)
      faults.push(`event ${event.sequence} has version ${event.version} after ${version}`);
    version = event.version;
    if (now === null && event.type !== 'OPENED') return ['its first event does not open it'];
    now = evolve(id, now, event);
    if ((event.responsibleId === null) !== isOver(now.status))
      faults.push(`after event ${event.sequence} ${event.responsibleId ?? 'nobody'} is responsible, ${now.status}`);
    if (event.responsibleId !== now.responsible)
      faults.push(`event ${event.sequence} names another responsible organisation than its history`);
  }
  if (now === null) return ['it has no events'];
  if (!isDeepStrictEqual(plain(now), plain(state))) faults.push('its state is not what its events give');
  if (!isDeepStrictEqual(columnsFor(state), columns)) faults.push('its columns do not say what its state says');
  return faults;
}

function checkTold({ number, state, events, told, audited }: StoredReferral): string[] {
  const faults = events.flatMap((event) => {
    const due = toMessage(event, null, state, number)?.type;
    const types = told.filter((one) => one.event === event.id).map(({ type }) => type);
    const entries = audited.filter((one) => one === event.id).length;
    return [
      ...(isDeepStrictEqual(types, due === undefined ? [] : [due])
        ? []
        : [`event ${event.sequence} (${event.type}) was told ${types.length} times: ${types.join(', ')}`]),
      ...(entries === 1 ? [] : [`event ${event.sequence} is named in ${entries} audit entries`]),
    ];
  });
  const known = new Set(events.map(({ id }) => id));
  if ([...told.map(({ event }) => event), ...audited].some((event) => !known.has(event)))
    faults.push('something was told or written down of an event that is not there');
  return faults;
}

/** Said since the last extension, which has the clock begin anew. */
function saidBy(clock: Clock, events: readonly StoredEvent[]): { readonly yellow: number; readonly red: number } {
  const own = events.filter(({ body }) => 'clock' in body && body.clock === clock.id);
  const since = own.findLast((event) => event.type === 'EXTENSION_DECIDED' && event.body.approved)?.sequence ?? 0;
  const count = (...types: readonly string[]): number =>
    own.filter(({ sequence, type }) => sequence > since && types.includes(type)).length;
  return { yellow: count('CLOCK_YELLOW'), red: count('CLOCK_RED', 'RED_CARD') };
}

function checkClocks({ state, events }: StoredReferral, business: Date, settled: boolean): string[] {
  const now = business.toISOString();
  return state.clocks.flatMap((clock) => {
    const { yellow, red } = saidBy(clock, events);
    const isRunning = clock.stoppedAt === null && clock.pausedAt === null;
    const late = (due: string, said: number): boolean => settled && isRunning && due <= now && said === 0;
    return [
      ...(late(clock.yellowAt, yellow) ? [`clock ${clock.name} did not say that it turned yellow`] : []),
      ...(late(effectiveDue(clock), red) ? [`clock ${clock.name} did not say that it was due`] : []),
      ...(yellow > 1 || red > 1 ? [`clock ${clock.name} said ${yellow} times yellow and ${red} times red`] : []),
    ];
  });
}

/** `settled` false: clocks that are due may not have been looked at yet. */
export const checkHistory = (referral: StoredReferral, business: Date, settled: boolean): string[] =>
  [...checkEvents(referral), ...checkTold(referral), ...checkClocks(referral, business, settled)].map(
    (fault) => `referral ${referral.id}: ${fault}`,
  );
