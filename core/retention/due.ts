/** How much has had its time, and since when the oldest of it is there. */
export interface Due {
  readonly count: number;
  readonly oldest: Date | null;
}
