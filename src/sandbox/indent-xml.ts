/** XML for reading: an element a line, those without children in one. */
export function indented(xml: string): string {
  let depth = 0
  return xml
    .replace(/<([\w:.-]+)((?:\s[^<>]*)?)><\/\1>/g, '<$1$2/>')
    .replace(/>\s*</g, '>\n<')
    .split('\n')
    .map((line) => {
      if (line.startsWith('</')) depth -= 1
      const text = `${'  '.repeat(Math.max(depth, 0))}${line}`
      const opens = /^<[^/?!]/.test(line) && !line.endsWith('/>') && !/<\/[^>]+>$/.test(line)
      if (opens) depth += 1
      return text
    })
    .join('\n')
}
