import { chaosCommandSchema, commandChaos } from '#app/_server/commands.ts';
import { getConsole } from '#app/_server/console.ts';
import { mutate } from '#app/_server/mutation.ts';

/** Asks the chaos process to start, stop, release or drill: `{ kind, params }` of chaos/contract.ts. */
export function POST(request: Request): Promise<Response> {
  return mutate(request, chaosCommandSchema, (command, author) =>
    commandChaos(getConsole().sources.prisma, { ...command, author }),
  );
}
