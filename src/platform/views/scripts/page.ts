/** What every page does when the browser can: nothing on it is needed to use a page. */

document.body.classList.add('js-enabled', 'govuk-frontend-supported')

for (const summary of document.querySelectorAll<HTMLElement>('.govuk-error-summary')) focusSummary(summary)
for (const toggle of document.querySelectorAll<HTMLButtonElement>('.govuk-password-input__toggle')) showPassword(toggle)
for (const section of document.querySelectorAll<HTMLElement>('.clave-timeout')) watchTime(section)
document.addEventListener('submit', refuseSecondSubmit)
// An answer to an agency goes on by itself; its button is for browsers without scripts.
document.querySelector<HTMLFormElement>('form[data-at-once]')?.requestSubmit()
// A page that comes back from the browser's memory may be sent again.
window.addEventListener('pageshow', () => {
  for (const form of document.forms) delete form.dataset['sent']
})

/** The summary is read first, and its links lead into the fields. */
function focusSummary(summary: HTMLElement): void {
  summary.tabIndex = -1
  summary.focus()
  summary.addEventListener('click', (event) => {
    const href = event.target instanceof HTMLAnchorElement ? event.target.getAttribute('href') : null
    const field = href?.startsWith('#') ? document.getElementById(href.slice(1)) : null
    if (!field) return
    event.preventDefault()
    const beginning = document.querySelector(`label[for="${CSS.escape(field.id)}"]`) ?? field
    ;(field.closest('fieldset')?.querySelector('legend') ?? beginning).scrollIntoView()
    field.focus({ preventScroll: true })
  })
}

function refuseSecondSubmit(event: SubmitEvent): void {
  const form = event.target as HTMLFormElement
  if (event.defaultPrevented) return
  if (form.dataset['sent']) event.preventDefault()
  form.dataset['sent'] = 'yes'
}

/** The button is hidden without a script, since it could do nothing. */
function showPassword(toggle: HTMLButtonElement): void {
  const input = document.getElementById(toggle.getAttribute('aria-controls') ?? '') as HTMLInputElement | null
  if (!input) return
  const status = document.createElement('div')
  status.className = 'govuk-visually-hidden'
  status.setAttribute('aria-live', 'polite')
  toggle.after(status)
  toggle.hidden = false
  const turn = (visible: boolean) => {
    const words = toggle.dataset
    input.type = visible ? 'text' : 'password'
    toggle.textContent = (visible ? words['hide'] : words['show']) ?? ''
    toggle.setAttribute('aria-label', (visible ? words['hideLabel'] : words['showLabel']) ?? '')
    status.textContent = (visible ? words['shown'] : words['hidden']) ?? ''
  }
  toggle.addEventListener('click', () => turn(input.type === 'password'))
  // Sent hidden again, so that the browser offers to keep it as a password and not as a text.
  input.form?.addEventListener('submit', () => turn(false))
}

/** Shows the warning when three minutes are left, says how many, and asks for more without leaving the page. */
function watchTime(section: HTMLElement): void {
  const text = part(section, 'text')
  const live = part(section, 'live')
  const form = section.querySelector('form')
  const shortFrom = 180
  let ends = Date.now() + Number(section.dataset['seconds']) * 1000
  let said = ''
  const say = (words: string) => {
    if (words !== said) live.textContent = said = words
  }
  const tick = () => {
    const left = Math.ceil((ends - Date.now()) / 1000)
    const short = left <= shortFrom
    section.classList.toggle('clave-timeout--waiting', !short)
    section.classList.toggle('clave-timeout--short', short)
    if (!short) return
    const words = wordsFor(section, left)
    text.textContent = words
    say(words)
    if (left <= 0) form?.remove()
  }
  tick()
  setInterval(tick, 1000)
  form?.addEventListener('submit', (event) => {
    event.preventDefault()
    void moreTime(form).then((seconds) => {
      delete form.dataset['sent']
      if (seconds === undefined) return say(section.dataset['failed'] ?? '')
      ends = Date.now() + seconds * 1000
      tick()
      say(section.dataset['extended'] ?? '')
    })
  })
}

function part(section: HTMLElement, name: string): HTMLElement {
  return section.querySelector<HTMLElement>(`[data-part="${name}"]`) ?? section
}

function wordsFor(section: HTMLElement, left: number): string {
  const words = section.dataset
  if (left <= 0) return words['ended'] ?? ''
  if (left < 60) return words['secondsLeft'] ?? ''
  const minutes = Math.floor(left / 60)
  return ((minutes === 1 ? words['one'] : words['other']) ?? '').replace('#', String(minutes))
}

/** Answers the seconds there are now; nothing when the server gave none. */
async function moreTime(form: HTMLFormElement): Promise<number | undefined> {
  const fields = new URLSearchParams()
  for (const [name, value] of new FormData(form)) if (typeof value === 'string') fields.set(name, value)
  try {
    const answer = await fetch(form.action, { method: 'POST', body: fields, headers: { accept: 'application/json' } })
    if (!answer.ok) return undefined
    const { seconds } = (await answer.json()) as { seconds?: unknown }
    return typeof seconds === 'number' ? seconds : undefined
  } catch {
    return undefined
  }
}

export {}
