import { describe, expect, test } from 'vitest';
import { readContracts } from '#services/event-contracts';
import { findProblems } from '#services/kit/events/released';
import { type ServiceName, topology } from '#services/topology';

describe.each(await readContracts())('the events of $service', (contract) => {
  test('are those that the topology names', () => {
    const { publishes } = topology[contract.service as ServiceName];
    expect(Object.keys(contract.schemas).sort()).toEqual([...publishes].sort());
  });

  test('are as released, and compatible with every release', () => {
    expect(findProblems(contract, { root: import.meta.dirname })).toEqual([]);
  });
});
