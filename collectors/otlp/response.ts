import { PbfWriter } from 'pbf';

/** How the sender speaks; answers are in the same encoding. */
export type Encoding = 'protobuf' | 'json';

export const contentTypes: Record<Encoding, string> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};

type OtlpSignal = 'traces' | 'metrics' | 'logs';

const rejectedField: Record<OtlpSignal, string> = {
  traces: 'rejectedSpans',
  metrics: 'rejectedDataPoints',
  logs: 'rejectedLogRecords',
};

/** An `Export<Signal>ServiceResponse`: empty when all is stored, else with what was left out and why. */
export function encodeSuccess(
  encoding: Encoding,
  signal: OtlpSignal,
  partial: { rejected: number; message: string },
): Uint8Array | string {
  if (encoding === 'json') {
    return partial.rejected === 0
      ? '{}'
      : JSON.stringify({
          partialSuccess: { [rejectedField[signal]]: String(partial.rejected), errorMessage: partial.message },
        });
  }
  const writer = new PbfWriter();
  if (partial.rejected > 0) writer.writeMessage(1, writePartialSuccess, partial);
  return writer.finish();
}

// Messages go as bytes: pbf's own text writer garbles characters of the upper planes.
function writePartialSuccess(partial: { rejected: number; message: string }, writer: PbfWriter): void {
  writer.writeVarintField(1, partial.rejected);
  writer.writeBytesField(2, Buffer.from(partial.message));
}

/** gRPC codes for the HTTP statuses that a receiver answers with. */
const rpcCodes: Record<number, number> = { 400: 3, 405: 12, 413: 8, 415: 3, 503: 14 };
const rpcInternal = 13;

/** A `google.rpc.Status`. */
export function encodeStatus(encoding: Encoding, httpStatus: number, message: string): Uint8Array | string {
  const code = rpcCodes[httpStatus] ?? rpcInternal;
  if (encoding === 'json') return JSON.stringify({ code, message });
  const writer = new PbfWriter();
  writer.writeVarintField(1, code);
  writer.writeBytesField(2, Buffer.from(message));
  return writer.finish();
}
