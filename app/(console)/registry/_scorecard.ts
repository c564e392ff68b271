import type { ServiceRecord } from '#app/_catalog/service-record.ts';
import type { ApiExamples } from '#app/_openapi/read-api.ts';

/** What is known of a service besides its record. */
export type Facts = {
  /** Objectives that people declared, and those that were made for it. */
  declaredSlos: number;
  automaticSlos: number;
  /** The latest drill that ended as it should. */
  provenDrill: { name: string; atMs: number } | null;
  /** A drill that breaks this service, by name. */
  drill: string | null;
  lastSpanMs: number | null;
  api: ApiExamples | null;
};

export type CheckKey = 'owner' | 'onCall' | 'tier' | 'runbook' | 'slo' | 'api' | 'examples' | 'alerts' | 'telemetry';

/** One line of a scorecard: what is there, and how to mend what is not. `atMs` is when it was last seen to be so. */
export type Check = { key: CheckKey; label: string; done: boolean; text: string; atMs: number | null };

const file = 'catalog-info.yaml';

/** What a service has of what the on-call engineer will look for at night, in the order of need. */
export function scoreService(record: ServiceRecord, facts: Facts): Check[] {
  const checks: Check[] = [
    check('owner', 'Owner', record.owner, `Name the team in spec.owner of ${file}: group:default/<team>.`),
    check(
      'onCall',
      'On call',
      record.onCall.map(({ name }) => name).join(', ') || null,
      'Name who is called in the annotation bellwether.dev/on-call of the component or of its group, or give one of PagerDuty’s or Opsgenie’s.',
    ),
    check(
      'tier',
      'Tier',
      record.tier,
      `Say how much hangs on it with the label bellwether.dev/tier in ${file}: "1" is what customers feel at once.`,
    ),
    check(
      'runbook',
      'Runbook',
      record.runbook === null
        ? null
        : record.runbook.kind === 'link'
          ? record.runbook.text
          : 'beside its catalogue file',
      `Write what to do at night into runbook.md beside ${file}, or name its place in the annotation bellwether.dev/runbook.`,
    ),
    checkSlo(facts),
    check(
      'api',
      'API described',
      facts.api === null ? null : `${facts.api.operations} operations`,
      `Add an entity of kind API with the definition $text: ./openapi.yaml to ${file} and list it under spec.providesApis.`,
    ),
    checkExamples(facts.api),
    checkAlerts(facts),
    {
      ...check(
        'telemetry',
        'Telemetry',
        facts.lastSpanMs === null ? null : 'spans arrive',
        'Point its OpenTelemetry SDK at the collectors: OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318.',
      ),
      atMs: facts.lastSpanMs,
    },
  ];
  return checks;
}

function check(key: CheckKey, label: string, found: string | null, mend: string): Check {
  return { key, label, done: found !== null, text: found ?? mend, atMs: null };
}

function checkSlo({ declaredSlos, automaticSlos }: Facts): Check {
  const found = declaredSlos === 0 ? null : `${declaredSlos} declared`;
  const mend = `${automaticSlos > 0 ? 'Only an automatic one watches it. ' : ''}Promise something in slo.yaml (OpenSLO) where BELLWETHER_SLO_GLOB finds it.`;
  return check('slo', 'Objectives', found, mend);
}

function checkExamples(api: ApiExamples | null): Check {
  const complete = api !== null && api.operations > 0 && api.withExample === api.operations;
  const found = complete ? 'every operation has one' : null;
  const share = api === null ? '' : `${api.operations - api.withExample} of ${api.operations} operations have none. `;
  return check(
    'examples',
    'Examples',
    found,
    `${share}Put an example beside each schema, or its properties, of the API’s description.`,
  );
}

function checkAlerts({ provenDrill, drill }: Facts): Check {
  const mend =
    drill === null
      ? 'No drill breaks this service: break it with a fault from the chaos page and see whether somebody is paged.'
      : `Nobody has seen it page: run npx bellwether drill ${drill}.`;
  const found = provenDrill === null ? null : `drill ${provenDrill.name} paged in time`;
  return { ...check('alerts', 'Alert proven', found, mend), atMs: provenDrill?.atMs ?? null };
}
