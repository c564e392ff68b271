import type { ProcessName } from '#process/addresses';
import { coreServices, type ServiceName, serviceNames, topology } from '#services/topology';
import type { Instance } from '../instance.ts';
import { busEnv, type Context, createContext, type PlanOptions } from './context.ts';
import type { Settings } from './env.ts';
import { optionalEnv } from './optional-env.ts';
import { nodeArgs, processSpec } from './process-spec.ts';
import type { ProcessSpec } from './spec.ts';
import { listFaroApps, storefrontEnv } from './storefront.ts';

/** Services that nobody but staff asks. */
const backOffice = ['analytics', 'notifications', 'admin'] as const;

/** Services that share a cache when there is a Redis. */
const cachingServices: readonly ServiceName[] = ['gateway', 'catalog'];

/** All processes of an installation, with their environments. */
export function createPlan(options: PlanOptions): ProcessSpec[] {
  const { settings } = options;
  const context = createContext(options);
  return [
    postgres(context),
    ...(options.settings.CLICKHOUSE_URL === undefined ? [clickhouse(context)] : []),
    ...migrations(context),
    ...controlPlane(context),
    ...runningServices(settings).map((name) => shopService(name, context)),
    shoppers(context),
  ];
}

function runningServices({ BELLWETHER_PROFILE }: Settings): readonly ServiceName[] {
  return BELLWETHER_PROFILE === 'core' ? coreServices : serviceNames;
}

/** What has to be built before it runs. */
export function sitesOf(settings: Settings): ('console' | 'storefront')[] {
  return runningServices(settings).includes('storefront') ? ['console', 'storefront'] : ['console'];
}

/** What the commands need to know of the running instance. */
export function describeInstance(options: PlanOptions & { pid: number; startedAt: string }): Instance {
  const { settings, secrets, pid, startedAt } = options;
  const { url, database, clickhouseUrl } = createContext(options);
  return {
    pid,
    startedAt,
    host: settings.BELLWETHER_HOST,
    ports: settings.ports,
    consoleUrl: url('app'),
    otlpUrl: url('collectors'),
    gatewayUrl: url('gateway'),
    storefrontUrl: url('storefront'),
    shoppersUrl: url('shoppers'),
    supervisorUrl: url('supervisor'),
    supervisorToken: secrets.supervisorToken,
    clickhouseUrl,
    databaseUrl: database('bellwether', 'app'),
    busUrl: database('bus'),
    ...(settings.KAFKA_BROKERS === undefined ? {} : { kafkaBrokers: settings.KAFKA_BROKERS }),
    chaosEnabled: settings.CHAOS_ENABLED,
  };
}

function postgres(context: Context): ProcessSpec {
  const { secrets, dataDir } = context;
  return processSpec('postgres', context, {
    args: nodeArgs('cli/embedded/postgres.ts', 64),
    env: {
      POSTGRES_DATA_DIR: `${dataDir}/postgres`,
      POSTGRES_PASSWORD: secrets.postgresPassword,
      POSTGRES_ROLE_PASSWORDS: JSON.stringify(secrets.rolePasswords),
    },
    dependsOn: [],
    readiness: { kind: 'postgres', url: context.database('bellwether', 'app') },
  });
}

function clickhouse(context: Context): ProcessSpec {
  return processSpec('clickhouse', context, {
    args: nodeArgs('telemetry/embedded/main.ts', 256),
    env: { CLICKHOUSE_DATA_DIR: `${context.dataDir}/clickhouse` },
    dependsOn: [],
    standsBack: true,
  });
}

function migrations(context: Context): ProcessSpec[] {
  const job = (name: string, entry: string, env: Record<string, string>, dependsOn: string[]): ProcessSpec => ({
    name,
    args: nodeArgs(entry, 256),
    env: { NODE_ENV: 'production', ...env },
    address: '',
    dependsOn,
    uses: [],
    readiness: { kind: 'exit' },
    sockets: null,
    standsBack: false,
  });
  const store = context.settings.CLICKHOUSE_URL === undefined ? ['clickhouse'] : [];
  return [
    job('migrate-telemetry', 'telemetry/migrate.ts', { CLICKHOUSE_URL: context.clickhouseUrl }, store),
    job('migrate-control', 'prisma/migrate.ts', { DATABASE_URL: context.database('bellwether') }, ['postgres']),
  ];
}

function controlPlane(context: Context): ProcessSpec[] {
  const { settings, secrets, url, database, clickhouseUrl, mode } = context;
  const env = { CLICKHOUSE_URL: clickhouseUrl, CHAOS_ENABLED: String(settings.CHAOS_ENABLED) };
  const password = settings.BELLWETHER_ADMIN_PASSWORD;
  const webhook = settings.BELLWETHER_WEBHOOK_URL;
  return [
    processSpec('collectors', context, {
      args: nodeArgs('collectors/main.ts', 384),
      env: {
        ...env,
        ...busEnv(context),
        DATABASE_URL: database('bellwether', 'collectors'),
        FARO_APPS: listFaroApps(settings),
      },
      dependsOn: ['migrate-telemetry', 'migrate-control'],
      standsBack: true,
    }),
    processSpec('alerts', context, {
      args: nodeArgs('alerts/main.ts', 256),
      env: {
        ...env,
        DATABASE_URL: database('bellwether', 'alerts'),
        BELLWETHER_CONSOLE_URL: url('app'),
        BELLWETHER_PAGER_TOKEN: secrets.pagerToken,
        ...(webhook === undefined ? {} : { BELLWETHER_WEBHOOK_URL: webhook }),
      },
      dependsOn: ['migrate-telemetry', 'migrate-control'],
    }),
    processSpec('chaos', context, {
      args: nodeArgs('chaos/main.ts', 192),
      env: {
        ...env,
        ...serviceUrls(serviceNames, context),
        DATABASE_URL: database('bellwether', 'chaos'),
        SUPERVISOR_URL: url('supervisor'),
        SHOPPERS_URL: url('shoppers'),
        CHAOS_TOKEN: secrets.chaosToken,
      },
      dependsOn: ['migrate-control'],
    }),
    processSpec('app', context, {
      args: [...nodeArgs('app/main.ts', mode === 'dev' ? 2_048 : 384), ...(mode === 'dev' ? ['--dev'] : [])],
      env: {
        ...env,
        DATABASE_URL: database('bellwether', 'app'),
        BELLWETHER_PAGER_TOKEN: secrets.pagerToken,
        BELLWETHER_CONSOLE_URL: url('app'),
        ...(password === undefined ? {} : { BELLWETHER_ADMIN_PASSWORD: password }),
      },
      dependsOn: ['migrate-telemetry', 'migrate-control'],
    }),
  ];
}

function telemetryEnv(name: ProcessName, { settings, url }: Context): Record<string, string> {
  return {
    OTEL_SERVICE_NAME: name,
    OTEL_EXPORTER_OTLP_ENDPOINT: settings.SHOP_OTLP_ENDPOINT ?? url('collectors'),
  };
}

function usersEnv({ secrets, url }: Context): Record<string, string> {
  return {
    USERS_KEY_SECRET: secrets.usersKeySecret,
    OAUTH_ISSUER: url('gateway'),
    OAUTH_CLIENT_SECRET: secrets.partnerSecret,
  };
}

function serviceUrls(names: readonly ServiceName[], { url }: Context): Record<string, string> {
  return Object.fromEntries(names.map((name) => [`${name.toUpperCase()}_URL`, url(name)]));
}

function shopService(name: ServiceName, context: Context): ProcessSpec {
  const { settings, secrets, url, database, mode } = context;
  const { calls, database: hasDatabase } = topology[name];
  const isSite = name === 'storefront';
  const heapMb = isSite ? (mode === 'dev' ? 2_048 : 256) : 192;
  return processSpec(name, context, {
    args: [
      ...nodeArgs(`services/${name}/main.ts`, heapMb, '--import', './services/kit/telemetry.ts'),
      ...(isSite && mode === 'dev' ? ['--dev'] : []),
    ],
    env: {
      ...telemetryEnv(name, context),
      ...serviceUrls(calls, context),
      ...(hasDatabase ? { DATABASE_URL: database(name), ...busEnv(context) } : {}),
      ...(settings.REDIS_URL !== undefined && cachingServices.includes(name) ? { REDIS_URL: settings.REDIS_URL } : {}),
      ...optionalEnv(name, context),
      ...(name === 'payments' ? acquirerEnv(context) : {}),
      ...(name === 'gateway' ? { SESSION_SECRET: secrets.sessionSecret, OAUTH_ISSUER: url('gateway') } : {}),
      ...(name === 'users' ? usersEnv(context) : {}),
      ...(name === 'admin' ? { ADMIN_TOKEN: secrets.adminToken } : {}),
      ...(name === 'notifications' && settings.SMTP_URL !== undefined ? { SMTP_URL: settings.SMTP_URL } : {}),
      ...(isSite ? storefrontEnv(settings, url('collectors')) : {}),
      CHAOS_ENABLED: String(settings.CHAOS_ENABLED),
      CHAOS_TOKEN: secrets.chaosToken,
    },
    // Of those that do not run it has the address all the same, and answers that they cannot be reached.
    dependsOn: [
      ...calls.filter((callee) => runningServices(settings).includes(callee)),
      ...(hasDatabase ? ['postgres'] : []),
    ],
    // Its last spans go to the collectors when it stops.
    uses: ['collectors'],
    sharedPorts: [settings.ports[name], ...(name === 'payments' ? [settings.ports.acquirer] : [])],
  });
}

/** The acquirer lives in the process of payments, and talks to it from outside. */
function acquirerEnv({ settings, secrets, url }: Context): Record<string, string> {
  return {
    ACQUIRER_URL: url('acquirer'),
    ACQUIRER_PORT: String(settings.ports.acquirer),
    ACQUIRER_WEBHOOK_URL: `${url('payments')}/webhooks/acquirer`,
    ACQUIRER_WEBHOOK_SECRET: `whsec_${secrets.acquirerSecret}`,
  };
}

function shoppers(context: Context): ProcessSpec {
  return processSpec('shoppers', context, {
    args: nodeArgs('services/shoppers/main.ts', 192, '--import', './services/kit/telemetry.ts'),
    env: {
      ...telemetryEnv('shoppers', context),
      ...serviceUrls(['gateway', 'storefront', ...backOffice], context),
      ADMIN_TOKEN: context.secrets.adminToken,
      PARTNER_CLIENT_SECRET: context.secrets.partnerSecret,
      SHOPPERS_CORE: String(context.settings.BELLWETHER_PROFILE === 'core'),
    },
    dependsOn: ['gateway'],
    uses: ['collectors'],
  });
}
