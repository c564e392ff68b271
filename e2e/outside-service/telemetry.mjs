// The stock SDK. Where to send, and as whom, it reads from OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_SERVICE_NAME by itself.
import { register } from 'node:module';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { NodeSDK } from '@opentelemetry/sdk-node';

// As the SDK's documentation says for ES modules: without the hook their imports are not instrumented.
register('@opentelemetry/instrumentation/hook.mjs', import.meta.url);

const sdk = new NodeSDK({ instrumentations: [new HttpInstrumentation()] });
sdk.start();

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    sdk.shutdown().then(
      () => process.exit(0),
      () => process.exit(0),
    );
  });
}
