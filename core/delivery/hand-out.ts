/** For each id asked for, the row that `holder` has claimed; null where there is none. Asked for twice at once, it is one's only. */
export function handOut<Row extends { readonly id: string }>(
  ids: readonly string[],
  rows: readonly Row[],
  holder: string,
): ((Row & { readonly holder: string }) | null)[] {
  const claimed = new Map(rows.map((row) => [row.id, { ...row, holder }]));
  return ids.map((id) => {
    const mine = claimed.get(id) ?? null;
    claimed.delete(id);
    return mine;
  });
}
