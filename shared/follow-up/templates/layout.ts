/** Of a link that is a button. */
export const buttonStyle =
  'display:inline-block;padding:13px 22px;border-radius:8px;background:#0f6b5c;color:#ffffff;font-weight:600;text-decoration:none';

/** The frame of every HTML mail: nothing to load; styles stand on the elements, since mail programs drop style sheets. */
function documentOf(background: string, body: string): string {
  return `<!doctype html>
<html lang="{{ language }}" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<title>{{ subject }}</title>
</head>
<body style="margin:0;padding:0;background:${background};color:#1d2430">
${body}
</body>
</html>
`;
}

const font = "16px/1.6 -apple-system,'Segoe UI',Roboto,'Noto Sans',Helvetica,Arial,sans-serif";

/** A card in one column: what the platform sends by itself. */
export const cardLayout = documentOf(
  '#f4f2ec',
  `<div style="display:none;max-height:0;overflow:hidden">{{ preview }}</div>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="background:#f4f2ec">
<tr><td align="center" style="padding:32px 16px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:560px;text-align:left;font:${font};color:#1d2430">
<tr><td style="padding:0 4px 14px;font-weight:700;color:#0f6b5c">{{ company }}</td></tr>
<tr><td style="padding:32px;background:#ffffff;border:1px solid #e3e1da;border-radius:14px">
<h1 style="margin:0 0 18px;font-size:23px;line-height:1.3;letter-spacing:-0.01em">{{ subject }}</h1>
{{ content | raw }}
</td></tr>
<tr><td style="padding:18px 4px 0;font-size:13px;line-height:1.6;color:#5d6878">
{{ footer }}<br>
{{ company }} · <a href="mailto:{{ contact }}" style="color:#5d6878">{{ contact }}</a>{% if unsubscribeUrl %}<br>
<a href="{{ unsubscribeUrl }}" style="color:#5d6878">{{ unsubscribe }}</a>{% endif %}
</td></tr>
</table>
</td></tr>
</table>`,
);

/** What a person of ours wrote, and who writes. */
export const letterLayout = documentOf(
  '#ffffff',
  `<div style="max-width:640px;padding:20px;font:${font}">
{{ content | raw }}
<p style="margin:24px 0 0;padding-top:12px;border-top:1px solid #e3e1da;font-size:14px;color:#5d6878"><strong style="color:#0f6b5c">{{ company }}</strong><br>
<a href="mailto:{{ contact }}" style="color:#5d6878">{{ contact }}</a></p>
</div>`,
);

export const textLayout = `{{ content }}

--
{% if footer %}{{ footer }}
{% endif %}{{ company }} · {{ contact }}
{% if unsubscribeUrl %}{{ unsubscribe }}: {{ unsubscribeUrl }}
{% endif %}`;
