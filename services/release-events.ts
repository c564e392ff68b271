import { readContracts, release } from '#services/kit/events/released';

/** `npm run events:release`: writes the next version of each event's schema that has changed, to be committed. */
const root = import.meta.dirname;
const files = (await readContracts(root)).flatMap((contract) => release(contract, { root }));
process.stdout.write(files.length === 0 ? 'nothing has changed\n' : `${files.join('\n')}\n`);
