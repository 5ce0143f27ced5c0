export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/**
 * Reads tap's TAP (version 14, one subtest a file) line by line: says one line for each file, and for a file that failed
 * what failed, where and why. Counts the tests that stand directly in a file; a file that broke before its first is one failure.
 */
export class TapReading {
  private passed = 0
  private failed = 0
  private skipped = 0
  /** The file being read: all its lines, and its own counts. */
  private file: { lines: string[]; passed: number; failed: number } = { lines: [], passed: 0, failed: 0 }
  private readonly say: (line: string) => void

  constructor(say: (line: string) => void) {
    this.say = say
  }

  line(text: string): void {
    const point = /^( *)(ok|not ok)\b(?: \d+)?(?: - (.*))?$/.exec(text)
    if (point?.[1] === '') this.endFile(point[2] === 'ok', point[3] ?? '')
    else {
      this.file.lines.push(text)
      if (!point) return
      const skip = / # SKIP\b/i.test(point[3] ?? '')
      if (skip) this.skipped++
      else if (point[1]?.length === 4) this.file[point[2] === 'ok' ? 'passed' : 'failed']++
    }
  }

  /** Call once, at the end, with tap's exit code: what it refuses without a failed test (a crash of its own) is a failure too. */
  end(exitCode: number): Counts {
    if (exitCode !== 0 && this.failed === 0) {
      for (const line of this.file.lines) this.say(line)
      this.failed++
    }
    return { passed: this.passed, failed: this.failed, skipped: this.skipped }
  }

  private endFile(ok: boolean, description: string): void {
    const { lines, passed, failed } = this.file
    const broken = !ok && failed === 0 ? 1 : 0
    this.file = { lines: [], passed: 0, failed: 0 }
    this.passed += passed
    this.failed += failed + broken
    this.say(
      `${ok ? 'ok    ' : 'FAILED'} ${description.replace(/ # time=(\d+).*/, (_, ms) => ` (${Number(ms) / 1000} s)`)}`,
    )
    if (!ok) for (const line of broken ? lines : failures(lines)) this.say(`  ${line}`)
  }
}

/** The failed points that have no failed point below them, each under the names of the tests around it. */
export function failures(lines: readonly string[]): string[] {
  const said: string[] = []
  const names: string[] = []
  /** By depth: whether the next point there ends a subtest, and whether something failed inside. */
  const within: { subtest: boolean; failed: boolean }[] = []
  let telling: number | undefined
  let told = 0
  for (const line of lines) {
    const indent = line.length - line.trimStart().length
    const depth = Math.floor(indent / 4)
    if (telling !== undefined && (indent > telling || line.trim() === '')) {
      if (line.trim() !== '' && told++ < 80) said.push(line.slice(telling))
      continue
    }
    telling = undefined
    const text = line.trimStart()
    if (text.startsWith('# Subtest: ')) {
      names.splice(depth, names.length, text.slice('# Subtest: '.length))
      within[depth] = { subtest: true, failed: false }
    } else if (/^not ok\b/.test(text) && !/ # (TODO|SKIP)\b/i.test(text)) {
      const here = within[depth]
      if (!here?.subtest || !here.failed) {
        said.push('', [...names.slice(1, depth), text.replace(/^not ok \d+( - )?/, '')].join(' > '))
        telling = indent
        told = 0
      }
      for (const outer of within.slice(0, depth)) if (outer) outer.failed = true
      within[depth] = { subtest: false, failed: true }
    } else if (/^ok\b/.test(text)) within[depth] = { subtest: false, failed: within[depth]?.failed ?? false }
  }
  return said
}
