// A stranger's service. Run it with:
//
//   OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 OTEL_SERVICE_NAME=newsletter \
//     node --import ./telemetry.mjs app.mjs 8090
//
// The argument is the port. GET / answers 200; after GET /fail?on=1 it answers 500, until GET /fail?on=0.
import { createServer } from 'node:http';
import { logs } from '@opentelemetry/api';

const logger = logs.getLogger('newsletter');
let failing = false;

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (url.pathname === '/fail') {
    failing = url.searchParams.get('on') === '1';
    response.end(`failing: ${failing}\n`);
  } else if (failing) {
    logger.emit({ severityNumber: 17, severityText: 'ERROR', body: 'the mail server does not answer' });
    response.writeHead(500).end('no\n');
  } else {
    logger.emit({ severityNumber: 9, severityText: 'INFO', body: 'subscribed' });
    response.end('yes\n');
  }
});

server.listen(Number(process.argv[2] ?? 8090), '127.0.0.1', () => {
  const address = server.address();
  console.log(`listening on http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`);
});
