import { inflateSync } from 'node:zlib'

/**
 * The text of a PDF that our own service made, line by line: what pdfkit writes with the built-in fonts, as compressed
 * streams with hexadecimal strings in Windows code page 1252. No reader of PDFs in general.
 */
export function readPdfLines(pdf: Buffer): readonly string[] {
  const streams = [...pdf.toString('latin1').matchAll(/\/Filter \/FlateDecode\n>>\nstream\n([\s\S]*?)\nendstream/g)]
  return streams.flatMap(([, stream = '']) => linesOf(inflateSync(Buffer.from(stream, 'latin1')).toString('latin1')))
}

function linesOf(content: string): readonly string[] {
  return [...content.matchAll(/\[([^\]]*)\] TJ/g)].map(([, pieces = '']) =>
    [...pieces.matchAll(/<([0-9a-f]*)>/g)].map(([, hex = '']) => windows1252.decode(Buffer.from(hex, 'hex'))).join(''),
  )
}

const windows1252 = new TextDecoder('windows-1252')
