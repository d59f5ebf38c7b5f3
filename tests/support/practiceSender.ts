/** Who writes, in tests of what is sent. */
export const practiceSender = {
  address: 'praxis@lindenhof.example',
  replyDomain: 'inbound.lindenhof.example',
  company: 'Tierarztpraxis Lindenhof',
  timeZone: 'Europe/Berlin',
  language: 'de',
  publicUrl: 'https://api.lindenhof.example',
} as const;
