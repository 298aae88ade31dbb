import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { COLUMNS, type Cells } from './file-row.js';
import type { Problem } from './import-reasons.js';
import { FileBrokenError, FileColumnsError, FileEncodingError, FileTooLargeError } from './import.errors.js';
import { unguard } from './safe-cell.js';

export const MAX_FILE_BYTES = 25 * 1024 * 1024;
const MAX_LINE_CHARS = 64 * 1024;

type Read = { readonly line: number; readonly cells: Cells } | { readonly problem: Problem };

/**
 * Reads a file of products line by line, whatever its size: UTF-8, with or without a byte order mark, separated by
 * commas, semicolons or tabs. The first line names the columns.
 *
 * @throws FileColumnsError the first line is not of ours
 * @throws FileEncodingError not UTF-8
 * @throws FileBrokenError a quote that never closes, or a line without end
 * @throws FileTooLargeError
 */
export async function* readCsv(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Read> {
  const text = decoded(bytes)[Symbol.asyncIterator]();
  let begin = '';
  while (!begin.includes('\n') && begin.length < MAX_LINE_CHARS) {
    const next = await text.next();
    if (next.done) break;
    begin += next.value;
  }
  const parser = parse({
    delimiter: delimiterOf(begin),
    info: true,
    skip_empty_lines: true,
    relax_column_count: true,
    relax_quotes: true,
    max_record_size: MAX_LINE_CHARS,
    trim: true,
  });
  const source = Readable.from(rest(begin, text));
  // An error of the source would not reach whoever reads from the parser.
  source.on('error', (error) => parser.destroy(error));
  let columns: readonly string[] | null = null;
  try {
    for await (const { record, info } of source.pipe(parser) as AsyncIterable<{
      record: string[];
      info: { lines: number };
    }>) {
      if (columns === null) {
        columns = checkedColumns(record);
        continue;
      }
      // Of a line with line breaks inside quotes the number of its first.
      const line = info.lines - record.join('').split('\n').length + 1;
      if (record.every((cell) => cell === '')) continue;
      yield record.length === columns.length
        ? { line, cells: cellsOf(columns, record) }
        : { problem: { line, column: '', code: 'cell_count', about: `${record.length} ≠ ${columns.length}` } };
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new FileBrokenError(lineOf(error), { cause: error });
  } finally {
    source.destroy();
  }
  if (!columns) throw new FileColumnsError('The file is empty');
}

async function* decoded(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let sizeBytes = 0;
  try {
    for await (const chunk of bytes) {
      sizeBytes += chunk.byteLength;
      if (sizeBytes > MAX_FILE_BYTES) throw new FileTooLargeError(MAX_FILE_BYTES);
      const text = decoder.decode(chunk, { stream: true });
      // No text holds it, and Postgres takes none that does.
      if (text.includes('\0')) throw new FileEncodingError();
      yield text;
    }
    yield decoder.decode();
  } catch (error) {
    if (error instanceof TypeError) throw new FileEncodingError({ cause: error });
    throw error;
  }
}

async function* rest(begin: string, text: AsyncIterator<string>): AsyncGenerator<string> {
  yield begin;
  for (let next = await text.next(); !next.done; next = await text.next()) yield next.value;
}

/** Whatever separates most in the first line; column names hold none of them. */
function delimiterOf(begin: string): string {
  const [first = ''] = begin.split('\n', 1);
  const counts = [',', ';', '\t'].map((mark) => [mark, first.split(mark).length] as const);
  return counts.reduce((best, each) => (each[1] > best[1] ? each : best))[0];
}

function checkedColumns(record: readonly string[]): string[] {
  const columns = record.map((cell) => cell.toLowerCase());
  const unknown = columns.filter((column) => !(COLUMNS as readonly string[]).includes(column));
  if (unknown.length > 0)
    throw new FileColumnsError(`Unknown columns: ${unknown.join(', ').slice(0, 200)}. Known: ${COLUMNS.join(', ')}`);
  if (new Set(columns).size !== columns.length) throw new FileColumnsError('A column is there twice');
  if (!columns.includes('sku')) throw new FileColumnsError('The column sku is missing');
  return columns;
}

function cellsOf(columns: readonly string[], record: readonly string[]): Cells {
  return Object.fromEntries(columns.map((column, at) => [column, unguard(record[at] ?? '').trim()]));
}

function lineOf(error: CsvError): number {
  const { lines } = error as CsvError & { lines?: unknown };
  return typeof lines === 'number' ? lines : 0;
}
