import type { Channel } from '../../shared/contracts/interaction.ts';

const names: Record<Channel, string> = {
  web: 'Website',
  email: 'Mail',
  voice: 'Phone',
  sms: 'SMS',
  system: 'Platform',
};

/** Outlines in a square of 24. */
const outlines: Record<Channel, string> = {
  web: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M3 12h18M12 3c5 5 5 13 0 18M12 3c-5 5-5 13 0 18',
  email: 'M3 6h18v12H3zM3 7l9 6 9-6',
  voice: 'M5 4h4l1.5 5-2.5 1.8a12 12 0 0 0 5.2 5.2L15 13.5l5 1.5v4a2 2 0 0 1-2 2A15 15 0 0 1 3 6a2 2 0 0 1 2-2z',
  sms: 'M4 4h16v12H10l-5 4v-4H4z',
  system: 'M10 14 14 10M9 11 6 14a2.8 2.8 0 0 0 4 4l3-3M15 13l3-3a2.8 2.8 0 0 0-4-4l-3 3',
};

const svgNamespace = 'http://www.w3.org/2000/svg';

/** The channel as a small picture with its name for whoever cannot see it. */
export function channelIcon(channel: Channel): SVGElement {
  const icon = svg('svg', { viewBox: '0 0 24 24', class: 'channel', role: 'img', 'aria-label': names[channel] });
  const title = svg('title', {});
  title.textContent = names[channel];
  icon.append(title, svg('path', { d: outlines[channel] }));
  return icon;
}

/** The channel's name as a person says it. */
export function channelName(channel: Channel): string {
  return names[channel];
}

function svg(tag: string, attributes: Record<string, string>): SVGElement {
  const made = document.createElementNS(svgNamespace, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
