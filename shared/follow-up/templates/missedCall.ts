import type { Template } from './template.ts';

/** After a call that nobody answered. The first line is all that many people read in their list of mails. */
export const missedCall: Template = {
  en: {
    subject: 'We missed your call',
    preview: 'Sorry that nobody picked up. Just reply to this mail, or call us again.',
    text: `{% if name %}Hello {{ name }},{% else %}Hello,{% endif %}

you called us on {{ calledAt }}, and nobody picked up. We are sorry about that.

Just reply to this mail and tell us what it is about; we will get back to you. {% if phone %}Or call us again at {{ phone }}.{% else %}Or give us another call.{% endif %}

Kind regards,
{{ company }}`,
    html: `<p>{% if name %}Hello {{ name }},{% else %}Hello,{% endif %}</p>
<p>you called us on <strong>{{ calledAt }}</strong>, and nobody picked up. We are sorry about that.</p>
<p>Just reply to this mail and tell us what it is about; we will get back to you.</p>
{% if phone %}<p style="margin:28px 0"><a href="tel:{{ phoneLink }}" style="{{ button }}">Call us: <span style="white-space:nowrap">{{ phone }}</span></a></p>{% endif %}
<p>Kind regards,<br>{{ company }}</p>`,
    footer: 'You receive this mail because you called us.',
    unsubscribe: 'No more mails after missed calls',
  },
  de: {
    subject: 'Wir haben Ihren Anruf verpasst',
    preview: 'Es tut uns leid, dass niemand abgenommen hat. Antworten Sie einfach auf diese E-Mail.',
    text: `{% if name %}Guten Tag {{ name }},{% else %}Guten Tag,{% endif %}

Sie haben uns am {{ calledAt }} angerufen, und niemand hat abgenommen. Das tut uns leid.

Antworten Sie einfach auf diese E-Mail und schreiben Sie uns, worum es geht; wir melden uns bei Ihnen. {% if phone %}Oder rufen Sie uns noch einmal an: {{ phone }}.{% else %}Oder rufen Sie uns noch einmal an.{% endif %}

Freundliche Grüße
{{ company }}`,
    html: `<p>{% if name %}Guten Tag {{ name }},{% else %}Guten Tag,{% endif %}</p>
<p>Sie haben uns am <strong>{{ calledAt }}</strong> angerufen, und niemand hat abgenommen. Das tut uns leid.</p>
<p>Antworten Sie einfach auf diese E-Mail und schreiben Sie uns, worum es geht; wir melden uns bei Ihnen.</p>
{% if phone %}<p style="margin:28px 0"><a href="tel:{{ phoneLink }}" style="{{ button }}">Rufen Sie uns an: <span style="white-space:nowrap">{{ phone }}</span></a></p>{% endif %}
<p>Freundliche Grüße<br>{{ company }}</p>`,
    footer: 'Sie erhalten diese E-Mail, weil Sie uns angerufen haben.',
    unsubscribe: 'Keine E-Mails mehr nach verpassten Anrufen',
  },
};
