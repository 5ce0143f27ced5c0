import { fill, say, type Details } from './island.ts'

/** A screen that stands on the page. */
export interface Screen {
  readonly root: HTMLElement
  part<Kind extends HTMLElement = HTMLElement>(name: string): Kind
  /** What a button, or a form that is sent, does; once at a time, and nothing after the screen was left. */
  on(action: string, act: (from: HTMLElement) => unknown): void
  /** Whether it is still the one that is shown. */
  shown(): boolean
  /** Called when another takes its place. */
  whenLeft(act: () => void): void
}

let current: { readonly name: string; readonly left: (() => void)[] } | undefined

export const shownScreen = (): string | undefined => current?.name

/**
 * Puts a screen on the page: a template of the shell, with `{details}` filled in as text, and without what stands there
 * for other cases (`data-when="a"`, `data-when="!a"`). The heading gets the focus, so that a reader begins with it.
 */
export function show(name: string, details: Details = {}, cases: readonly string[] = []): Screen {
  const template = document.getElementById(`screen-${name}`)
  const place = document.getElementById('screen')
  if (!(template instanceof HTMLTemplateElement) || !place) throw new Error(`no screen '${name}'`)
  const first = current === undefined
  for (const left of current?.left ?? []) left()
  const own: NonNullable<typeof current> = { name, left: [] }
  current = own
  const content = template.content.cloneNode(true) as DocumentFragment
  for (const element of content.querySelectorAll<HTMLElement>('[data-when]'))
    if (!isCase(element.dataset['when'] ?? '', cases)) element.remove()
  fillIn(content, details)
  place.replaceChildren(content)
  document.body.dataset['screen'] = name
  announce(place, first)
  const shown = () => current === own
  return {
    root: place,
    part<Kind extends HTMLElement>(part: string) {
      const found = place.querySelector<Kind>(`[data-part="${part}"]`)
      if (!found) throw new Error(`no part '${part}' in the screen '${name}'`)
      return found
    },
    on: (action, act) => listen(place, action, act),
    shown,
    whenLeft: (act) => void own.left.push(act),
  }
}

const isCase = (when: string, cases: readonly string[]): boolean =>
  when.split(' ').every((one) => (one.startsWith('!') ? !cases.includes(one.slice(1)) : cases.includes(one)))

/** Only texts and addresses: nothing that comes from outside is ever read as HTML. */
function fillIn(content: DocumentFragment, details: Details): void {
  const texts = document.createTreeWalker(content, NodeFilter.SHOW_TEXT)
  for (let node = texts.nextNode(); node; node = texts.nextNode())
    if (node.nodeValue?.includes('{')) node.nodeValue = fill(node.nodeValue, details)
  for (const link of content.querySelectorAll('a[href*="{"], a[href*="%7B"]')) {
    const href = fill(decodeURI(link.getAttribute('href') ?? ''), details)
    // A path of our own, whatever we were told.
    link.setAttribute('href', /^\/(?![/\\])/.test(href) ? href : '/app')
  }
}

function announce(place: HTMLElement, first: boolean): void {
  const heading = place.querySelector('h1')
  document.title = `${heading?.textContent?.trim() ?? ''} – Cl@ve`
  if (!heading || first) return
  heading.tabIndex = -1
  window.scrollTo(0, 0)
  heading.focus({ preventScroll: true })
}

function listen(place: HTMLElement, action: string, act: (from: HTMLElement) => unknown): void {
  for (const element of place.querySelectorAll<HTMLElement>(`[data-action="${action}"]`)) {
    let busy = false
    element.addEventListener(element instanceof HTMLFormElement ? 'submit' : 'click', (event) => {
      event.preventDefault()
      if (busy) return
      busy = true
      const done = setBusy(element)
      void run(act, element).finally(() => {
        busy = false
        done()
      })
    })
  }
}

/** What nobody foresaw is said as well: a button that does nothing is worse. */
async function run(act: (from: HTMLElement) => unknown, element: HTMLElement): Promise<void> {
  try {
    await act(element)
  } catch (error) {
    reportError(error)
    tell(say('brokenDetail'))
  }
}

/** Told to whoever waits longer than a moment. */
function setBusy(element: HTMLElement): () => void {
  const button = element instanceof HTMLFormElement ? element.querySelector('button') : element
  button?.setAttribute('aria-disabled', 'true')
  const timer = setTimeout(() => tell(say('busy')), 700)
  return () => {
    clearTimeout(timer)
    button?.removeAttribute('aria-disabled')
  }
}

/** Says something to whoever does not see it change. */
export function tell(text: string): void {
  const live = document.getElementById('live')
  if (!live) return
  live.textContent = ''
  // A reader hears the same words again only when they are new.
  setTimeout(() => (live.textContent = text), 50)
}

export interface Fault {
  /** Id of the field; undefined: nothing that was typed. */
  readonly field?: string | undefined
  readonly text: string
}

/** Says what is wrong: above everything else, and beside the field; takes away what was said before. */
export function showFaults(screen: Screen, faults: readonly Fault[]): void {
  clearFaults(screen)
  const summary = document.getElementById('part-summary')
  if (!(summary instanceof HTMLTemplateElement) || faults.length === 0) return
  const box = (summary.content.cloneNode(true) as DocumentFragment).firstElementChild as HTMLElement
  const list = box.querySelector('ul')
  for (const { field, text } of faults) {
    const input = field === undefined ? null : document.getElementById(field)
    const item = document.createElement('li')
    item.append(input ? linkTo(input, text) : text)
    list?.append(item)
    if (input) markField(input, text)
  }
  const back = screen.root.querySelector('.clave-back')
  if (back) back.after(box)
  else screen.root.prepend(box)
  document.title = `${say('errorPrefix')} ${document.title}`
  window.scrollTo(0, 0)
  box.focus({ preventScroll: true })
}

export function clearFaults({ root }: Screen): void {
  for (const old of root.querySelectorAll('.govuk-error-summary, .govuk-error-message')) old.remove()
  for (const group of root.querySelectorAll('.govuk-form-group--error'))
    group.classList.remove('govuk-form-group--error')
  for (const input of root.querySelectorAll('.govuk-input--error')) {
    input.classList.remove('govuk-input--error')
    const others = (input.getAttribute('aria-describedby') ?? '').split(' ').filter((id) => id !== `${input.id}-error`)
    if (others.join('') === '') input.removeAttribute('aria-describedby')
    else input.setAttribute('aria-describedby', others.join(' '))
  }
  document.title = document.title.replace(`${say('errorPrefix')} `, '')
}

function linkTo(input: HTMLElement, text: string): HTMLElement {
  const link = document.createElement('a')
  link.href = `#${input.id}`
  link.textContent = text
  link.addEventListener('click', (event) => {
    event.preventDefault()
    ;(document.querySelector(`label[for="${CSS.escape(input.id)}"]`) ?? input).scrollIntoView()
    input.focus({ preventScroll: true })
  })
  return link
}

function markField(input: HTMLElement, text: string): void {
  const message = document.createElement('p')
  message.className = 'govuk-error-message'
  message.id = `${input.id}-error`
  const prefix = document.createElement('span')
  prefix.className = 'govuk-visually-hidden'
  prefix.textContent = `${say('errorPrefix')} `
  message.append(prefix, text)
  input.before(message)
  input.classList.add('govuk-input--error')
  const described = [input.getAttribute('aria-describedby'), message.id].filter(Boolean).join(' ')
  input.setAttribute('aria-describedby', described)
  input.closest('.govuk-form-group')?.classList.add('govuk-form-group--error')
}
