/** How a department's system is asked: two lanes, a circuit breaker, retries. The caller brings the time budget as a signal. */
import {
  BrokenCircuitError,
  BulkheadRejectedError,
  CircuitState as BreakerState,
  ConsecutiveBreaker,
  ExponentialBackoff,
  bulkhead,
  circuitBreaker,
  handleWhen,
  retry,
} from 'cockatiel';
import type { CircuitState, ReadPriority, SourceCode } from '../../core/department.ts';
import { orAborted, sleep, withinBudget } from './budget.ts';
import type { PolicySettings } from './settings.ts';
import { isWireFault, wireFault } from './wire-fault.ts';
import type { WireFault } from './wire-fault.ts';

type Call<T> = (signal: AbortSignal) => Promise<T>;

export interface Policy {
  /** A read by key: takes a place in its lane, teaches the circuit breaker. */
  read<T>(priority: ReadPriority, signal: AbortSignal, call: Call<T>): Promise<T>;
  /** A page of the change feed: in the bulk lane; heeds an open circuit but does not open one, for people's reads may be well. */
  page<T>(signal: AbortSignal, call: Call<T>): Promise<T>;
  circuit(): CircuitState;
  close(): void;
}

export interface PolicyDeps {
  readonly source: SourceCode;
  readonly settings: PolicySettings;
  /** Asks whether the system answers; used while the circuit is open. */
  readonly ping: Call<void>;
  readonly onCircuit?: (state: CircuitState) => void;
}

const DEFAULT_RETRY_AFTER_MS = 1_000;

export function createPolicy({ source, settings, ping, onCircuit }: PolicyDeps): Policy {
  const fault = (reason: WireFault['reason']): WireFault => wireFault(source, reason);
  const lanes = {
    interactive: bulkhead(settings.interactive.concurrent, settings.interactive.queue),
    bulk: bulkhead(settings.bulk.concurrent, settings.bulk.queue),
  };
  const again = retry(
    handleWhen((error) => isWireFault(error) && error.reason === 'unreachable'),
    {
      maxAttempts: settings.retries,
      // Decorrelated jitter: callers that failed together do not come back together.
      backoff: new ExponentialBackoff({ initialDelay: 40, maxDelay: 400 }),
    },
  );
  const breaker = circuitBreaker(
    // A caller who gave up says nothing of the department, and who answers that the quota is spent is well; except in the
    // trial of a half-open circuit, which only an answer may close.
    handleWhen(
      (error) => (isWireFault(error) && error.reason !== 'limited') || breaker.state === BreakerState.HalfOpen,
    ),
    { halfOpenAfter: 0, breaker: new ConsecutiveBreaker(settings.failuresToOpen) },
  );

  // While the circuit is open nobody's question is spent on finding out: a timer pings, and only when that is answered is
  // one read let through as the trial, since a system may echo well and still not answer questions.
  let answersAgain = false;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const probe = async (): Promise<void> => {
    try {
      await withinBudget(settings.pingBudgetMs, undefined, () => fault('slow'), ping);
      if (closed || breaker.state !== BreakerState.Open) return;
      answersAgain = true;
      onCircuit?.('HALF_OPEN');
    } catch {
      // Still unwell, as expected: that it is, was told when the circuit opened.
      schedule();
    }
  };
  const schedule = (): void => {
    if (closed) return;
    clearTimeout(timer);
    timer = setTimeout(() => void probe(), settings.probeEveryMs);
    timer.unref();
  };
  breaker.onBreak(() => {
    answersAgain = false;
    onCircuit?.('OPEN');
    schedule();
  });
  breaker.onReset(() => {
    clearTimeout(timer);
    onCircuit?.('CLOSED');
  });

  const refuseWhenOpen = (): void => {
    if (breaker.state === BreakerState.HalfOpen) throw fault('open');
    if (breaker.state === BreakerState.Open && !answersAgain) throw fault('open');
  };

  const attempt = <T>(signal: AbortSignal, call: Call<T>): Promise<T> =>
    again.execute(async () => {
      signal.throwIfAborted();
      return orAborted(call(signal), signal);
    }, signal);

  /** The nightly reading-in waits as long as a spent quota asks; its signal ends that. */
  const patiently = async <T>(signal: AbortSignal, call: Call<T>): Promise<T> => {
    for (;;) {
      try {
        return await attempt(signal, call);
      } catch (error) {
        if (!isWireFault(error) || error.reason !== 'limited') throw error;
        await sleep(error.retryAfterMs ?? DEFAULT_RETRY_AFTER_MS, signal).catch(() => {
          // Not the signal's own reason: the system was not slow, we had asked too often.
          throw error;
        });
      }
    }
  };

  const inLane = async <T>(priority: ReadPriority, signal: AbortSignal, run: () => Promise<T>): Promise<T> => {
    refuseWhenOpen();
    try {
      // Waiting for a place ends with the signal too; the place itself is then given up unused.
      return await orAborted(
        lanes[priority].execute(async () => {
          refuseWhenOpen();
          return run();
        }, signal),
        signal,
      );
    } catch (error) {
      if (error instanceof BulkheadRejectedError) throw fault('crowded');
      if (error instanceof BrokenCircuitError) throw fault('open');
      throw error;
    }
  };

  return {
    read: (priority, signal, call) =>
      inLane(priority, signal, async () => {
        const run = priority === 'bulk' ? patiently : attempt;
        return breaker.execute(() => run(signal, call));
      }),
    page: (signal, call) => inLane('bulk', signal, () => patiently(signal, call)),
    circuit() {
      if (breaker.state === BreakerState.Closed) return 'CLOSED';
      return breaker.state === BreakerState.Open && !answersAgain ? 'OPEN' : 'HALF_OPEN';
    },
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
