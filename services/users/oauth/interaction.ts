import type { FastifyReply, FastifyRequest } from 'fastify';
import type Provider from 'oidc-provider';
import { errors, type InteractionResults } from 'oidc-provider';
import { z } from 'zod';
import { DomainError } from '#services/kit/problem';
import type { Server } from '#services/kit/server';
import { type ApiScope, apiScopes, credentialsSchema } from '../contract.ts';
import { identify } from '../sign-in.ts';
import { pageHeaders, renderConsent, renderMessage, renderSignIn } from './pages.ts';
import type { OauthDeps } from './provider.ts';

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;
type Step = { provider: Provider; interaction: Interaction; clientName: string };

const hide = { schema: { hide: true } } as const;
const path = '/oauth/interaction/:uid';

/** Adds the pages on which people sign in for a third party and say what it may do. */
export function addInteraction(app: Server, deps: OauthDeps, provide: () => Promise<Provider>): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );
  const step = (act: (step: Step, request: FastifyRequest, reply: FastifyReply) => Promise<unknown>) => {
    return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
      const provider = await provide();
      try {
        const interaction = await provider.interactionDetails(request.raw, reply.raw);
        const client = await provider.Client.find(String(interaction.params.client_id));
        return await act(
          { provider, interaction, clientName: client?.clientName ?? 'the application' },
          request,
          reply,
        );
      } catch (error) {
        if (!(error instanceof errors.SessionNotFound)) throw error;
        const text = 'Signing in took too long, or was finished in another window. Go back to the application.';
        return reply.code(400).headers(pageHeaders).send(renderMessage('This page has expired', text));
      }
    };
  };
  app.get(
    path,
    hide,
    step(async ({ interaction, clientName }, _request, reply) =>
      reply
        .headers(pageHeaders)
        .send(
          interaction.prompt.name === 'login'
            ? renderSignIn(interaction.uid, clientName)
            : renderConsent(interaction.uid, clientName, readScopes(interaction)),
        ),
    ),
  );
  app.post(
    `${path}/sign-in`,
    hide,
    step((current, request, reply) => signIn(deps, current, request, reply)),
  );
  app.post(
    `${path}/consent`,
    hide,
    step((current, request, reply) => consent(current, request, reply)),
  );
  app.post(
    `${path}/cancel`,
    hide,
    step((current, request, reply) => finish(current, request, reply, { error: 'access_denied' })),
  );
}

async function signIn(deps: OauthDeps, step: Step, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const { uid } = step.interaction;
  const typed = credentialsSchema.safeParse(request.body);
  const again = (status: number, wrong: string): unknown =>
    reply
      .code(status)
      .headers(pageHeaders)
      .send(renderSignIn(uid, step.clientName, wrong));
  if (!typed.success) return again(400, 'An e-mail address and a password are needed.');
  try {
    const accountId = await identify(deps, typed.data);
    return await finish(step, request, reply, { login: { accountId, remember: false } });
  } catch (error) {
    if (!(error instanceof DomainError) || error.status >= 500) throw error;
    return again(error.status, error.message);
  }
}

async function consent(step: Step, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const { provider, interaction } = step;
  const { session, params, prompt } = interaction;
  if (prompt.name !== 'consent' || session === undefined)
    return reply.redirect(`/oauth/interaction/${interaction.uid}`, 303);
  const known = interaction.grantId === undefined ? undefined : await provider.Grant.find(interaction.grantId);
  const grant = known ?? new provider.Grant({ accountId: session.accountId, clientId: String(params.client_id) });
  const scopes = readScopes(interaction).join(' ');
  grant.addOIDCScope(scopes);
  for (const resource of Object.keys(resourcesSchema.parse(prompt.details))) grant.addResourceScope(resource, scopes);
  return finish(step, request, reply, { consent: { grantId: await grant.save() } });
}

async function finish({ provider }: Step, request: FastifyRequest, reply: FastifyReply, result: InteractionResults) {
  const next = await provider.interactionResult(request.raw, reply.raw, result);
  return reply.redirect(next, 303);
}

const resourcesSchema = z
  .object({ missingResourceScopes: z.record(z.string(), z.array(z.string())).default({}) })
  .transform(({ missingResourceScopes }) => missingResourceScopes);

function readScopes({ params }: Interaction): ApiScope[] {
  const asked = String(params.scope ?? '').split(' ');
  return Object.keys(apiScopes).filter((scope): scope is ApiScope => asked.includes(scope));
}
