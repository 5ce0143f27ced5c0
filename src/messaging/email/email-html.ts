import type { Locale } from '../../platform/index.ts'

// Of the pages' palette (platform/views/styles). Inline, since mail programs drop style sheets.
const ink = '#14293d'
const amber = '#ffc03d'
const mist = '#f1f5f8'
const text = '#12202c'
const fonts = "system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','Liberation Sans',Arial,sans-serif"
const paragraphs = `margin:0 0 16px;font-size:17px;line-height:1.5;color:${text}`
const codes = `margin:0 0 16px;font-size:30px;line-height:1.3;font-weight:bold;letter-spacing:3px;color:${ink}`
const lasts = 'margin:24px 0 0;font-size:15px;line-height:1.5;color:#46586a'

/**
 * The same text for programs that show HTML: its paragraphs, a code on its own line in large letters, the last paragraph
 * (who writes) smaller. No picture, no link, nothing from elsewhere.
 */
export function emailHtml(locale: Locale, subject: string, plain: string): string {
  const said = plain.split(/\n{2,}/)
  const body = said.map((paragraph, index) => {
    const style = index === said.length - 1 ? lasts : isCode(paragraph) ? codes : paragraphs
    return `<p style="${style}">${escaped(paragraph).replaceAll('\n', '<br>')}</p>`
  })
  return `<!doctype html>
<html lang="${locale}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no">
<title>${escaped(subject)}</title></head>
<body style="margin:0;background:${mist};font-family:${fonts}">
<div role="article" lang="${locale}" style="max-width:600px;margin:0 auto;background:#ffffff">
<p style="margin:0;padding:16px 24px;background:${ink};color:#ffffff;font-size:24px;font-weight:bold">Cl<span style="color:${amber}">@</span>ve</p>
<div style="padding:24px">
<h1 style="margin:0 0 20px;font-size:23px;line-height:1.3;color:${ink}">${escaped(subject)}</h1>
${body.join('\n')}
</div></div></body></html>
`
}

const isCode = (paragraph: string): boolean => /^[0-9A-Z-]{4,20}$/.test(paragraph)

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escaped = (plain: string): string => plain.replace(/[&<>"']/g, (character) => entities[character]!)
