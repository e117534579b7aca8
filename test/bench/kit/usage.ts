/** What a process has used, as it says itself. */
export interface Usage {
  readonly peakBytes: number;
  readonly residentBytes: number;
  readonly cpuMs: number;
  /** SQL statements; 0 for a program that does not count them. */
  readonly statements: number;
}

/** In a measured program: answers `usage`, and tells its parent things. */
export function answerUsage(statements: () => number): (said: object) => void {
  const tell = (said: object): void => void process.send?.(said);
  // Killed with its parent: nobody would read what it goes on to do.
  process.once('disconnect', () => process.exit(1));
  process.on('message', (command) => {
    if (command !== 'usage') return;
    const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
    const usage: Usage = {
      peakBytes: maxRSS * 1024,
      residentBytes: process.memoryUsage.rss(),
      cpuMs: (userCPUTime + systemCPUTime) / 1_000,
      statements: statements(),
    };
    tell({ usage });
  });
  return tell;
}
