/** How large a run is, and what is done to it meanwhile. */
export interface ChaosOptions {
  readonly backend: 'postgres' | 'redis';
  readonly referrals: number;
  /** `kill -9` of the gateway or of the worker. */
  readonly kills: number;
  /** Of Redis; nothing without it. */
  readonly empties: number;
  /** Of PostgreSQL: in turn an orderly stop and `kill -9` of all its processes. */
  readonly restarts: number;
  /** How often a receiver fails a message and the probe after it, which then comes after five minutes. */
  readonly doubles: number;
  readonly seed: number;
  /** Stories that are played at once. */
  readonly atOnce: number;
  /** By then everything has been done to it, however far the stories are; null leaves it to them. */
  readonly disturbWithinMs: number | null;
  /** How long the end may be waited for when nothing is disturbed any more. */
  readonly quietWithinMs: number;
  readonly say: (line: string) => void;
  /** Given how to end what runs, for who is told to stop in the middle of it. */
  readonly onOpen: (close: () => Promise<void>) => void;
}
