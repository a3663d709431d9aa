import { createConnection, type RowDataPacket } from 'mysql2/promise';

const HEADER = `-- The schema as the migrations leave it, read back from the database: for reading and for comparing.
-- Change it by a new migration, then write this file anew:
--   KRAITE_UPDATE_GOLDEN=1 npx vitest run --project integration tests/integration/schema.test.ts
`;

/**
 * Returns the schema at `url` as SQL text, the same on every server: read from information_schema, because
 * SHOW CREATE TABLE differs between MariaDB and MySQL in widths, quotes and charset introducers.
 */
export async function readSchemaText(url: string): Promise<string> {
  const connection = await createConnection(url);
  const select = async (statement: string): Promise<readonly RowDataPacket[]> => {
    const [rows] = await connection.query<RowDataPacket[]>(statement);
    return rows;
  };
  try {
    const columns = await select(
      `SELECT table_name AS t, column_name AS name, column_type AS type, is_nullable AS nullable,
              character_set_name AS charset, collation_name AS collation, extra AS extra,
              column_default AS preset, generation_expression AS expression
       FROM information_schema.columns WHERE table_schema = DATABASE()
       ORDER BY table_name, ordinal_position`,
    );
    const keys = await select(
      `SELECT table_name AS t, index_name AS name, MIN(non_unique) AS plain,
              GROUP_CONCAT(column_name ORDER BY seq_in_index SEPARATOR ', ') AS columns
       FROM information_schema.statistics WHERE table_schema = DATABASE()
       GROUP BY table_name, index_name
       ORDER BY table_name, index_name <> 'PRIMARY', MIN(non_unique), index_name`,
    );
    // Sorted here: the two servers sort a name with an underscore at different places.
    const tables = [...new Set(columns.map((column) => String(column['t'])))].toSorted();
    const texts = tables.map((table) => {
      const lines = [
        ...columns.filter((column) => column['t'] === table).map(columnText),
        ...keys.filter((key) => key['t'] === table).map(keyText),
      ];
      return `CREATE TABLE ${table} (\n${lines.map((line) => `  ${line}`).join(',\n')}\n);\n`;
    });
    return [HEADER, ...texts].join('\n');
  } finally {
    await connection.end();
  }
}

function columnText(column: RowDataPacket): string {
  const type = String(column['type'])
    .toUpperCase()
    .replace(/^(TINYINT|SMALLINT|INT|BIGINT)\(\d+\)/, '$1');
  const charset = column['charset'] === null ? '' : ` COLLATE ${String(column['collation'])}`;
  const expression = String(column['expression'] ?? '');
  const generated = expression === '' ? '' : ` AS (${expressionText(expression)}) STORED`;
  const preset = presetText(column['preset'] as string | null);
  const isCounting = /auto_increment/i.test(String(column['extra'])) ? ' AUTO_INCREMENT' : '';
  const isNull = column['nullable'] === 'YES' ? ' NULL' : ' NOT NULL';
  return `${String(column['name'])} ${type}${charset}${generated || isNull}${preset}${isCounting}`;
}

function presetText(preset: string | null): string {
  return preset === null || preset === 'NULL' ? '' : ` DEFAULT ${preset.replaceAll("'", '')}`;
}

function expressionText(expression: string): string {
  return expression
    .replaceAll(/_(utf8mb4|utf8mb3|ascii|latin1)\\?'/g, "'")
    .replaceAll(/[`()\\]/g, '')
    .replaceAll(/\s*,\s*/g, ', ')
    .replaceAll(/\s+/g, ' ')
    .toLowerCase()
    .trim()
    .replaceAll(/ in ((?:'[^']*'(?:, )?)+)/g, ' in ($1)');
}

function keyText(key: RowDataPacket): string {
  const columns = `(${String(key['columns'])})`;
  if (key['name'] === 'PRIMARY') return `PRIMARY KEY ${columns}`;
  return `${Number(key['plain']) === 0 ? 'UNIQUE KEY' : 'KEY'} ${String(key['name'])} ${columns}`;
}
