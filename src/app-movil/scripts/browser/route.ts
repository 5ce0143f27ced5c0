/** Which screen an address shows, and how to get there without loading the page again. */

const routes = new Map<string, () => unknown>()
let otherwise: () => unknown = () => undefined

export function addRoutes(table: Readonly<Record<string, () => unknown>>, home: () => unknown): void {
  for (const [path, render] of Object.entries(table)) routes.set(path, render)
  otherwise = home
}

let renders = 0

/** Answers how to tell whether the citizen has gone on to another screen since. */
export function stillHere(): () => boolean {
  const now = renders
  return () => now === renders
}

/** Shows the screen of the page's address. */
export function render(): void {
  renders += 1
  for (const link of document.querySelectorAll<HTMLAnchorElement>('[data-language]'))
    link.href = `${location.pathname}?lang=${link.dataset['language'] ?? ''}`
  void (routes.get(location.pathname) ?? otherwise)()
}

export function go(path: string, how: 'push' | 'replace' = 'push'): void {
  if (how === 'replace' || path === location.pathname) history.replaceState(null, '', path)
  else history.pushState(null, '', path)
  render()
}

/** Links between screens load nothing; all others are left to the browser. What looks like a button is pressed like one. */
export function followLinks(): void {
  document.addEventListener('keydown', (event) => {
    const { target, key } = event
    if (key !== ' ' || !(target instanceof HTMLAnchorElement) || target.getAttribute('role') !== 'button') return
    event.preventDefault()
    target.click()
  })
  window.addEventListener('popstate', () => render())
  document.addEventListener('click', (event) => {
    const { target, button, ctrlKey, metaKey, shiftKey, altKey, defaultPrevented } = event
    const link = target instanceof Element ? target.closest('a') : null
    if (!link || defaultPrevented || button !== 0 || ctrlKey || metaKey || shiftKey || altKey) return
    if (link.origin !== location.origin || link.search !== '' || !routes.has(link.pathname)) return
    if (link.getAttribute('href')?.startsWith('#')) return
    event.preventDefault()
    go(link.pathname)
  })
}
