/** Two readings of what is not known to be closed: results are as if open, and carry what is otherwise if closed. */
type Row = Record<string, unknown>;

/** A result as it is if everything not known to be closed is closed; as it stands where it says nothing of that. */
export function asRead<T extends { if_closed?: object }>(result: T, isClosed: boolean, keys: readonly string[]): T {
  if (!isClosed || !result.if_closed) return result;
  const tables = result as unknown as Record<string, Row[]>;
  const read: Record<string, Row[]> = {};
  for (const [name, rows] of Object.entries(result.if_closed as Record<string, Row[]>))
    read[name] = keys.length > 0 ? merged(tables[name] ?? [], rows, keys) : rows;
  return { ...result, ...read };
}

/** The rows in their order, those that are otherwise in place of what they were. */
function merged(rows: readonly Row[], others: readonly Row[], keys: readonly string[]): Row[] {
  const keyOf = (row: Row) => JSON.stringify(keys.map((key) => row[key] ?? null));
  const byKey = new Map(others.map((row) => [keyOf(row), row]));
  const known = new Set(rows.map(keyOf));
  return [...rows.map((row) => byKey.get(keyOf(row)) ?? row), ...others.filter((row) => !known.has(keyOf(row)))];
}
