'use client';
import { Alert, Button, Code, Group, Paper, SimpleGrid, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { Operation } from '#app/_openapi/describe.ts';
import type { TryOutAnswer, TryOutRequest } from '#app/_openapi/try-it.ts';
import { formatDuration } from '#app/_ui/format.ts';

type State =
  | { kind: 'idle' | 'sending' }
  | { kind: 'failed'; reason: string }
  | { kind: 'answered'; answer: TryOutAnswer };

async function send(service: string, request: TryOutRequest): Promise<State> {
  try {
    const response = await fetch(`/api/services/${encodeURIComponent(service)}/try`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
    });
    const answer = (await response.json()) as TryOutAnswer & { error?: string };
    return response.ok
      ? { kind: 'answered', answer }
      : { kind: 'failed', reason: answer.error ?? `${response.status}` };
  } catch {
    return { kind: 'failed', reason: 'the console does not answer' };
  }
}

function Answer({ answer }: { answer: TryOutAnswer }): ReactNode {
  return (
    <Stack gap={4} role="status">
      <Text size="sm" fw={600}>
        {answer.status} in {formatDuration(answer.durationMs)}
        {answer.truncated && ', cut short'}
      </Text>
      <Code block style={{ maxHeight: 360, overflow: 'auto' }} tabIndex={0} aria-label="Answer">
        {answer.headers.map(([name, value]) => `${name}: ${value}`).join('\n')}
        {'\n\n'}
        {answer.body}
      </Code>
    </Stack>
  );
}

/** Sends one request to the service, through the console, and shows what came back. */
export function TryIt({
  service,
  api,
  operation,
  address,
}: {
  service: string;
  api: string;
  operation: Operation;
  address: string;
}): ReactNode {
  const { method, path, parameters } = operation;
  const [values, setValues] = useState<Record<string, string>>(() =>
    Object.fromEntries(parameters.map(({ name, example, required }) => [name, required ? example : ''])),
  );
  const [body, setBody] = useState(operation.body?.example ?? '');
  const [authorization, setAuthorization] = useState('');
  const [state, setState] = useState<State>({ kind: 'idle' });
  const submit = async (): Promise<void> => {
    setState({ kind: 'sending' });
    setState(await send(service, { api, method, path, values, body, authorization }));
  };
  return (
    <Paper
      withBorder
      p="sm"
      component="form"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
      aria-label={`Try ${method} ${path}`}
    >
      <Stack gap="xs">
        <Text size="sm" fw={600}>
          Try it{' '}
          <Text span size="xs" c="dimmed" fw={400}>
            at {address}: the request is real, and so is what it does
          </Text>
        </Text>
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xs">
          {parameters.map(({ name, in: place, required, example }) => (
            <TextInput
              key={`${place} ${name}`}
              size="xs"
              label={`${name} (${place})`}
              withAsterisk={required}
              required={required}
              placeholder={example}
              value={values[name] ?? ''}
              onChange={(event) => setValues({ ...values, [name]: event.currentTarget.value })}
            />
          ))}
          <TextInput
            size="xs"
            label="Authorization (header)"
            placeholder="Bearer …"
            autoComplete="off"
            value={authorization}
            onChange={(event) => setAuthorization(event.currentTarget.value)}
          />
        </SimpleGrid>
        {operation.body !== null && (
          <Textarea
            size="xs"
            label={`Body (${operation.body.mediaType})`}
            autosize
            minRows={3}
            maxRows={14}
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
            value={body}
            onChange={(event) => setBody(event.currentTarget.value)}
          />
        )}
        <Group>
          <Button size="xs" type="submit" loading={state.kind === 'sending'}>
            Send {method} {path}
          </Button>
        </Group>
        {state.kind === 'failed' && (
          <Alert color="yellow" title="Nothing came back" role="alert">
            {state.reason}
          </Alert>
        )}
        {state.kind === 'answered' && <Answer answer={state.answer} />}
      </Stack>
    </Paper>
  );
}
