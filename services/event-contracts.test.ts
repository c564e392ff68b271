import { expect, test } from 'vitest';
import { findProblems, readContracts } from '#services/kit/events/released';
import { topology } from '#services/topology';

const root = import.meta.dirname;
const contracts = await readContracts(root);

test('the events of every service are those that the topology names', () => {
  const named = Object.entries(topology).flatMap(([service, { publishes }]) =>
    publishes.map((type) => [service, type]),
  );
  const declared = contracts.flatMap(({ service, schemas }) => Object.keys(schemas).map((type) => [service, type]));
  expect(declared.sort()).toEqual(named.sort());
});

test.each(contracts)('the events of $service are as released, and compatible with every release', (contract) => {
  expect(findProblems(contract, { root })).toEqual([]);
});
