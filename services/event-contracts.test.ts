import { describe, expect, test } from 'vitest';
import { readContracts } from './event-contracts.ts';
import { findProblems } from './kit/events/released.ts';
import { type ServiceName, topology } from './topology.ts';

describe.each(await readContracts())('the events of $service', (contract) => {
  test('are those that the topology names', () => {
    const { publishes } = topology[contract.service as ServiceName];
    expect(Object.keys(contract.schemas).sort()).toEqual([...publishes].sort());
  });

  test('are as released, and compatible with every release', () => {
    expect(findProblems(contract, { root: import.meta.dirname })).toEqual([]);
  });
});
