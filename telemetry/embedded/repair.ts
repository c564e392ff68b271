import type { Session } from 'chdb';

/** Removes all rows of the given batches from every table that keeps a batch's id. Ids are decimal digits. */
export async function removeBatches(session: Session, batchIds: string[]): Promise<void> {
  const tables = await session.queryAsync(
    `SELECT c.database AS database, c.table AS table, c.name AS column FROM system.columns AS c
     INNER JOIN system.tables AS t ON t.database = c.database AND t.name = c.table
     WHERE c.name IN ('batch_id', 'BatchId') AND t.engine LIKE '%MergeTree'`,
    { format: 'JSONEachRow' },
  );
  const rows = tables.text().split('\n').filter(Boolean).map(parseColumn);
  for (const { database, table, column } of rows) {
    const matching = `${column} IN (${batchIds.join(', ')})`;
    const name = `\`${database}\`.\`${table}\``;
    await session.queryAsync(`ALTER TABLE ${name} DELETE WHERE ${matching} SETTINGS mutations_sync = 2`);
  }
}

function parseColumn(line: string): { database: string; table: string; column: string } {
  const row: Record<string, string> = JSON.parse(line);
  return { database: row.database ?? '', table: row.table ?? '', column: row.column ?? '' };
}
