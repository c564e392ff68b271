import { ClickHouseError } from '@clickhouse/client';

/** The store is away or too slow. What was appended is not acknowledged: the sender keeps it and tries again. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
  readonly retryAfterSeconds = 2;
}

/** The store will never take these rows as they are (a value out of its range): trying again is of no use. */
export class RowsRefusedError extends Error {
  override readonly name = 'RowsRefusedError';
}

/** ClickHouse's codes for data that cannot be read into the table's columns. */
const dataErrorCodes = new Set([
  '6',
  '25',
  '26',
  '27',
  '33',
  '38',
  '41',
  '53',
  '69',
  '70',
  '72',
  '117',
  '130',
  '321',
  '349',
  '407',
  '467',
]);

/** True when a statement failed because of the rows in it. */
export function isDataError(error: unknown): boolean {
  return error instanceof ClickHouseError && dataErrorCodes.has(error.code);
}
