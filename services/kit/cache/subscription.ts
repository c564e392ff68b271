import { Redis } from 'ioredis';
import { connectionOptions } from './link.ts';

export type SubscriptionOptions = {
  url: string;
  /** Shown in `CLIENT LIST`. */
  name: string;
  channel: string;
  onMessage: (text: string) => void;
  /** Called when messages begin to arrive, at first and after each interruption: what was said before was missed. */
  onSubscribed: () => void;
};

export type Subscription = {
  /** Asks Redis for a sign of life, so that a connection that died silently is noticed and replaced. */
  probe: () => void;
  stop: () => void;
};

/** Listens to a channel on a connection of its own, and again after every loss of it. */
export function createSubscription(options: SubscriptionOptions): Subscription {
  const { url, name, channel, onMessage, onSubscribed } = options;
  const redis = new Redis(url, { ...connectionOptions, connectionName: name });
  // The command connection, which fails with it, has the outage logged.
  redis.on('error', () => {});
  redis.on('message', (_channel, text) => onMessage(text));
  redis.on('ready', () => {
    redis.subscribe(channel).then(onSubscribed, () => redis.disconnect(true));
  });
  return {
    probe: () => {
      // A rejection says that the connection is gone, which is what was asked for.
      if (redis.status === 'ready') redis.ping().catch(() => {});
    },
    stop: () => redis.disconnect(),
  };
}
