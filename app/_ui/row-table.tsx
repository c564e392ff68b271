'use client';
import { Anchor, Table, Text, UnstyledButton } from '@mantine/core';
import { IconSelector, IconSortAscending, IconSortDescending } from '@tabler/icons-react';
import Link from 'next/link';
import { type KeyboardEvent, type ReactNode, useState } from 'react';
import classes from './row-table.module.css';

/** A column; `value` makes it sortable, `secondary` hides it on narrow screens. */
export type Column<Row> = {
  key: string;
  label: string;
  render: (row: Row) => ReactNode;
  value?: (row: Row) => number | string;
  numeric?: boolean;
  secondary?: boolean;
  wide?: boolean;
};

type Sort = { key: string; descending: boolean } | null;

function sortRows<Row>(rows: readonly Row[], columns: readonly Column<Row>[], sort: Sort): readonly Row[] {
  const value = columns.find((column) => column.key === sort?.key)?.value;
  if (sort === null || value === undefined) return rows;
  const sign = sort.descending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [left, right] = [value(a), value(b)];
    return sign * (typeof left === 'string' ? left.localeCompare(String(right)) : left - Number(right));
  });
}

function moveFocus(event: KeyboardEvent<HTMLTableRowElement>): void {
  const row = event.currentTarget;
  const sibling =
    event.key === 'j' || event.key === 'ArrowDown'
      ? row.nextElementSibling
      : event.key === 'k' || event.key === 'ArrowUp'
        ? row.previousElementSibling
        : null;
  if (sibling instanceof HTMLElement) {
    event.preventDefault();
    sibling.focus();
  } else if (event.key === 'Enter' && event.target === row) {
    row.querySelector<HTMLAnchorElement>('a[href]')?.click();
  }
}

/** A dense, sortable table whose rows can be walked with `j`, `k` and opened with `Enter`. */
export function RowTable<Row>({
  rows,
  columns,
  rowKey,
  href,
  label,
  none,
}: {
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string;
  /** The first column links there. */
  href?: (row: Row) => string | null;
  label: string;
  /** What is said when there are no rows. */
  none?: string;
}): ReactNode {
  const [sort, setSort] = useState<Sort>(null);
  if (rows.length === 0 && none !== undefined) {
    return (
      <Text size="sm" c="dimmed">
        {none}.
      </Text>
    );
  }
  const className = (column: Column<Row>): string =>
    [column.numeric && classes.number, column.secondary && classes.secondary, column.wide && classes.wide]
      .filter(Boolean)
      .join(' ');
  const toggle = (column: Column<Row>): void =>
    setSort((now) => ({
      key: column.key,
      descending: now?.key === column.key ? !now.descending : column.numeric === true,
    }));
  const cell = (row: Row, column: Column<Row>, index: number): ReactNode => {
    const target = index === 0 ? (href?.(row) ?? null) : null;
    return target === null ? (
      column.render(row)
    ) : (
      <Anchor component={Link} href={target} c="inherit" size="sm" underline="hover" fw={500} tabIndex={-1}>
        {column.render(row)}
      </Anchor>
    );
  };
  return (
    <div className={classes.scroll}>
      <Table className={classes.table} highlightOnHover aria-label={label} fz="sm">
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => {
              const active = sort?.key === column.key ? sort : null;
              const Icon = active === null ? IconSelector : active.descending ? IconSortDescending : IconSortAscending;
              const order = active === null ? undefined : active.descending ? 'descending' : 'ascending';
              return (
                <Table.Th key={column.key} className={className(column)} aria-sort={order}>
                  {column.value === undefined ? (
                    column.label
                  ) : (
                    <UnstyledButton className={classes.sort} fz="sm" onClick={() => toggle(column)}>
                      {column.label}
                      <Icon size={14} aria-hidden="true" opacity={active === null ? 0.4 : 1} />
                    </UnstyledButton>
                  )}
                </Table.Th>
              );
            })}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {sortRows(rows, columns, sort).map((row) => (
            <Table.Tr key={rowKey(row)} data-row tabIndex={0} onKeyDown={moveFocus}>
              {columns.map((column, index) => (
                <Table.Td key={column.key} className={className(column)}>
                  {cell(row, column, index)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
