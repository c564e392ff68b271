import { PbfWriter } from 'pbf';

/**
 * OTLP requests as a fleet of services sends them: every series reports again every interval, every span is new.
 * Requests are built before the clock starts, so that the load generator costs the measured side as little as it can.
 */

const base = BigInt(Date.now()) * 1_000_000n;

function writeText(field: number, text: string, writer: PbfWriter): void {
  writer.writeStringField(field, text);
}

function writeAttribute([key, value]: [string, string], writer: PbfWriter): void {
  writeText(1, key, writer);
  writer.writeMessage(2, (text, any) => writeText(1, text, any), value);
}

function writeNanos(field: number, nanos: bigint, writer: PbfWriter): void {
  writer.writeTag(field, 1);
  writer.writeFixed32(Number(nanos & 0xffffffffn));
  writer.writeFixed32(Number(nanos >> 32n));
}

function writeResource(service: number, writer: PbfWriter): void {
  const attributes: [string, string][] = [
    ['service.name', `service-${service}`],
    ['service.instance.id', `service-${service}-1`],
    ['service.version', '1.0.0'],
    ['deployment.environment.name', 'bench'],
  ];
  for (const attribute of attributes) writer.writeMessage(1, writeAttribute, attribute);
}

type Request = { service: number; round: number; items: number };

function encodeRequest(request: Request, writeItems: (request: Request, scope: PbfWriter) => void): Buffer {
  const writer = new PbfWriter();
  writer.writeMessage(
    1,
    (each, resource) => {
      resource.writeMessage(1, writeResource, each.service);
      resource.writeMessage(
        2,
        (_, scope) => {
          scope.writeMessage(1, (name, header) => writeText(1, name, header), 'bench');
          writeItems(each, scope);
        },
        null,
      );
    },
    request,
  );
  return Buffer.from(writer.finish());
}

/** One request of cumulative counters: `items` series of one service, at the time of the round. */
export function encodeMetricsRequest(request: Request): Buffer {
  return encodeRequest(request, ({ round, items }, scope) => {
    const seriesPerMetric = 50;
    for (let first = 0; first < items; first += seriesPerMetric) {
      scope.writeMessage(2, writeCounter, {
        metric: first / seriesPerMetric,
        round,
        series: Math.min(seriesPerMetric, items - first),
      });
    }
  });
}

function writeCounter(counter: { metric: number; round: number; series: number }, writer: PbfWriter): void {
  writeText(1, `bench.requests.${counter.metric}`, writer);
  writeText(3, '{request}', writer);
  writer.writeMessage(
    7,
    ({ round, series }, sum) => {
      for (let index = 0; index < series; index++) sum.writeMessage(1, writePoint, { index, round });
      sum.writeVarintField(2, 2);
      sum.writeBooleanField(3, true);
    },
    counter,
  );
}

function writePoint({ index, round }: { index: number; round: number }, writer: PbfWriter): void {
  const attributes: [string, string][] = [
    ['http.request.method', index % 2 === 0 ? 'GET' : 'POST'],
    ['http.route', `/api/things/${index}`],
    ['http.response.status_code', '200'],
  ];
  for (const attribute of attributes) writer.writeMessage(7, writeAttribute, attribute);
  writeNanos(2, base - 3_600_000_000_000n, writer);
  writeNanos(3, base + BigInt(round) * 2_000_000_000n, writer);
  writer.writeDoubleField(4, index + round * 1.25);
}

/** One request of `items` server spans, as the HTTP instrumentation makes them. */
export function encodeTracesRequest(request: Request): Buffer {
  return encodeRequest(request, ({ service, round, items }, scope) => {
    for (let index = 0; index < items; index++) scope.writeMessage(2, writeSpan, { service, round, index });
  });
}

function writeSpan(
  { service, round, index }: { service: number; round: number; index: number },
  writer: PbfWriter,
): void {
  const id = Buffer.alloc(16);
  id.writeUInt32BE(service, 0);
  id.writeUInt32BE(round, 4);
  id.writeUInt32BE(index + 1, 8);
  id.writeUInt32BE((index * 2_654_435_761) >>> 0, 12);
  writer.writeBytesField(1, id);
  writer.writeBytesField(2, id.subarray(4, 12));
  writeText(5, `GET /api/things/${index % 20}`, writer);
  writer.writeVarintField(6, 2);
  const start = base + BigInt(round) * 1_000_000n;
  writeNanos(7, start, writer);
  writeNanos(8, start + 12_345_678n, writer);
  const attributes: [string, string][] = [
    ['http.request.method', 'GET'],
    ['http.route', `/api/things/${index % 20}`],
    ['url.path', `/api/things/${index}`],
    ['http.response.status_code', index % 100 === 0 ? '500' : '200'],
    ['server.address', 'localhost'],
    ['network.protocol.version', '1.1'],
  ];
  for (const attribute of attributes) writer.writeMessage(9, writeAttribute, attribute);
  if (index % 100 === 0) writer.writeMessage(15, (code, status) => status.writeVarintField(3, code), 2);
}
