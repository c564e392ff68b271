import { isUuid } from '#app/_live/topics.ts';
import { commandFault, faultCommandSchema } from '#app/_server/commands.ts';
import { getConsole } from '#app/_server/console.ts';
import { mutate } from '#app/_server/mutation.ts';

/** Asks the alerts process to resolve a fault. */
export async function POST(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  const { id } = await params;
  if (!isUuid(id)) return Response.json({ error: 'There is no such fault.' }, { status: 404 });
  return mutate(request, faultCommandSchema, ({ reason }, author) =>
    commandFault(getConsole().sources.prisma, { kind: 'resolve', faultId: id, author, reason }),
  );
}
