/**
 * Runs when what was begun in this turn of the program has gone out. An HTTP client looks whether a connection that was idle is
 * still there before it writes, and does so at the end of the turn; and who is woken by what is written may take the processor
 * at once. Who waits for the slowest of several lets its request go first.
 */
export const afterThisTurn = (begin: () => void): void => void setImmediate(() => setImmediate(begin));

/** The same, to wait for. */
export const thisTurnOver = (): Promise<void> => new Promise(afterThisTurn);
