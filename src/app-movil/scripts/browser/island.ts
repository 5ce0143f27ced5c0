/** What the server hands to the script: who it is, and the texts that no template holds. */
export interface Island {
  readonly baseUrl: string
  readonly locale: string
  /** Address of the script that reads QR codes: fetched when a camera is opened, since it is larger than all the rest. */
  readonly qr: string
  readonly texts: Readonly<Record<string, string>>
}

export const island = JSON.parse(document.getElementById('island')?.textContent ?? '{}') as Island

export type Details = Readonly<Record<string, string>>

export const fill = (text: string, details: Details): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => details[name] ?? whole)

export const say = (name: string, details: Details = {}): string => fill(island.texts[name] ?? name, details)
