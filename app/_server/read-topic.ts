import type { Topic } from '#app/_live/topics.ts';
import { readFigures, readOverview } from '../(console)/(overview)/_data.ts';
import { readBusiness } from '../(console)/business/_data.ts';
import { readChaos } from '../(console)/chaos/_data.ts';
import { readEvents } from '../(console)/events/_data.ts';
import { readFaults } from '../(console)/faults/_data.ts';
import { readFault } from '../(console)/faults/[id]/_data.ts';
import { readRegistry } from '../(console)/registry/_data.ts';
import { readService } from '../(console)/services/[name]/_data.ts';
import { readServiceRecord } from '../(console)/services/[name]/record/_data.ts';
import { readTraceDetail } from '../(console)/traces/[id]/_data.ts';
import { readUsers } from '../(console)/users/_data.ts';
import { readSession } from '../(console)/users/[session]/_data.ts';
import { readShell } from './shell.ts';
import type { Sources } from './sources.ts';

/** Reads what a topic stands for. */
export function readTopic(sources: Sources, topic: Topic): Promise<unknown> {
  switch (topic.kind) {
    case 'shell':
      return readShell(sources);
    case 'overview':
      return readOverview(sources, topic.range);
    case 'figures':
      return readFigures(sources, topic.range);
    case 'business':
      return readBusiness(sources, topic.range);
    case 'users':
      return readUsers(sources, topic.range);
    case 'session':
      return readSession(sources, topic.id);
    case 'trace':
      return readTraceDetail(sources, topic.id);
    case 'events':
      return readEvents(sources, topic.range);
    case 'service':
      return readService(sources, topic.name, topic.range);
    case 'registry':
      return readRegistry(sources);
    case 'record':
      return readServiceRecord(sources, topic.name);
    case 'faults':
      return readFaults(sources);
    case 'fault':
      return readFault(sources, topic.id);
    case 'chaos':
      return readChaos(sources);
  }
}
