import { stripVTControlCharacters } from 'node:util';

/** Rows of cells as lines whose columns are aligned, two spaces apart. The last column is not padded. */
export function alignColumns(rows: readonly (readonly string[])[], indent = ''): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, visibleWidth(cell));
    }
  }
  return rows.map((row) => {
    const cells = row.map((cell, column) => {
      const padding = (widths[column] ?? 0) - visibleWidth(cell);
      return column === row.length - 1 ? cell : cell + ' '.repeat(padding);
    });
    return (indent + cells.join('  ')).trimEnd();
  });
}

function visibleWidth(text: string): number {
  return stripVTControlCharacters(text).length;
}
