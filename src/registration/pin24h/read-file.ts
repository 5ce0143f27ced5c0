import { CsvError, parse } from 'csv-parse/sync'
import { columns, readRecord, type Column, type FieldFault } from './read-record.ts'
import type { Pin24hRecord } from './record-table.ts'

/** What is wrong with a line of the file; `field` is absent where the line as such, or the file, is at fault. */
export interface LineFault {
  /** Of the file, from 1: the line where the record begins. */
  readonly line: number
  readonly field?: Column
  /** To follow "expected". */
  readonly expected: string
}

export interface Line {
  readonly line: number
  readonly record: Pin24hRecord
}

/** What a file holds: all of it is looked at, whatever is wrong with it. */
export interface FileRead {
  readonly lines: readonly Line[]
  readonly faults: readonly LineFault[]
}

/** Of one file; more come in several. */
export const mostOctets = 4 * 1024 * 1024
export const mostRecords = 20_000

/**
 * Reads a CSV file (RFC 4180) with a header, separated by commas or, as Spanish spreadsheets write it, by semicolons;
 * UTF-8, with or without a byte order mark. Where its quoting is broken nothing can be said of what follows, so reading
 * ends there.
 */
export function readFile(file: Buffer): FileRead {
  const text = file.byteLength > mostOctets ? undefined : decoded(file)
  if (file.byteLength > mostOctets) return whole('a file of at most 4 MiB')
  if (text === undefined) return whole('text in UTF-8')
  const { rows, broken } = rowsOf(text)
  const [header, ...body] = rows
  const order = header && orderOf(header.fields)
  if (!order) return broken && !header ? { lines: [], faults: [broken] } : whole(`the columns ${columns.join(', ')}`)
  if (body.length > mostRecords) return whole(`at most ${mostRecords} records`)
  if (body.length === 0 && !broken) return whole('a line for each record, after the header')
  const read = body.map((row) => readRow(row, order))
  return {
    lines: read.flatMap(({ lines }) => lines),
    faults: [...read.flatMap(({ faults }) => faults), ...(broken ? [broken] : [])],
  }
}

const whole = (expected: string): FileRead => ({ lines: [], faults: [{ line: 1, expected }] })

function decoded(file: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(file)
  } catch {
    return undefined
  }
}

interface Row {
  readonly line: number
  readonly fields: readonly string[]
}

/** More than all fields at their longest. */
const mostOfRecord = 8_000

function rowsOf(text: string): { readonly rows: readonly Row[]; readonly broken: LineFault | undefined } {
  const [first = ''] = text.split('\n', 1)
  const rows: Row[] = []
  let end = 0
  try {
    parse(text, {
      delimiter: first.includes(';') ? ';' : ',',
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: mostOfRecord,
      on_record: (fields: string[], { lines }) => {
        rows.push({ line: lines - breaksIn(fields), fields })
        end = lines
        return null
      },
    })
    return { rows, broken: undefined }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    return { rows, broken: { line: end + 1, expected: said(error.code) } }
  }
}

const breaksIn = (fields: readonly string[]): number => fields.join('').split('\n').length - 1

const said = (code: string): string =>
  code === 'CSV_MAX_RECORD_SIZE'
    ? `at most ${mostOfRecord} characters; nothing after it was read`
    : 'quotes around a whole field, doubled inside it, and closed; nothing after it was read'

/** Where each column stands; undefined where they are others than expected, or some are named twice. */
function orderOf(header: readonly string[]): Readonly<Record<Column, number>> | undefined {
  const names = header.map((name) => name.trim().toLowerCase())
  if (names.length !== columns.length || !columns.every((column) => names.includes(column))) return undefined
  return Object.fromEntries(columns.map((column) => [column, names.indexOf(column)])) as Record<Column, number>
}

function readRow({ line, fields }: Row, order: Readonly<Record<Column, number>>): FileRead {
  if (fields.length !== columns.length)
    return { lines: [], faults: [{ line, expected: `${columns.length} fields, not ${fields.length}` }] }
  const named = Object.fromEntries(columns.map((column) => [column, fields[order[column]] ?? '']))
  const record = readRecord(named as Record<Column, string>)
  return isFaults(record)
    ? { lines: [], faults: record.map((one) => ({ line, ...one })) }
    : { lines: [{ line, record }], faults: [] }
}

const isFaults = (read: Pin24hRecord | readonly FieldFault[]): read is readonly FieldFault[] => Array.isArray(read)
