import { commandReplay, replayCommandSchema } from '#app/_server/commands.ts';
import { getConsole } from '#app/_server/console.ts';
import { mutate } from '#app/_server/mutation.ts';

/** Asks the collectors to replay a dead letter, or all of a queue: `{ queue, letterId? }`. */
export function POST(request: Request): Promise<Response> {
  return mutate(request, replayCommandSchema, (command, author) =>
    commandReplay(getConsole().sources.prisma, { ...command, author }),
  );
}
