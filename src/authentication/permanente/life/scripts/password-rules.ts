/** Says which rules a new password keeps while it is typed. What only the server can know is left to it. */

const pause = 800

for (const section of document.querySelectorAll<HTMLElement>('.clave-rules')) watchRules(section)

function watchRules(section: HTMLElement): void {
  const words = section.dataset
  const field = document.getElementById(words['field'] ?? '') as HTMLInputElement | null
  const status = section.querySelector<HTMLElement>('[data-part="status"]')
  if (!field || !status) return
  let waiting: ReturnType<typeof setTimeout> | undefined
  field.addEventListener('input', () => {
    const kept = judge(field.value, words)
    for (const rule of section.querySelectorAll<HTMLElement>('[data-rule]'))
      mark(rule, kept[rule.dataset['rule'] ?? ''], words)
    // Said when the typing rests: a reader that is interrupted at each letter says nothing.
    clearTimeout(waiting)
    waiting = setTimeout(() => (status.textContent = field.value === '' ? '' : summaryOf(kept, words)), pause)
  })
}

type Words = DOMStringMap
type Kept = Readonly<Record<string, boolean | undefined>>

/** As the server counts: code points of the composed form; letters without capitals are signs. */
function judge(typed: string, words: Words): Kept {
  if (typed === '') return {}
  const most = [...typed.normalize('NFKC')].length
  const least = Math.min(most, [...typed.normalize('NFC')].length)
  const classes = [/[\p{Lu}\p{Lt}]/u, /\p{Ll}/u, /\p{Nd}/u, /[^\p{Lu}\p{Lt}\p{Ll}\p{Nd}]/u]
  const found = classes.filter((one) => one.test(typed.normalize('NFKC'))).length
  return {
    length: least >= Number(words['least']) && most <= Number(words['most']),
    classes: found >= Number(words['classes']) || least >= Number(words['long']),
  }
}

function mark(rule: HTMLElement, kept: boolean | undefined, words: Words): void {
  const state = kept === undefined ? 'open' : kept ? 'kept' : 'broken'
  rule.className = `clave-rules__rule clave-rules__rule--${state}`
  const said = rule.querySelector<HTMLElement>('[data-part="mark"]')
  const later = 'live' in rule.dataset ? '' : words['later']
  if (said) said.textContent = (kept === undefined ? later : kept ? words['kept'] : words['broken']) ?? ''
}

function summaryOf(kept: Kept, words: Words): string {
  if (kept['length'] === false) return words['missingLength'] ?? ''
  return (kept['classes'] === false ? words['missingClasses'] : words['all']) ?? ''
}

export {}
